package dev.guardrail.server.wiring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.base.StrictJson;
import dev.guardrail.sandbox.Sandbox.Probe;
import dev.guardrail.server.runner.bwrap.BubblewrapSandbox;
import dev.guardrail.server.runner.bwrap.StateDirectory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `workspace.shell_exec` of a whole guard: an agent at the MCP door, rules with `sandbox`, and real commands.
class ShellExecSpec {
    private static final int OWNER = 1_879_048_000;
    private static final String ALLOWS = """
            apiVersion: guardrail/v1
            kind: Policy
            rules:
              - {id: commands, match: {tools: [workspace.shell_exec]}, effect: allow, sandbox: here}
              - {id: reads, match: {tools: [workspace.fs_read]}, effect: allow}
            ---
            apiVersion: guardrail/v1
            kind: Tools
            server: workspace
            tools:
              shell_exec: {effect: destructive, undo: {cannot: "what a command changes is not kept"}}
              fs_read: {effect: read}
            ---
            """;
    private static final String HERE = """
            apiVersion: guardrail/v1
            kind: Sandbox
            metadata: {name: here}
            fs: {read: [/usr], write: [{path: ., protect: [.git]}]}
            limits: {cpu: 10s, wall: 20s, memory: 256MiB, pids: 32, file: 1MiB, output: 1MiB}
            require: [files, netns, pidns, seccomp, treePids, unprivileged]
            """;

    @TempDir
    Path directory;

    private Path work;
    private Served guard;
    private String session = "";

    @BeforeEach
    void serve() throws Exception {
        work = Files.createDirectory(directory.resolve("work"));
        Files.createDirectory(work.resolve(".git"));
        Files.writeString(work.resolve(".git/config"), "theirs");
        for (Path owned : List.of(work, work.resolve(".git"), work.resolve(".git/config"))) own(owned);
        for (Path above = directory; above != null && above.getNameCount() > 1; above = above.getParent())
            if (Files.getOwner(above).equals(Files.getOwner(directory)))
                Files.setPosixFilePermissions(above, PosixFilePermissions.fromString("rwx--x--x"));
        Files.createDirectory(directory.resolve("policies"));
        rules(ALLOWS + HERE);
        Served.write(
                directory.resolve("guardrail.yaml"),
                Served.CONFIGURATION.replace("crm: {caller: true}", "workspace: {builtin: workspace, root: ./work}"));
        guard = Served.in(directory);
        var hello = mcp(
                "initialize",
                "{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{},\"clientInfo\":"
                        + "{\"name\":\"test\",\"version\":\"1\"}}");
        session = hello.headers().getOrDefault("mcp-session-id", "");
    }

    @AfterEach
    void stop() throws IOException {
        guard.close();
    }

    /// Sandboxes have to work where tests have to be whole; elsewhere a machine may have none.
    private static void assumeUsable() throws Exception {
        Probe probe = BubblewrapSandbox.open(
                        StateDirectory.standard(), Map.of(), Clocks.system().ids())
                .probe();
        if (System.getenv("CI") != null) assertTrue(probe instanceof Probe.Proven, probe.toString());
        else assumeTrue(probe instanceof Probe.Proven, probe.toString());
    }

    private static void own(Path path) throws IOException {
        if ((int) Files.getAttribute(path, "unix:uid") == 0)
            for (String owner : List.of("unix:uid", "unix:gid")) Files.setAttribute(path, owner, OWNER);
    }

    private void rules(String text) throws IOException {
        Served.write(directory.resolve("policies/rules.yaml"), text);
    }

    private Served.Answer mcp(String method, String params) {
        var headers = new java.util.HashMap<>(
                Map.of("Accept", "application/json, text/event-stream", "MCP-Protocol-Version", "2025-11-25"));
        if (!session.isEmpty()) headers.put("Mcp-Session-Id", session);
        return guard.send(
                Served.CODER,
                "POST",
                "/mcp/workspace",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" + method + "\",\"params\":" + params + "}",
                headers);
    }

    /// The result of a command that an agent runs.
    private JsonObject shell(String command) {
        var arguments = JsonObject.with("command", new JsonText(command)).build();
        var answer = mcp("tools/call", "{\"name\":\"shell_exec\",\"arguments\":" + arguments + "}");
        String data = answer.text()
                .lines()
                .filter(line -> line.startsWith("data:") && line.contains("\"result\""))
                .map(line -> line.substring(5).strip())
                .reduce((first, last) -> last)
                .orElse(answer.text());
        var message = (JsonObject) StrictJson.parse(data.getBytes(StandardCharsets.UTF_8));
        return message.object("result").orElseThrow(() -> new AssertionError(answer.text()));
    }

    private static String text(JsonObject result) {
        return result.array("content")
                .orElseThrow()
                .objects()
                .getFirst()
                .text("text")
                .orElseThrow();
    }

    private static String facts(JsonObject result) {
        return result.get("structuredContent").map(Json::toString).orElse("");
    }

