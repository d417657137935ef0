package dev.guardrail.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.proof.LogAudit;
import dev.guardrail.server.corpus.Guide;
import dev.guardrail.server.corpus.ShopUpstream;
import dev.guardrail.server.wiring.Served;
import dev.guardrail.testing.HeldLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What an agent has another server change, taken back by the program and the configuration that the guide shows.
final class CommandUndoSpec {
    private static final String RULES = """
            apiVersion: guardrail/v1
            kind: Policy
            metadata: {name: settings}
            rules:
              - id: all
                match: {tools: ["shop.*"]}
                effect: allow
              - id: settings
                match: {tools: ["settings.undo:restore"]}
                effect: allow
            """;

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    private Path directory;

    @SuppressWarnings("NullAway.Init") // set before each
    private Path store;

    @SuppressWarnings("NullAway.Init") // set before each
    private Path program;

    @SuppressWarnings("NullAway.Init") // set before each
    private ShopUpstream upstream;

    @SuppressWarnings("NullAway.Init") // set before each
    private Served served;

    @BeforeEach
    void start() throws Exception {
        store = Files.createDirectory(directory.resolve("store"));
        program = directory.resolve("settings.sh");
        Served.write(program, Guide.block("sh", "member expect"));
        upstream = new ShopUpstream(this::answer);
        upstream.list(ShopUpstream.tool("set"), ShopUpstream.tool("unset"));
        served = Served.before(
                Files.createDirectory(directory.resolve("guard")),
                "shop: {url: \"" + upstream.url() + "\"}\n" + configured(),
                Map.of("rules.yaml", RULES, "tools.yaml", Guide.block("yaml", "by: settings")),
                "unset");
    }

    /// As the guide has it, but for the places.
    private String configured() throws IOException {
        return Guide.block("yaml", "builtin: command")
                .replace("servers:\n", "")
                .replace("/srv/guard/settings.sh", program.toString())
                .replace("/srv/settings", store.toString());
    }

    @AfterEach
    void end() throws IOException {
        served.close();
        upstream.close();
    }

