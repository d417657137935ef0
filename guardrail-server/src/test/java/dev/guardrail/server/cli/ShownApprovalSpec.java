package dev.guardrail.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.StrictJson;
import dev.guardrail.server.sheet.Deception;
import dev.guardrail.server.sheet.Oracle;
import dev.guardrail.server.wiring.Served;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import picocli.CommandLine;

/// Hostile calls, held by a running guard, as its answers and its command line show them.
@ResourceLock(Resources.SYSTEM_OUT)
final class ShownApprovalSpec {
    /// One of each kind; all of them go through the sheet itself elsewhere.
    private static final Set<String> SOME = Set.of(
            "ansi-clear",
            "bidi-rlo",
            "zwsp",
            "fullwidth",
            "newline-pad",
            "nbsp-pad",
            "fake-prompt",
            "env-prefix-far-right",
            "osc8-link",
            "csi-c1",
            "tags",
            "zalgo",
            "cyrillic-whole",
            "forged-sheet",
            "middle-of-long");

    private static final PrintStream TERMINAL = System.out;
    private static final PrintStream ERRORS = System.err;

    @SuppressWarnings("NullAway.Init") // set before all
    private static Served served;

    @SuppressWarnings("NullAway.Init") // set before all
    private static Path key;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        served = Served.in(Files.createDirectory(directory.resolve("guard")));
        key = Files.writeString(directory.resolve("ann"), Served.ANN + "\n");
    }

    @AfterAll
    static void stop() throws IOException {
        served.close();
    }

    private record Shown(int code, String text) {}

    private static Shown run(String... words) {
        var all = Stream.concat(
                        Stream.of(words),
                        Stream.of("--url", served.sidecar.url().toString(), "--key-file", key.toString()))
                .toArray(String[]::new);
        var said = new ByteArrayOutputStream();
        var out = new PrintStream(said, true, StandardCharsets.UTF_8);
        System.setOut(out);
        System.setErr(out);
        try {
            int code = new CommandLine(Guardrail.command()).execute(all);
            return new Shown(code, said.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(TERMINAL);
            System.setErr(ERRORS);
        }
    }

    private static String held(JsonObject arguments, String reason) {
        var answer = served.post(
                Served.CODER,
                "/v1/calls",
                JsonObject.with("tool", "crm.pay")
                        .with("arguments", arguments)
                        .with("reason", reason)
                        .build()
                        .toString());
        assertEquals(202, answer.status(), answer.text());
        return answer.json().object("approval").orElseThrow().text("id").orElseThrow();
    }

    @TestFactory
    Stream<DynamicTest> nothing_hides_from_whoever_reads_it() throws IOException {
        List<Deception> some = Deception.all().stream()
                .filter(hostile -> SOME.contains(hostile.name()))
                .toList();
        assertEquals(SOME.size(), some.size());
        return some.stream().map(hostile -> DynamicTest.dynamicTest(hostile.name(), () -> check(hostile)));
    }

    private static void check(Deception hostile) {
        var arguments = JsonObject.with("command", hostile.text()).build();
        String id = held(arguments, hostile.text().length() < 500 ? hostile.text() : "");

        var raw = served.get(Served.ANN, "/v1/approvals/" + id);
        Oracle.hidesNothing(raw.text());
        assertEquals(arguments, raw.get("arguments"));
        assertTrue(raw.text("claim").startsWith("coder wants to call crm.pay (external), with command "), raw.text());
        Oracle.hidesNothing(served.get(Served.ANN, "/v1/approvals").text());

        Shown sheet = run("approvals", "show", id);
        assertEquals(0, sheet.code());
        Oracle.hidesNothing(sheet.text());
        Oracle.isSeen(hostile.danger(), sheet.text());
        Oracle.fits(80, sheet.text());
        Shown open = run("approvals", "show", id, "--open");
        Oracle.hidesNothing(open.text());
        Oracle.isSeen(hostile.danger(), open.text());
        Shown json = run("approvals", "show", id, "--json");
        Oracle.hidesNothing(json.text());
        assertEquals(
                arguments,
                ((JsonObject) StrictJson.parse(json.text().strip().getBytes(StandardCharsets.UTF_8)))
                        .get("arguments")
                        .orElseThrow());
        Oracle.hidesNothing(run("approvals", "ls").text().replaceAll(" {3,}", "  "));
    }

    @Test
    void an_ordinary_call_has_no_warning_and_is_approved_at_once() {
        String id = held(JsonObject.with("to", "ann@example.org").build(), "The invoice is due.");

        var detail = served.get(Served.ANN, "/v1/approvals/" + id);
        assertEquals("coder wants to call crm.pay (external), with to \"ann@example.org\"", detail.text("claim"));
        assertEquals(JsonArray.EMPTY, detail.get("warnings"));
        assertEquals(JsonArray.EMPTY, detail.get("mustOpen"));
        assertTrue(run("approvals", "show", id).text().contains("\n  | to: \"ann@example.org\"\n"));
        assertTrue(run("approvals", "ls").text().contains("0 of 1"));
        assertEquals(0, run("approvals", "approve", id).code());
    }

    @Test
    void what_is_shown_in_part_is_approved_only_by_somebody_who_opened_it() {
        var arguments = JsonObject.with("command", "a".repeat(9_000)).build();
        String id = held(arguments, "");

        Shown sheet = run("approvals", "show", id);
        assertTrue(
                sheet.text().contains("! too long to be shown at once, and must be opened: args.command"),
                sheet.text());
        assertTrue(sheet.text().contains("approvals show " + id + " --open"), sheet.text());
        Shown refused = run("approvals", "approve", id);
        assertEquals(1, refused.code());
        assertTrue(refused.text().contains("--open"), refused.text());
        assertEquals("pending", served.get(Served.ANN, "/v1/approvals/" + id).text("state"));
        assertEquals(0, run("approvals", "approve", id, "--opened").code());

        String other = held(JsonObject.with("command", "b".repeat(9_000)).build(), "");
        String digest = served.get(Served.ANN, "/v1/approvals/" + other).text("argumentsDigest");
        assertEquals(0, run("approvals", "approve", other, "--digest", digest).code());
    }
}