    @Test
    void a_command_runs_in_the_workspace_and_reaches_nothing_else() throws Exception {
        assumeUsable();

        JsonObject wrote = shell("echo made > made.txt && cat made.txt && echo aside >&2 && id -u");

        assertFalse(wrote.isTrue("isError"), wrote::toString);
        assertTrue(text(wrote).startsWith("Exit code 0.\nstdout:\nmade\n"), text(wrote));
        assertTrue(text(wrote).contains("stderr:\naside\n"), text(wrote));
        assertEquals("made\n", Files.readString(work.resolve("made.txt")));
        assertTrue(facts(wrote).contains("\"profile\":\"here\""), facts(wrote));
        assertFalse(text(wrote).contains("\n0\n"), text(wrote));

        JsonObject shadow = shell("cat /etc/shadow");
        assertTrue(shadow.isTrue("isError"), shadow::toString);
        assertTrue(text(shadow).contains("No such file"), text(shadow));
        assertTrue(shell("echo ours > .git/config").isTrue("isError"));
        assertEquals("theirs", Files.readString(work.resolve(".git/config")));
        assertTrue(shell("mv .git elsewhere").isTrue("isError"));
        assertTrue(shell("ls " + directory.resolve("data")).isTrue("isError"));
    }

    @Test
    void the_journal_names_the_profile_and_is_sound() throws Exception {
        assumeUsable();
        assertFalse(shell("true").isTrue("isError"));

        var entries = guard.get(Served.SAM, "/v1/audit/entries?q=tool:workspace.shell_exec")
                .text();

        assertTrue(entries.contains("\"sandbox\":{\"digest\":\"sha256:"), entries);
        assertTrue(entries.contains("\"profile\":\"here\""), entries);
        assertTrue(entries.contains("\"undo\":\"none\""), entries);
    }

    @Test
    void what_ended_it_and_what_it_left_is_told() throws Exception {
        assumeUsable();
        assertTrue(text(shell("exit 7")).startsWith("Exit code 7."));
        JsonObject flood = shell("yes");
        assertTrue(text(flood).startsWith("The command was ended: it used more than `output`"), text(flood));
        assertTrue(text(flood).contains("bytes are left out here"), text(flood));
        assertTrue(facts(flood).contains("\"ended\":\"output\""), facts(flood));
        assertTrue(text(shell("dd if=/dev/zero of=big bs=1M count=2"))
                .startsWith("The command was ended: it used more than `file`"));
        JsonObject link = shell("ln -s /etc/passwd out");
        assertTrue(link.isTrue("isError"), link::toString);
        assertTrue(text(link).contains("It left `out`, which is a link that leads out."), text(link));
    }

    @Test
    void what_cannot_be_confined_is_denied_with_what_mends_it() throws Exception {
        assumeUsable();
        assertFalse(shell("true").isTrue("isError"));
        for (var wrong : Map.of(
                        HERE.replace("read: [/usr]", "read: [/usr, /opt/nowhere-at-all]"), "is not there",
                        HERE.replace("read: [/usr]", "read: [/var]"), "no `/usr`")
                .entrySet()) {
            rules(ALLOWS + wrong.getKey());
            guard.reload();
            JsonObject denied = shell("touch denied");
            assertTrue(denied.isTrue("isError"), denied::toString);
            assertTrue(denied.toString().contains("sandbox_unavailable"), denied::toString);
            assertTrue(text(denied).contains(wrong.getValue()), text(denied));
        }
        assertEquals(Set.of(".git"), Set.of(work.toFile().list()));
        rules(ALLOWS + HERE);
        guard.reload();
        assertFalse(shell("true").isTrue("isError"));
    }

    @Test
    void a_command_never_runs_without_a_sandbox() throws Exception {
        rules(ALLOWS.replace(", sandbox: here", "") + HERE);
        guard.reload();

        JsonObject denied = shell("touch denied");

        assertTrue(text(denied).contains("in a sandbox or not at all"), text(denied));
        assertEquals(Set.of(".git"), Set.of(work.toFile().list()));
        var other = guard.propose(Served.CODER, "workspace.shell_exec", "{\"command\":\"touch denied\"}");
        assertEquals("deny", other.text("effect"), other::text);
    }

    @Test
    void only_the_guard_can_carry_it_out() throws Exception {
        assumeUsable();
        var own = guard.propose(Served.CODER, "workspace.shell_exec", "{\"command\":\"true\"}");
        assertEquals("deny", own.text("effect"), own::text);
        var ours = guard.post(
                Served.CODER,
                "/v1/calls",
                "{\"tool\":\"workspace.shell_exec\",\"arguments\":{\"command\":\"true\"},\"run\":\"guard\"}");
        assertEquals("succeeded", ours.text("state"), ours::text);
    }

    @Test
    void what_is_no_command_runs_in_no_sandbox() throws Exception {
        rules(ALLOWS.replace(
                        "[workspace.fs_read]}, effect: allow", "[workspace.fs_read]}, effect: allow, sandbox: here")
                + HERE);
        guard.reload();
        Files.writeString(work.resolve("a"), "text");
        var arguments = "{\"tool\":\"workspace.fs_read\",\"arguments\":{\"path\":\"a\"},\"run\":\"guard\"}";
        var denied = guard.post(Served.CODER, "/v1/calls", arguments);
        assertEquals("deny", denied.text("effect"), denied::text);
        rules(ALLOWS + HERE);
        guard.reload();
        assertEquals("allow", guard.post(Served.CODER, "/v1/calls", arguments).text("effect"));
    }
}
