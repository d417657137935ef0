package dev.guardrail.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.proof.LogAudit;
import dev.guardrail.server.corpus.FilesUpstream;
import dev.guardrail.server.wiring.Served;
import dev.guardrail.testing.HeldLog;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import picocli.CommandLine;

/// Undo over HTTP and from a terminal, with the policy and the commands of the guide, on real files behind an MCP
/// server.
@ResourceLock(Resources.SYSTEM_OUT)
final class UndoSpec {
    private static final Path GUIDE = Path.of("../docs/guide/undo.md");

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    private Path directory;

    @SuppressWarnings("NullAway.Init") // set before each
    private Path files;

    @SuppressWarnings("NullAway.Init") // set before each
    private FilesUpstream upstream;

    @SuppressWarnings("NullAway.Init") // set before each
    private Served served;

    private final PrintStream terminal = System.out;
    private final PrintStream errors = System.err;
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();

    @BeforeEach
    void start() throws Exception {
        files = Files.createDirectory(directory.resolve("files"));
        upstream = new FilesUpstream(files);
        served = upstream.guarded(
                Files.createDirectory(directory.resolve("guard")),
                FilesUpstream.blocks().getFirst());
        Files.writeString(directory.resolve("ann"), Served.ANN + "\n");
        Files.writeString(directory.resolve("root"), Served.ROOT + "\n");
    }

    @AfterEach
    void end() throws IOException {
        served.close();
        upstream.close();
    }

    /// Everything that is there, by name, to the byte.
    private Map<String, String> state() throws IOException {
        try (var all = Files.list(files)) {
            var state = new TreeMap<String, String>();
            for (Path file : all.toList())
                state.put(
                        file.getFileName().toString(), java.util.HexFormat.of().formatHex(Files.readAllBytes(file)));
            return state;
        }
    }

    private Served.Answer call(String tool, String arguments) {
        return served.post(
                Served.CODER,
                "/v1/calls",
                "{\"tool\":\"files." + tool + "\",\"arguments\":" + arguments + ",\"run\":\"guard\"}");
    }

    private Served.Answer write(String path, String content) {
        var answer = call(
                "write_file",
                JsonObject.with("path", path).with("content", content).build().toString());
        assertEquals("succeeded", answer.text("state"), answer.text());
        assertEquals("exact", answer.text("undo"));
        return answer;
    }

    private Served.Answer undo(String target, String body) {
        return served.post(Served.ANN, "/v1/" + target + "/undo", body);
    }

    private static List<String> states(Served.Answer answer) {
        return answer.json().array("steps").orElseThrow().objects().stream()
                .map(step -> step.text("state").orElseThrow())
                .toList();
    }

    private void assertSound() throws IOException {
        assertEquals(
                Optional.empty(),
                LogAudit.of(HeldLog.of(served.journal().store())).fault());
    }

    @Test
    void a_session_of_writes_overwrites_and_moves_is_undone_to_the_byte() throws IOException {
        Files.writeString(files.resolve("a"), "one\r\n\u00e4\u20ac \ud83d\ude00\n");
        Files.writeString(files.resolve("b"), "");
        Map<String, String> before = state();
        String session = write("a", "changed").text("session");
        write("a", "changed \"again\"");
        assertEquals(
                "succeeded",
                call("move_file", "{\"source\":\"b\",\"destination\":\"c\"}").text("state"));
        write("c", "moved and filled");
        assertFalse(before.equals(state()));
        var plan = undo("sessions/" + session, "{\"plan\":true}");
        assertEquals(List.of("ready", "ready", "ready", "ready"), states(plan), plan.text());

        var undone = undo("sessions/" + session, "{\"reason\":\"wrong\"}");

        assertEquals(List.of("undone", "undone", "undone", "undone"), states(undone), undone.text());
        assertEquals("true", undone.get("complete").toString());
        assertEquals(before, state());
        assertSound();
    }

