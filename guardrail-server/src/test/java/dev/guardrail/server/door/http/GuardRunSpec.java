package dev.guardrail.server.door.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.server.wiring.Served;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Calls that the guard runs itself, on the built-in workspace under the policy that is shipped.
class GuardRunSpec {
    private static Path directory;
    private static Served served;

    @BeforeAll
    static void start(@TempDir Path temporary) throws Exception {
        directory = temporary;
        Files.createDirectory(
                directory.resolve("policies"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        for (var source : dev.guardrail.server.wiring.StarterPolicy.sources())
            Served.write(
                    directory.resolve("policies").resolve(Path.of(source.name()).getFileName()), source.text());
        Served.write(directory.resolve("guardrail.yaml"), """
                listen: 127.0.0.1:0
                policies: [./policies]
                servers:
                  workspace: {builtin: workspace, root: ./work}
                agents:
                  - {name: coder, key: {env: CODER}}
                operators:
                  - {name: ann, key: {env: ANN}, roles: [approver]}
                limits: {message: 64KiB, arguments: 8KiB}
                """);
        served = Served.in(directory);
    }

    @AfterAll
    static void stop() throws Exception {
        served.close();
    }

    private static Served.Answer run(String tool, String arguments) {
        return served.post(
                Served.CODER,
                "/v1/calls",
                "{\"tool\":\"workspace." + tool + "\",\"arguments\":" + arguments + ",\"run\":\"guard\"}");
    }

    @Test
    void an_allowed_call_is_run_at_once_and_attested_by_the_guard() throws Exception {
        var answer = run("fs_write", "{\"path\":\"a.txt\",\"content\":\"hello\"}");

        assertEquals(200, answer.status(), answer.text());
        assertEquals("succeeded", answer.text("state"));
        assertEquals("guard", answer.text("attested"));
        assertEquals("true", answer.get("executed").toString());
        assertEquals("false", answer.get("replayed").toString());
        assertTrue(answer.json().has("result"));
        assertEquals("hello", Files.readString(directory.resolve("work/a.txt")));
        assertTrue(run("fs_read", "{\"path\":\"a.txt\"}").text().contains("hello"));
    }

    @Test
    void executing_it_again_answers_the_first_outcome_replayed() throws Exception {
        String call =
                run("fs_write", "{\"path\":\"b.txt\",\"content\":\"one\"}").text("callId");
        Files.writeString(directory.resolve("work/b.txt"), "changed since");
        var again = served.post(Served.CODER, "/v1/calls/" + call + "/execute", "");

        assertEquals(200, again.status(), again.text());
        assertEquals("true", again.get("replayed").toString());
        assertEquals("changed since", Files.readString(directory.resolve("work/b.txt")));
    }

    @Test
    void what_leads_out_or_into_git_is_denied_and_not_run() {
        assertEquals(
                "deny",
                run("fs_write", "{\"path\":\"../out.txt\",\"content\":\"x\"}").text("effect"));
        assertEquals(
                "deny",
                run("fs_write", "{\"path\":\".git/hooks/x\",\"content\":\"x\"}").text("effect"));
        assertFalse(Files.exists(directory.resolve("out.txt")));
        assertFalse(Files.exists(directory.resolve("work/.git")));
    }

    @Test
    void arguments_that_do_not_fit_the_tools_schema_are_denied() {
        assertEquals("deny", run("fs_write", "{\"path\":7}").text("effect"));
    }

    @Test
    void a_held_call_answers_at_once_and_runs_on_execute_after_approval() throws Exception {
        run("fs_write", "{\"path\":\"c.txt\",\"content\":\"x\"}");
        var held = run("fs_delete", "{\"path\":\"c.txt\"}");
        assertEquals(202, held.status(), held.text());
        String approval =
                held.json().object("approval").orElseThrow().text("id").orElseThrow();
        String execute = "/v1/calls/" + held.text("callId") + "/execute";
        assertEquals(202, served.post(Served.CODER, execute, "").status(), "not before");
        served.post(
                Served.ANN,
                "/v1/approvals/" + approval + "/approve",
                "{\"argumentsDigest\":\"" + held.text("argumentsDigest") + "\"}");
        assertTrue(Files.exists(directory.resolve("work/c.txt")), "approval alone runs nothing");

        assertEquals("succeeded", served.post(Served.CODER, execute, "").text("state"));
        assertFalse(Files.exists(directory.resolve("work/c.txt")));
    }

    @Test
    void what_is_too_large_is_refused_before_policy() {
        assertEquals(
                "too-large",
                run("fs_write", "{\"path\":\"d\",\"content\":\"" + "x".repeat(9_000) + "\"}")
                        .problem());
        var huge = run("fs_write", "{\"path\":\"d\",\"content\":\"" + "x".repeat(70_000) + "\"}");
        assertEquals(413, huge.status());
        assertEquals("too-large", huge.problem());
        assertFalse(Files.exists(directory.resolve("work/d")));
    }
}
