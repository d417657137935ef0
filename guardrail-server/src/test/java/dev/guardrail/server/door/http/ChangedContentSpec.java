package dev.guardrail.server.door.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.server.wiring.Served;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// An approval is for the bytes of a script that were there when people were asked, on a real workspace.
class ChangedContentSpec {
    private static Path work;
    private static Served served;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        work = directory.resolve("work");
        Files.createDirectories(work);
        Files.createDirectory(
                directory.resolve("policies"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        Served.write(directory.resolve("policies/rules.yaml"), """
                apiVersion: guardrail/v1
                kind: Policy
                metadata: {name: base}
                rules:
                  - id: hold-moves
                    match: {tools: [workspace.fs_move]}
                    effect: require_approval
                    approval: {remember: {max: 1h}}
                  - {id: may-plan, match: {tools: [guardrail.plan]}, effect: allow}
                """);
        Served.write(directory.resolve("guardrail.yaml"), """
                listen: 127.0.0.1:0
                data: ./data
                policies: [./policies]
                servers:
                  workspace: {builtin: workspace, root: ./work}
                agents:
                  - {name: coder, key: {env: CODER}}
                operators:
                  - {name: ann, key: {env: ANN}, roles: [approver]}
                """);
        served = Served.in(directory);
    }

    @AfterAll
    static void stop() throws Exception {
        served.close();
    }

    private static Served.Answer move(String from, String to) {
        return served.post(
                Served.CODER,
                "/v1/calls",
                "{\"tool\":\"workspace.fs_move\",\"arguments\":{\"from\":\"" + from + "\",\"to\":\"" + to
                        + "\"},\"run\":\"guard\"}");
    }

    /// Put on hold and approved.
    private static Served.Answer approved(String from, String to) {
        var held = move(from, to);
        assertEquals("held", held.text("state"), held.text());
        var vote = served.post(
                Served.ANN,
                "/v1/approvals/" + approval(held) + "/approve",
                "{\"argumentsDigest\":\"" + held.text("argumentsDigest") + "\"}");
        assertEquals("approved", vote.text("state"), vote.text());
        return held;
    }

    private static String approval(Served.Answer held) {
        return held.json().object("approval").orElseThrow().text("id").orElseThrow();
    }

    private static Served.Answer execute(Served.Answer held) {
        return served.post(Served.CODER, "/v1/calls/" + held.text("callId") + "/execute", "");
    }

    @Test
    void a_script_as_it_was_approved_is_moved() throws Exception {
        Files.writeString(work.resolve("deploy.sh"), "#!/bin/sh\necho deploy\n");

        var ran = execute(approved("deploy.sh", "live.sh"));

        assertEquals("succeeded", ran.text("state"), ran.text());
        assertEquals("#!/bin/sh\necho deploy\n", Files.readString(work.resolve("live.sh")));
    }

    @Test
    void a_script_whose_content_changed_after_the_approval_is_not() throws Exception {
        Files.writeString(work.resolve("clean.sh"), "#!/bin/sh\necho clean\n");
        var held = approved("clean.sh", "cron.sh");

        Files.writeString(work.resolve("clean.sh"), "#!/bin/sh\nrm -rf /\n");
        var refused = execute(held);

        assertFalse(Files.exists(work.resolve("cron.sh")), refused.text());
        assertEquals("cancelled", refused.text("state"), refused.text());
        var again = move("clean.sh", "cron.sh");
        assertEquals("held", again.text("state"), "people are asked anew");
        assertNotEquals(approval(held), approval(again));
    }

    @Test
    void a_file_that_became_another_by_a_link_is_not() throws Exception {
        Files.writeString(work.resolve("notes.txt"), "notes");
        Files.writeString(work.resolve("secret.txt"), "secret");
        var held = approved("notes.txt", "public.txt");

        Files.delete(work.resolve("notes.txt"));
        Files.createSymbolicLink(work.resolve("notes.txt"), Path.of("secret.txt"));
        var refused = execute(held);

        assertFalse(Files.exists(work.resolve("public.txt")), refused.text());
        assertTrue(Files.exists(work.resolve("secret.txt")));
        assertEquals("cancelled", refused.text("state"), refused.text());
    }

    private static Served.Answer plan(String from, String to) {
        var held = served.post(
                Served.CODER,
                "/v1/calls",
                "{\"tool\":\"guardrail.plan\",\"arguments\":{\"calls\":[{\"tool\":\"workspace.fs_move\",\"arguments\":"
                        + "{\"from\":\"" + from + "\",\"to\":\"" + to + "\"}}]},\"run\":\"guard\"}");
        assertEquals("held", held.text("state"), held.text());
        served.post(
                Served.ANN,
                "/v1/approvals/" + approval(held) + "/approve",
                "{\"argumentsDigest\":\"" + held.text("argumentsDigest") + "\"}");
        return held;
    }

    @Test
    void a_plan_is_for_the_bytes_that_were_there_too() throws Exception {
        Files.writeString(work.resolve("build.sh"), "#!/bin/sh\necho build\n");
        var held = plan("build.sh", "run.sh");
        Files.writeString(work.resolve("build.sh"), "#!/bin/sh\nrm -rf /\n");
        assertEquals("cancelled", execute(held).text("state"), "between the approval and the plan");

        Files.writeString(work.resolve("test.sh"), "#!/bin/sh\necho test\n");
        assertEquals("succeeded", execute(plan("test.sh", "tested.sh")).text("state"));
        Files.writeString(work.resolve("test.sh"), "#!/bin/sh\nrm -rf /\n");
        assertEquals("held", move("test.sh", "tested.sh").text("state"), "between the plan and the call");
        Files.writeString(work.resolve("test.sh"), "#!/bin/sh\necho test\n");
        assertEquals("succeeded", move("test.sh", "tested.sh").text("state"));
    }
}