    @Test
    void a_foreign_change_is_a_conflict_and_stays() throws IOException {
        Files.writeString(files.resolve("a"), "old");
        var written = write("a", "new");
        Files.writeString(files.resolve("a"), "foreign");
        String call = "calls/" + written.text("callId");

        var refused = undo(call, "{\"reason\":\"wrong\"}");

        assertEquals(409, refused.status());
        assertEquals("conflict", refused.problem());
        assertEquals("foreign", Files.readString(files.resolve("a")));
        Files.writeString(files.resolve("a"), "new");
        assertEquals(200, undo(call, "{\"reason\":\"wrong\"}").status());
        assertEquals("old", Files.readString(files.resolve("a")));
        assertEquals("undone", served.get(Served.ANN, "/v1/" + call).text("state"));
        assertSound();
    }

    @Test
    void a_file_that_came_into_the_way_of_a_move_back_is_not_overwritten() throws IOException {
        Files.writeString(files.resolve("b"), "moved");
        String call =
                call("move_file", "{\"source\":\"b\",\"destination\":\"c\"}").text("callId");
        Files.writeString(files.resolve("b"), "foreign");

        assertEquals("conflict", undo("calls/" + call, "{\"reason\":\"x\"}").problem());

        assertEquals("foreign", Files.readString(files.resolve("b")));
        Files.delete(files.resolve("b"));
        assertEquals(200, undo("calls/" + call, "{\"reason\":\"x\"}").status());
        assertEquals("moved", Files.readString(files.resolve("b")));
    }

    @Test
    void where_the_hook_fails_the_call_is_denied_by_the_rule_that_requires_an_undo() throws IOException {
        upstream.before.set(params -> {
            if (params.text("name").equals(Optional.of("read_text_file")))
                throw new UncheckedIOException(new IOException("EACCES: permission denied"));
        });
        String arguments = "{\"path\":\"a\",\"content\":\"x\"}";
        assertEquals("deny", call("write_file", arguments).text("effect"));
        assertFalse(Files.exists(files.resolve("a")));

        upstream.before.set(params -> {});
        assertEquals("allow", call("write_file", arguments).text("effect"));
        assertTrue(Files.exists(files.resolve("a")));
    }

    /// The server hangs up without an answer, so often, where this tool is called.
    private void hangUp(String tool, int times) {
        var left = new AtomicInteger(times);
        upstream.before.set(params -> {
            if (params.text("name").equals(Optional.of(tool)) && left.getAndDecrement() > 0)
                throw new IllegalStateException("hangs up");
        });
    }

    @Test
    void a_server_that_hangs_up_is_looked_at_again_and_what_may_have_run_is_not_run_again() throws IOException {
        Files.writeString(files.resolve("a"), "old");
        hangUp("read_text_file", 1);
        var written = write("a", "new");
        hangUp("write_file", 1);

        var lost = undo("calls/" + written.text("callId"), "{\"reason\":\"wrong\"}");

        assertEquals(List.of("in_doubt"), states(lost), lost.text());
        assertEquals("new", Files.readString(files.resolve("a")));
        assertSound();
    }

    private static String key(JsonObject params) {
        return params.object("_meta")
                .flatMap(meta -> meta.text("dev.guardrail/idempotency-key"))
                .orElse("");
    }

    @Test
    void a_call_and_its_undo_say_which_calls_they_are_and_no_look_does() throws IOException {
        Files.writeString(files.resolve("a"), "old");
        var calls = new CopyOnWriteArrayList<String>();
        upstream.before.set(params -> calls.add(params.text("name").orElseThrow() + " " + key(params)));
        String id = write("a", "new").text("callId");
        assertEquals(List.of("read_text_file ", "write_file " + id, "read_text_file "), calls);
        calls.clear();

        var undone = undo("calls/" + id, "{\"reason\":\"wrong\"}");

        String by = undone.json()
                .array("steps")
                .orElseThrow()
                .objects()
                .getFirst()
                .text("by")
                .orElseThrow();
        assertEquals(List.of("read_text_file ", "write_file " + by), calls);
    }

    @Test
    void what_may_be_repeated_is_undone_although_its_server_hung_up_once() throws IOException {
        Path policy = directory.resolve("guard/policies/undo.yaml");
        Served.write(
                policy,
                Files.readString(policy)
                        .replace(
                                "write_file:\n    effect: write",
                                "write_file:\n    effect: write\n    idempotent: true"));
        served.reload();
        Files.writeString(files.resolve("a"), "old");
        var written = write("a", "new");
        hangUp("write_file", 1);

        var undone = undo("calls/" + written.text("callId"), "{\"reason\":\"wrong\"}");

        assertEquals(List.of("undone"), states(undone), undone.text());
        assertEquals("old", Files.readString(files.resolve("a")));
        assertSound();
    }