    private JsonObject answer(JsonObject params) {
        JsonObject arguments = params.object("arguments").orElseThrow();
        Path file = store.resolve(arguments.text("key").orElseThrow());
        try {
            if (params.text("name").orElseThrow().equals("unset")) Files.deleteIfExists(file);
            else Files.writeString(file, arguments.text("value").orElseThrow());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        return ShopUpstream.texts("done");
    }

    private Served.Answer call(String tool, String key, String value) {
        return served.post(
                Served.CODER,
                "/v1/calls",
                JsonObject.with("tool", "shop." + tool)
                        .with(
                                "arguments",
                                JsonObject.with("key", key).with("value", value).build())
                        .with("run", "guard")
                        .build()
                        .toString());
    }

    private String undoable(String tool, String key, String value) {
        var answer = call(tool, key, value);
        assertEquals("succeeded", answer.text("state"), answer.text());
        assertEquals("exact", answer.text("undo"), answer.text());
        return answer.text("session");
    }

    private Served.Answer undo(String target, String body) {
        return served.post(Served.ANN, "/v1/" + target + "/undo", body);
    }

    private Served.Answer undo(String target) {
        return undo(target, "{\"reason\":\"wrong\"}");
    }

    private static List<String> states(Served.Answer answer) {
        return answer.json().array("steps").orElseThrow().objects().stream()
                .map(step -> step.text("state").orElseThrow())
                .toList();
    }

    /// Everything that is there, by name, to the byte.
    private Map<String, String> state() throws IOException {
        try (var all = Files.list(store)) {
            var state = new TreeMap<String, String>();
            for (Path file : all.toList())
                state.put(file.getFileName().toString(), HexFormat.of().formatHex(Files.readAllBytes(file)));
            return state;
        }
    }

    /// The same program, but for one of its lines.
    private void alter(String line, String otherwise) throws IOException {
        String text = Files.readString(program);
        assertTrue(text.contains(line), line);
        Served.write(program, text.replace(line, otherwise));
    }

    private void assertSound() throws IOException {
        assertEquals(
                Optional.empty(),
                LogAudit.of(HeldLog.of(served.journal().store())).fault());
    }

    @Test
    void a_session_is_planned_and_undone_byte_for_byte() throws IOException {
        Files.writeString(store.resolve("colour"), "light  blue & 100% {x: [1]}~");
        Files.writeString(store.resolve("empty"), "");
        Map<String, String> before = state();
        undoable("set", "colour", "red");
        undoable("set", "size", "12");
        undoable("unset", "colour", "");
        undoable("set", "empty", "full");
        String session = undoable("set", "colour", "green");
        Map<String, String> after = state();
        assertNotEquals(before, after);

        var plan = undo("sessions/" + session, "{\"plan\":true}");
        assertEquals(List.of("ready", "ready", "ready", "ready", "ready"), states(plan), plan.text());
        assertEquals(after, state());

        var undone = undo("sessions/" + session);

        assertEquals(List.of("undone", "undone", "undone", "undone", "undone"), states(undone), undone.text());
        assertEquals(before, state());
        assertSound();
    }

    @Test
    void what_the_program_cannot_tell_from_what_others_leave_is_a_conflict() throws IOException {
        Files.writeString(store.resolve("colour"), "blue");
        String session = undoable("set", "colour", "two\nlines");
        assertEquals(List.of("conflict"), states(undo("sessions/" + session)));
        assertEquals("two\nlines", Files.readString(store.resolve("colour")));
    }

    @Test
    void what_somebody_changed_since_is_a_conflict_and_stays() throws IOException {
        Files.writeString(store.resolve("colour"), "blue");
        String call = "calls/" + call("set", "colour", "red").text("callId");
        Files.writeString(store.resolve("colour"), "foreign");

        assertEquals("conflict", undo(call).problem());
        assertEquals("foreign", Files.readString(store.resolve("colour")));

        Files.writeString(store.resolve("colour"), "red");
        assertEquals(200, undo(call).status());
        assertEquals("blue", Files.readString(store.resolve("colour")));
        assertSound();
    }

    @Test
    void what_the_program_cannot_keep_runs_and_says_so() throws IOException {
        Files.writeString(store.resolve("colour"), "two\nlines");
        var answer = call("set", "colour", "red");
        assertEquals("none", answer.text("undo"), answer.text());
        assertEquals("its value is not one plain line", answer.text("undoWhy"), answer.text());
        var refused = undo("calls/" + answer.text("callId"));
        assertEquals("not-undoable", refused.problem());
        assertTrue(refused.text("detail").contains("its value is not one plain line"), refused.text());
        assertEquals("none", call("set", "../guard/x", "red").text("undo"), "outside of `target`");
        assertEquals("red", Files.readString(store.resolve("colour")));
    }

    @Test
    void where_an_undo_is_required_a_program_that_fails_keeps_the_call_from_running() throws IOException {
        Served.write(
                directory.resolve("guard/policies/rules.yaml"),
                RULES.replaceFirst("effect: allow", "effect: allow\n    undo: required"));
        served.reload();
        undoable("set", "colour", "red");
        String sound = Files.readString(program);
        for (String fault : List.of(
                "exit 1",
                "kill -9 $$",
                "echo '{}{}'",
                "printf '{\"answer\":\"seen\",\"state\":{},\"version\":\"\"}'",
                "yes")) {
            Served.write(program, sound.replace("case $ask in", fault + "; exit\ncase $ask in"));
            var denied = call("set", "colour", "blue");
            assertEquals("deny", denied.text("effect"), () -> fault + ": " + denied.text());
            assertEquals("red", Files.readString(store.resolve("colour")), fault);
        }
        Served.write(program, sound);
        undoable("set", "colour", "blue");
        assertSound();
    }

    @Test
    void an_unclear_end_is_in_doubt_until_looking_tells() throws IOException {
        Files.writeString(store.resolve("colour"), "blue");
        String session = undoable("set", "colour", "red");
        String sound = Files.readString(program);

        alter("  echo '{\"answer\":\"done\"}'", "  kill -9 $$");
        assertEquals(List.of("in_doubt"), states(undo("sessions/" + session)));
        assertEquals("blue", Files.readString(store.resolve("colour")), "it was done");
        Served.write(program, sound);
        assertEquals(List.of("undone"), states(undo("sessions/" + session)));
        assertSound();
    }

    @Test
    void a_program_that_says_that_it_did_and_did_not_is_in_doubt() throws IOException {
        Files.writeString(store.resolve("colour"), "blue");
        String session = undoable("set", "colour", "red");
        String sound = Files.readString(program);

        alter("printf %s \"$(member value)\" >\"$file.new\" && mv \"$file.new\" \"$file\"", "true");
        assertEquals(List.of("in_doubt"), states(undo("sessions/" + session)));
        assertEquals("red", Files.readString(store.resolve("colour")));
        Served.write(program, sound);
        assertEquals(List.of("undone"), states(undo("sessions/" + session)));
        assertEquals("blue", Files.readString(store.resolve("colour")));
        assertSound();
    }

    @Test
    void the_program_is_told_which_undo_it_is_and_no_agent_reaches_it() throws IOException {
        alter("ask=$(member ask)", "printf '%s\\n' \"$question\" >>\"$STORE/../asked\"\nask=$(member ask)");
        String call = undoable("set", "colour", "red");
        assertFalse(served.get(Served.CODER, "/v1/tools").text().contains("undo:"));
        undo("sessions/" + call);
        String asked = Files.readString(directory.resolve("asked"));
        var id = Pattern.compile("\"call\":\"(call_[^\"]+)\"").matcher(asked);
        assertTrue(id.find(), asked);
        assertTrue(served.journal()
                .get(dev.guardrail.journal.Kind.CALL, id.group(1))
                .orElseThrow()
                .value()
                .toString()
                .contains("undo:restore"));
    }
}
