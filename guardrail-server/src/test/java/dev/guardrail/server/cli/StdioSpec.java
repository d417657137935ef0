package dev.guardrail.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.StrictJson;
import dev.guardrail.server.wiring.Served;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `stdio` as a process between a host, which is this test, and a whole guard.
@Timeout(180)
class StdioSpec {
    private static final long PATIENCE_SECONDS = 60;
    private static final String INITIALIZE = "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":"
            + "{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{},\"clientInfo\":{\"name\":\"h\",\"version\":\"1\"}}}";

    @TempDir
    Path directory;

    private Served guard;
    private int port;
    private final List<Process> bridges = new ArrayList<>();

    @BeforeEach
    void serve() throws Exception {
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Files.createDirectories(directory.resolve("policies"));
        Files.createDirectories(directory.resolve("room"));
        Files.writeString(directory.resolve("room/hello.txt"), "hello, world");
        Served.write(directory.resolve("policies/rules.yaml"), """
                apiVersion: guardrail/v1
                kind: Policy
                metadata: {name: base}
                rules:
                  - {id: reads, match: {tools: [workspace.fs_read]}, effect: allow}
                  - {id: writes, match: {tools: [workspace.fs_write]}, effect: require_approval}
                """);
        Served.write(directory.resolve("guardrail.yaml"), """
                listen: 127.0.0.1:%d
                data: ./data
                policies: [./policies]
                servers:
                  workspace: {builtin: workspace, root: ./room}
                agents:
                  - {name: coder, key: {env: CODER}}
                operators:
                  - {name: ann, key: {env: ANN}, roles: [approver, admin, auditor]}
                """.formatted(port));
        guard = Served.in(directory);
        Files.writeString(directory.resolve("key"), Served.CODER + "\n");
    }

    @AfterEach
    void stop() throws IOException {
        for (Process bridge : bridges) bridge.destroyForcibly();
        guard.close();
    }

    /// A bridge that runs.
    private final class Host {
        private final Process process;
        private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
        private final Thread reader;