    @Test
    void what_cannot_be_undone_says_so_before_and_after() {
        var sent = call("send_message", "{\"text\":\"hello\"}");
        assertEquals("none", sent.text("undo"));

        var refused = undo("calls/" + sent.text("callId"), "{\"reason\":\"wrong\"}");

        assertEquals("not-undoable", refused.problem());
        assertTrue(refused.text("detail").contains("a sent message cannot be unsent"), refused.text());
    }

    @Test
    void from_the_third_message_on_people_are_asked_and_files_are_written_all_the_same() throws Exception {
        Served.write(directory.resolve("guard/policies/limit.yaml"), FilesUpstream.policies("session.irreversible"));
        served.reload();
        write("a", "one");
        String session = call("send_message", "{\"text\":\"1\"}").text("session");
        assertEquals("succeeded", call("send_message", "{\"text\":\"2\"}").text("state"));

        var third = call("send_message", "{\"text\":\"3\"}");

        assertEquals("held", third.text("state"), third.text());
        write("a", "two");
        var shown = served.get(Served.ROOT, "/v1/sessions/" + session);
        assertEquals(
                Optional.of(2L),
                shown.json().integer("irreversible").stream().boxed().findFirst(),
                shown.text());
        assertSound();
    }

    @Test
    void an_agent_and_an_auditor_cannot_undo() {
        String call = "/v1/calls/" + write("a", "x").text("callId") + "/undo";
        for (String key : List.of(Served.CODER, Served.APP, Served.SAM))
            assertEquals(403, served.post(key, call, "{\"reason\":\"x\"}").status());
        assertEquals(404, undo("calls/call_none", "{\"reason\":\"x\"}").status());
        assertEquals(404, undo("sessions/ses_none", "{\"reason\":\"x\"}").status());
        assertEquals(400, undo("calls/call_none", "{}").status());
        assertEquals(200, served.post(Served.ROOT, call, "{\"reason\":\"x\"}").status());
    }

    /// Every command of the guide, in order, each time after the agent wrote a file anew.
    @Test
    void the_commands_of_the_guide_do_what_it_says() throws IOException {
        var commands = Files.readString(GUIDE)
                .lines()
                .map(String::strip)
                .filter(line -> line.startsWith("./guardrail "))
                .toList();
        assertTrue(commands.size() >= 4, commands::toString);
        for (String command : commands) {
            Files.writeString(files.resolve("a"), "old");
            var written = write("a", "new");
            int code = run(command.substring("./guardrail ".length())
                    .replace("ses_\u2026", written.text("session"))
                    .replace("10:00", Instant.now().minusSeconds(60).toString())
                    .replace("call_\u2026", written.text("callId")));

            assertEquals(0, code, command + ": " + text());
            boolean plan = command.contains("--plan");
            assertEquals(plan ? "new" : "old", Files.readString(files.resolve("a")), command);
            assertTrue(text().contains(plan ? "ready" : "undone"), text());
            if (plan) run("undo " + written.text("session") + " --reason x");
        }
        assertSound();
    }

    @Test
    void what_is_left_is_told_by_the_exit_code() throws IOException {
        var written = write("a", "made");
        Files.writeString(files.resolve("a"), "foreign");

        assertEquals(1, run("undo " + written.text("session") + " --reason x"));
        assertTrue(text().contains("conflict"), text());
        assertEquals(1, run("undo " + written.text("callId")));
        assertTrue(text().contains("--reason"), text());
        assertEquals(1, run("undo apr_1 --plan"));
        assertEquals(1, run("undo " + written.text("callId") + " --only call_1 --plan"));
        assertEquals("foreign", Files.readString(files.resolve("a")));
        Files.writeString(files.resolve("a"), "made");
        assertEquals(0, run("undo " + written.text("session") + " --reason x --json"));
        assertTrue(text().contains("\"complete\":true"), text());
    }

