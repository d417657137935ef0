package dev.guardrail.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.StrictJson;
import dev.guardrail.server.wiring.Served;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import picocli.CommandLine;

/// The commands, against a running guard.
@ResourceLock(Resources.SYSTEM_OUT)
final class CommandsSpec {
    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    private Path directory;

    @SuppressWarnings("NullAway.Init") // set before each
    private Served served;

    @SuppressWarnings("NullAway.Init") // set before each
    private String url;

    private final PrintStream terminal = System.out;
    private final PrintStream errors = System.err;
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();

    @BeforeEach
    void start() throws Exception {
        served = Served.in(Files.createDirectory(directory.resolve("guard")));
        url = served.sidecar.url().toString();
        Files.writeString(directory.resolve("ann"), Served.ANN + "\n");
        Files.writeString(directory.resolve("root"), Served.ROOT + "\n");
        Files.writeString(directory.resolve("coder"), Served.CODER + "\n");
    }

    @AfterEach
    void stop() throws IOException {
        served.close();
    }

    @Test
    void a_held_call_is_listed_shown_and_approved() {
        String ticket = held();

        assertEquals(0, run("ann", "approvals", "ls"));
        assertTrue(text().contains(ticket), text());
        assertEquals(0, run("ann", "approvals", "show", ticket));
        assertTrue(text().contains("crm.pay"), text());
        assertEquals(0, run("ann", "approvals", "approve", ticket, "--reason", "fine"));
        assertEquals(0, run("ann", "approvals", "ls"));
        assertTrue(text().contains("Nothing is pending."), text());
    }

    @Test
    void an_approval_of_other_arguments_is_refused() {
        String ticket = held();

        int code = run("ann", "approvals", "approve", ticket, "--digest", "sha256:" + "0".repeat(64));

        assertEquals(1, code);
        assertEquals(0, run("ann", "approvals", "ls"));
        assertTrue(text().contains(ticket), text());
    }

    @Test
    void a_denial_closes_it() {
        String ticket = held();

        assertEquals(0, run("ann", "approvals", "deny", ticket, "--reason", "no"));
        assertEquals(1, run("ann", "approvals", "approve", ticket), "it is closed");
    }

    @Test
    void how_people_review_is_a_table_or_json() {
        assertEquals(0, run("ann", "approvals", "deny", held(), "--reason", "no"));

        assertEquals(0, run("ann", "approvals", "quality", "--since", "1h", "--by", "tool"));
        assertTrue(text().contains("crm.pay") && text().contains("in all") && text().contains("100%"), text());
        assertEquals(0, run("ann", "approvals", "quality", "--json"));
        var report = (JsonObject) StrictJson.parse(said.toByteArray());
        assertEquals(1, report.object("total").orElseThrow().integer("denied").orElseThrow());
        assertEquals(1, run("ann", "approvals", "quality", "--by", "person"));
        assertTrue(text().contains("`by` is one of"), text());
        assertEquals(1, run("coder", "approvals", "quality"));
    }

    @Test
    void miss_rates_are_a_table_for_those_who_oversee() {
        assertEquals(0, run("root", "approvals", "canaries"));
        assertTrue(text().contains("miss-rate") && text().contains("in all"), text());
        assertEquals(1, run("ann", "approvals", "canaries"));
    }

    @Test
    void an_agents_key_opens_no_approvers_command() {
        String ticket = held();

        assertEquals(1, run("coder", "approvals", "approve", ticket));
        assertEquals(0, run("ann", "approvals", "approve", ticket));
    }

    @Test
    void tools_and_sessions_are_listed_and_a_session_is_ended() {
        served.propose(Served.CODER, "crm.get", "{}");

        assertEquals(0, run("root", "tools", "ls"));
        assertTrue(text().contains("crm.pay"), text());
        assertEquals(0, run("root", "sessions", "ls"));
        String id = text().lines()
                .filter(line -> line.startsWith("ses_"))
                .findFirst()
                .orElseThrow()
                .split(" ")[0];
        assertEquals(0, run("root", "sessions", "end", id));
        assertEquals(0, run("root", "sessions", "show", id));
        assertTrue(text().contains("ended"), text());
    }

    @Test
    void one_tool_is_shown() {
        assertEquals(0, run("root", "tools", "show", "crm.get"));
        assertTrue(text().contains("state: pinned") && text().contains("definition:"), text());
        assertEquals(1, run("root", "tools", "show", "crm.nothing"));
        String digest = served.get(Served.ROOT, "/v1/tools")
                .json()
                .array("items")
                .orElseThrow()
                .objects()
                .getFirst()
                .text("digest")
                .orElseThrow();
        assertEquals(1, run("root", "tools", "accept", "crm.drop", "--digest", digest));
    }

    @Test
    void pulled_tools_are_what_check_reads() throws IOException {
        Path tools = directory.resolve("tools.json");
        Path policy = directory.resolve("more.yaml");
        Files.writeString(policy, """
                apiVersion: guardrail/v1
                kind: Policy
                metadata: {name: more}
                rules:
                  - {id: typo, match: {tools: [crm.get]}, effect: alow}
                """);

        assertEquals(0, run("root", "tools", "pull", "-o", tools.toString()));
        assertEquals(1, capture("check", "--tools", tools.toString(), policy.toString()));
        assertTrue(text().contains("more.yaml:5:"), text());
        assertTrue(text().contains("allow"), text());
        assertEquals(0, capture("check", served.directory.resolve("policies").toString()), text());
    }

    @Test
    void the_demo_without_a_terminal_ends_by_itself_and_answers_in_json() throws IOException {
        assertEquals(
                0, capture("demo", "--json", "--data", directory.resolve("demo").toString()));

        var states = text().lines()
                .map(line -> (JsonObject) StrictJson.parse(line.getBytes(StandardCharsets.UTF_8)))
                .map(answer -> answer.text("state").orElseThrow())
                .toList();
        assertEquals(java.util.List.of("succeeded", "denied", "held", "succeeded", "undone"), states);
        assertEquals("Milk, eggs, bread.\n", Files.readString(directory.resolve("demo/workspace/notes.txt")));
    }

    @Test
    void a_pull_answers_in_json() {
        Path tools = directory.resolve("tools.json");
        assertEquals(0, run("root", "tools", "pull", "--json", "-o", tools.toString()));
        var told = (JsonObject) StrictJson.parse(said.toByteArray());
        assertEquals(5, told.integer("tools").orElseThrow());
    }

    @Test
    void nobody_there_is_said_with_what_to_do() throws IOException {
        served.close();

        assertEquals(1, run("ann", "approvals", "ls"));
        assertTrue(text().contains("guardrail serve"), text());
    }

    private String held() {
        return served.propose(Served.CODER, "crm.pay", "{\"amount\":5}")
                .json()
                .object("approval")
                .orElseThrow()
                .text("id")
                .orElseThrow();
    }

    private int run(String who, String... words) {
        var all = new java.util.ArrayList<>(java.util.List.of(words));
        all.addAll(java.util.List.of(
                "--url", url, "--key-file", directory.resolve(who).toString()));
        return capture(all.toArray(String[]::new));
    }

    private int capture(String... words) {
        said.reset();
        var out = new PrintStream(said, true, StandardCharsets.UTF_8);
        System.setOut(out);
        System.setErr(out);
        try {
            return new CommandLine(Guardrail.command()).execute(words);
        } finally {
            System.setOut(terminal);
            System.setErr(errors);
        }
    }

    private String text() {
        return said.toString(StandardCharsets.UTF_8);
    }
}