        Host(String... words) throws IOException {
            var command = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-XX:+DisplayVMOutputToStderr",
                    "-cp",
                    System.getProperty("java.class.path"),
                    "dev.guardrail.server.cli.Guardrail",
                    "stdio"));
            command.addAll(List.of(words));
            var builder = new ProcessBuilder(command)
                    .redirectError(directory.resolve("err").toFile());
            builder.environment().put("GUARDRAIL_URL", "http://127.0.0.1:" + port);
            process = builder.start();
            bridges.add(process);
            reader = Thread.ofVirtual().start(() -> {
                try (var out =
                        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                    for (String line = out.readLine(); line != null; line = out.readLine()) lines.add(line);
                } catch (IOException ended) {
                    lines.add("(broke: " + ended + ")");
                }
            });
        }

        Host() throws IOException {
            this("workspace", "--key-file", directory.resolve("key").toString());
        }

        Host say(String line) throws IOException {
            process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().flush();
            return this;
        }

        JsonObject next() throws Exception {
            String line = lines.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertNotNull(line, "no more lines");
            return (JsonObject) StrictJson.parse(line.getBytes(StandardCharsets.UTF_8));
        }

        /// The next answer; notifications before it are passed over.
        JsonObject answer() throws Exception {
            JsonObject next = next();
            while (next.has("method")) next = next();
            return next;
        }

        Host begin() throws Exception {
            say(INITIALIZE);
            assertTrue(answer().has("result"));
            return say("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}");
        }

        Host call(int id, String tool, String arguments, String meta) throws IOException {
            return say("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"tools/call\",\"params\":{\"name\":\"" + tool
                    + "\",\"arguments\":" + arguments + meta + "}}");
        }

        int awaitEnd() throws InterruptedException {
            assertTrue(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS), "it goes on");
            reader.join();
            return process.exitValue();
        }
    }

    private static String text(JsonObject answer) {
        JsonObject result = answer.object("result").orElseThrow(() -> new AssertionError(answer.toString()));
        return result.array("content")
                .orElseThrow()
                .objects()
                .getFirst()
                .text("text")
                .orElseThrow();
    }

    /// Awaits that so many approvals are pending.
    private List<JsonObject> pending(int count) throws InterruptedException {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (true) {
            var items = guard.get(Served.ANN, "/v1/approvals?state=pending")
                    .json()
                    .array("items")
                    .orElseThrow()
                    .objects();
            if (items.size() == count) return items;
            assertTrue(System.nanoTime() < until, () -> items + " are pending");
            Thread.onSpinWait();
        }
    }

    private Served.Answer approve(JsonObject approval) {
        Json digest = approval.get("argumentsDigest").orElseThrow();
        return guard.post(
                Served.ANN,
                "/v1/approvals/" + approval.text("id").orElseThrow() + "/approve",
                "{\"reason\":\"fine\",\"argumentsDigest\":" + digest + "}");
    }

    @Test
    void a_host_lists_and_calls_and_the_bridge_ends_with_it() throws Exception {
        var host = new Host().begin();
        host.say("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}");
        assertTrue(host.answer().toString().contains("fs_read"));
        host.call(2, "fs_read", "{\"path\":\"hello.txt\"}", "");
        assertEquals("hello, world", text(host.answer()));
        host.call(3, "fs_delete", "{\"path\":\"hello.txt\"}", "");
        assertTrue(text(host.answer()).startsWith("Denied by policy"));
        host.process.getOutputStream().close();
        assertEquals(0, host.awaitEnd());
        assertTrue(host.lines.isEmpty(), () -> "more than the protocol: " + host.lines);
        assertEquals("", Files.readString(directory.resolve("err")));
    }

    @Test
    void a_held_call_reports_progress_and_runs_when_a_person_approves() throws Exception {
        var host = new Host().begin();
        host.call(
                1,
                "fs_write",
                "{\"path\":\"new.txt\",\"content\":\"approved\"}",
                ",\"_meta\":{\"progressToken\":\"p\"}");
        JsonObject progress = host.next();
        assertEquals("notifications/progress", progress.text("method").orElseThrow());
        assertEquals(200, approve(pending(1).getFirst()).status());
        assertFalse(host.answer().object("result").orElseThrow().isTrue("isError"));
        assertEquals("approved", Files.readString(directory.resolve("room/new.txt")));
    }

    @Test
    void nothing_runs_for_a_host_that_was_killed_or_left_while_a_person_thought() throws Exception {
        for (boolean killed : new boolean[] {true, false}) {
            var host = new Host().begin();
            host.call(1, "fs_write", "{\"path\":\"late.txt\",\"content\":\"x\"}", "");
            JsonObject approval = pending(1).getFirst();
            if (killed) host.process.destroyForcibly();
            else host.process.getOutputStream().close();
            pending(0);
            assertEquals(409, approve(approval).status());
            host.awaitEnd();
            assertFalse(Files.exists(directory.resolve("room/late.txt")));
        }
    }

    @Test
    void a_request_taken_back_is_given_up() throws Exception {
        var host = new Host().begin();
        host.call(1, "fs_write", "{\"path\":\"back.txt\",\"content\":\"x\"}", "");
        pending(1);
        host.say("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":1}}");
        pending(0);
        host.say("{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"ping\"}");
        assertEquals(2, host.answer().integer("id").orElseThrow(), "the first was never answered");
    }

    /// A request of 2026-07-28.
    private static String modern(int id, String method, String params, String meta) {
        return "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"" + method + "\",\"params\":{" + params
                + "\"_meta\":{" + meta + "\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","
                + "\"io.modelcontextprotocol/clientInfo\":{\"name\":\"h\",\"version\":\"1\"},"
                + "\"io.modelcontextprotocol/clientCapabilities\":{}}}}";
    }

    private static String write(int id, String file, String meta) {
        String params = "\"name\":\"fs_write\",\"arguments\":{\"path\":\"" + file + "\",\"content\":\"modern\"},";
        return modern(id, "tools/call", params, meta);
    }

    @Test
    void a_host_of_the_second_era_lists_calls_and_waits_for_people() throws Exception {
        var host = new Host();
        JsonObject discovered = host.say(modern(1, "server/discover", "", ""))
                .answer()
                .object("result")
                .orElseThrow();
        assertTrue(discovered.get("supportedVersions").orElseThrow().toString().contains("2026-07-28"));
        assertTrue(host.say(modern(2, "tools/list", "", "")).answer().toString().contains("fs_write"));
        host.say(write(3, "modern.txt", "\"progressToken\":\"p\","));
        assertEquals("notifications/progress", host.next().text("method").orElseThrow());
        assertEquals(200, approve(pending(1).getFirst()).status());
        assertFalse(host.answer().object("result").orElseThrow().isTrue("isError"));
        assertEquals("modern", Files.readString(directory.resolve("room/modern.txt")));
    }

    @Test
    void nothing_runs_in_the_second_era_for_who_took_it_back_or_left() throws Exception {
        var host = new Host();
        host.say(write(1, "back.txt", ""));
        JsonObject first = pending(1).getFirst();
        host.say("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":1}}");
        pending(0);
        host.say(write(2, "left.txt", ""));
        JsonObject second = pending(1).getFirst();
        host.process.getOutputStream().close();
        pending(0);
        assertEquals(409, approve(first).status());
        assertEquals(409, approve(second).status());
        assertEquals(0, host.awaitEnd());
        assertFalse(Files.exists(directory.resolve("room/back.txt")));
        assertFalse(Files.exists(directory.resolve("room/left.txt")));
        assertTrue(host.lines.isEmpty(), () -> "it was answered: " + host.lines);
    }

    @Test
    void it_ends_cleanly_when_it_is_told_to() throws Exception {
        var host = new Host().begin();
        host.process.toHandle().destroy();
        assertEquals(0, host.awaitEnd());
        assertTrue(host.lines.isEmpty());
    }

    @Test
    void a_guard_that_went_away_and_came_back_is_found_again() throws Exception {
        var host = new Host().begin();
        guard.close();
        host.call(1, "fs_read", "{\"path\":\"hello.txt\"}", "");
        JsonObject refused = host.answer();
        assertTrue(refused.toString().contains("guardrail serve"), refused::toString);
        guard = Served.in(directory);
        host.call(2, "fs_read", "{\"path\":\"hello.txt\"}", "");
        assertEquals("hello, world", text(host.answer()));
    }

    @Test
    void a_key_that_opens_nothing_is_told_and_not_shown() throws Exception {
        Files.writeString(directory.resolve("key"), "grd_" + "x".repeat(43));
        var host = new Host().say(INITIALIZE);
        JsonObject refused = host.answer();
        assertTrue(refused.toString().contains("does not know this key"), refused::toString);
        assertFalse((refused + Files.readString(directory.resolve("err"))).contains("xxxx"));
    }

    @Test
    void without_a_key_or_with_a_socket_it_does_not_start() throws Exception {
        for (String[] words :
                List.of(new String[] {"workspace"}, new String[] {"workspace", "--url", "unix:/g.sock"})) {
            var host = new Host(words);
            assertEquals(1, host.awaitEnd());
            assertTrue(host.lines.isEmpty());
            assertTrue(Files.readString(directory.resolve("err")).startsWith("guardrail: "));
        }
    }

    @Test
    void no_line_of_the_corpus_that_is_to_be_refused_gets_through() throws Exception {
        var host = new Host().begin();
        int refused = 0;
        for (JsonObject sample : corpus()) {
            if (!sample.text("want").orElse("").startsWith("reject")) continue;
            host.say(sample.text("line").orElseThrow());
            JsonObject answer = host.answer();
            assertTrue(answer.has("error"), () -> sample.text("name") + ": " + answer);
            refused++;
        }
        assertTrue(refused > 15, "most of the corpus is to be refused");
        host.call(1, "fs_read", "{\"path\":\"hello.txt\"}", "");
        assertEquals("hello, world", text(host.answer()));
    }

    private static List<JsonObject> corpus() throws IOException {
        try (var in = StdioSpec.class.getResourceAsStream("/corpora/mcp-jsonrpc.jsonl")) {
            assertNotNull(in);
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(line -> (JsonObject) StrictJson.parse(line.getBytes(StandardCharsets.UTF_8)))
                    .toList();
        }
    }
}