    @Test
    void a_call_and_all_after_it_are_undone_and_what_was_before_stays() throws IOException {
        String session = write("a", "one").text("session");
        Map<String, String> point = state();
        String second = write("a", "two").text("callId");
        write("a", "three");
        write("b", "made");

        assertEquals(0, run("undo " + session + " --from " + second + " --reason x"));

        assertEquals(point.get("a"), state().get("a"));
        assertFalse(Files.exists(files.resolve("b")));
        assertEquals(
                404,
                undo("sessions/" + session, "{\"plan\":true,\"from\":\"call_none\"}")
                        .status());
        assertSound();
    }

    @Test
    void all_since_a_time_is_undone_in_whatever_session() throws IOException {
        Files.writeString(files.resolve("a"), "old");
        write("a", "new");
        String past = Instant.now().minusSeconds(3600).toString();
        String future = Instant.now().plusSeconds(3600).toString();

        assertEquals(0, run("undo --since " + future + " --reason x"));
        assertEquals("new", Files.readString(files.resolve("a")));
        assertEquals(0, run("undo --since " + past + " --agent nobody --reason x"));
        assertEquals("new", Files.readString(files.resolve("a")));
        assertEquals(0, run("undo --since " + past + " --agent coder --plan"));
        assertTrue(text().contains("ready"), text());
        assertEquals(0, run("undo --since " + past + " --agent coder --reason x"));
        assertEquals("old", Files.readString(files.resolve("a")));
        assertEquals(
                403,
                served.post(Served.CODER, "/v1/undo", "{\"since\":\"" + past + "\",\"plan\":true}")
                        .status());
        assertSound();
    }

    @Test
    void what_does_not_fit_together_is_refused_with_what_does() {
        var session = write("a", "made").text("session");
        var wrong = Map.of(
                "undo --plan",
                "undo SESSION",
                "undo --since 25:00 --plan",
                "10:00",
                "undo --since 2026-13-01T00:00:00Z --plan",
                "10:00",
                "undo --since 10:00 --from call_1 --plan",
                "--from go with a session",
                "undo " + session + " --agent coder --plan",
                "--agent goes with --since",
                "undo " + session + " --from call_1 --only call_1 --plan",
                "say two different things");
        wrong.forEach((line, said) -> {
            assertEquals(1, run(line), line);
            assertTrue(text().contains(said), line + ": " + text());
        });
        assertEquals(
                400,
                undo("sessions/" + session, "{\"reason\":\"x\",\"most\":0}").status());
        var none = undo("sessions/" + session, "{\"reason\":\"x\",\"most\":1}");
        assertEquals(List.of("undone"), states(none));
    }

    @Test
    void the_policy_that_asks_people_for_an_undo_does() throws IOException {
        Served.write(
                directory.resolve("guard/policies/careful.yaml"),
                FilesUpstream.blocks().getLast());
        served.reload();
        Files.writeString(files.resolve("b"), "moved");
        String call =
                call("move_file", "{\"source\":\"b\",\"destination\":\"c\"}").text("callId");

        var held = undo("calls/" + call, "{\"reason\":\"x\"}");

        assertEquals(202, held.status(), held.text());
        assertEquals(List.of("held"), states(held));
        assertTrue(Files.exists(files.resolve("c")));
        assertEquals(JsonArray.class, held.get("steps").getClass());
    }

    private int run(String line) {
        var words = new ArrayList<String>();
        var word = Pattern.compile("\"([^\"]*)\"|(\\S+)").matcher(line);
        while (word.find()) words.add(word.group(1) != null ? word.group(1) : word.group(2));
        words.addAll(List.of(
                "--url",
                served.sidecar.url().toString(),
                "--key-file",
                directory.resolve("root").toString()));
        said.reset();
        var out = new PrintStream(said, true, StandardCharsets.UTF_8);
        System.setOut(out);
        System.setErr(out);
        try {
            return new CommandLine(Guardrail.command()).execute(words.toArray(String[]::new));
        } finally {
            System.setOut(terminal);
            System.setErr(errors);
        }
    }

    private String text() {
        return said.toString(StandardCharsets.UTF_8);
    }
}
