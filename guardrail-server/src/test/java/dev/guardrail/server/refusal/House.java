package dev.guardrail.server.refusal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Sha256;
import dev.guardrail.base.StrictJson;
import dev.guardrail.server.wiring.Served;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/// A whole guard before a server of each era, `old` and `new`, and the built-in workspace. Each case has an agent of
/// its own, so that no case's refusals are counted together with another's.
final class House implements AutoCloseable {
    static final String REVISION = "2026-07-28";
    static final String LEGACY = "2025-11-25";
    static final String TOKEN = "the-guards-own-token-for-old";
    private static final int AGENTS = 400;

    private static final String RULES = """
            apiVersion: guardrail/v1
            kind: Policy
            metadata: {name: refusals}
            rules:
              - {id: pay, match: {tools: ["*.pay"]}, effect: allow, when: args.amount <= 100}
              - {id: rest, match: {tools: [old.route, old.ls, old.rm, old.slow, old.ask, old.work, old.numbered, old.question, new.route, new.ls, new.rm, new.slow, new.ask, new.work]}, effect: allow}
              - {id: questions, match: {tools: ["old.mcp:elicitation/create", "*.mcp:roots/list"]}, effect: allow}
            """;

    final RecordingUpstream old;
    final RecordingUpstream fresh;
    final Served served;
    private final AtomicInteger next = new AtomicInteger();

    private House(RecordingUpstream old, RecordingUpstream fresh, Served served) {
        this.old = old;
        this.fresh = fresh;
        this.served = served;
    }

    static House in(Path directory) throws Exception {
        var old = new RecordingUpstream(false);
        var fresh = new RecordingUpstream(true);
        Files.createDirectories(directory.resolve("policies"));
        Files.createDirectories(directory.resolve("room"));
        Served.write(directory.resolve("policies/rules.yaml"), RULES);
        Path token = directory.resolve("own.token");
        Files.writeString(token, TOKEN);
        Files.setPosixFilePermissions(token, PosixFilePermissions.fromString("rw-------"));
        var agents = new StringBuilder();
        for (int i = 0; i < AGENTS; i++)
            agents.append("  - {name: a%d, key: {hash: \"%s\"}}%n"
                    .formatted(i, Sha256.of(key("a" + i).getBytes(UTF_8))));
        Served.write(directory.resolve("guardrail.yaml"), """
                listen: 127.0.0.1:0
                data: ./data
                policies: [./policies]
                origins: ["https://guardrail.example"]
                servers:
                  old: {url: "%s", credential: {file: ./own.token}}
                  new: {url: "%s"}
                  workspace: {builtin: workspace, root: ./room}
                agents:
                %s
                hosts:
                  - {name: app, key: {env: APP}, agents: [bot]}
                operators:
                  - {name: sam, key: {env: SAM}, roles: [auditor]}
                """.formatted(
                        old.url(), fresh.url(), agents.toString().stripTrailing()));
        var house = new House(old, fresh, Served.in(directory));
        house.await("old.route");
        house.await("new.route");
        return house;
    }

    /// The guard looks for its servers' tools by itself as it starts.
    private void await(String tool) {
        while (!served.get(Served.SAM, "/v1/tools").text().contains(tool)) Thread.onSpinWait();
    }

    private static String key(String name) {
        return "grd_" + name + "-".repeat(43 - name.length());
    }

    /// An agent that nobody has used, and what it is known by.
    Agent agent() {
        String name = "a" + next.getAndIncrement();
        return new Agent(name, key(name));
    }

    record Agent(String name, String key) {}

    int port() {
        return served.sidecar.url().getPort();
    }

    /// A request as every honest client makes it.
    RawHttp request(String method, String path, Agent agent) {
        return new RawHttp(port(), method, path)
                .with("Host", "127.0.0.1:" + port())
                .with("Authorization", "Bearer " + agent.key())
                .with("Accept", "application/json, text/event-stream");
    }

    RawHttp post(String server, Agent agent) {
        return request("POST", "/mcp/" + server, agent).with("Content-Type", "application/json");
    }

    /// A request of the second era, whose headers say what its body says.
    ///
    /// @param params further ones, each with a comma before it
    RawHttp modern(Agent agent, String id, String tool, String arguments, String params) {
        return post("new", agent)
                .with("MCP-Protocol-Version", REVISION)
                .with("Mcp-Method", "tools/call")
                .with("Mcp-Name", tool)
                .body("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"tools/call\",\"params\":{\"name\":\"" + tool
                        + "\",\"arguments\":" + arguments + params + "," + meta("") + "}}");
    }

    RawHttp modern(Agent agent, String id, String tool, String arguments) {
        return modern(agent, id, tool, arguments, "");
    }

    /// The facts of a request of the second era.
    ///
    /// @param more members, each with a comma before it
    static String meta(String more) {
        return "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"" + REVISION
                + "\",\"io.modelcontextprotocol/clientInfo\":{\"name\":\"test\",\"version\":\"1\"},"
                + "\"io.modelcontextprotocol/clientCapabilities\":{\"extensions\":{\"io.modelcontextprotocol/tasks\":{}}}"
                + more + "}";
    }

    /// Opens a session of the first era, and names it.
    String open(String server, Agent agent) {
        var answer = post(server, agent)
                .body(
                        "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\""
                                + LEGACY
                                + "\",\"capabilities\":{\"elicitation\":{}},\"clientInfo\":{\"name\":\"test\",\"version\":\"1\"}}}")
                .send();
        assertEquals(200, answer.status(), answer::toString);
        String session = answer.header("Mcp-Session-Id");
        var noted = in(server, agent, session)
                .body("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}")
                .send();
        assertEquals(202, noted.status(), noted::toString);
        return session;
    }

    /// A request in a session.
    RawHttp in(String server, Agent agent, String session) {
        return post(server, agent).with("Mcp-Session-Id", session).with("MCP-Protocol-Version", LEGACY);
    }

    RawHttp legacy(Agent agent, String session, String id, String tool, String arguments) {
        return in("old", agent, session).body(call(id, tool, arguments));
    }

    static String call(String id, String tool, String arguments) {
        return "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"tools/call\",\"params\":{\"name\":\"" + tool
                + "\",\"arguments\":" + arguments + "}}";
    }

    /// Every request of a client that reached either server.
    List<RecordingUpstream.Seen> reached() {
        return java.util.stream.Stream.concat(old.ofClients().stream(), fresh.ofClients().stream())
                .toList();
    }

    /// What the journal holds of refused messages of one sender, oldest first.
    List<JsonObject> kept(String by) {
        try {
            var store = served.sidecar.assembly().journal().store();
            return store.read(0, store.size()).stream()
                    .map(bytes -> (JsonObject) StrictJson.parse(bytes))
                    .filter(entry -> entry.text("kind").equals(Optional.of("wire_refused")))
                    .filter(entry -> entry.text("by").equals(Optional.of(by)))
                    .toList();
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    List<String> faults(Agent agent) {
        return kept("agent:" + agent.name()).stream()
                .map(entry -> entry.text("fault").orElseThrow())
                .toList();
    }

    /// Sends what must be refused: its status and code are these, nothing reached a server, and the journal has one
    /// entry more that names the fault and the agent, and nothing of what was sent.
    RawHttp.Answer refused(Agent agent, RawHttp request, int status, int code, String fault) {
        int before = reached().size();
        int kept = faults(agent).size();
        var answer = request.send();
        assertEquals(status, answer.status(), answer::toString);
        if (code != 0)
            assertEquals(code, answer.error().orElseThrow().integer("code").orElseThrow(), answer::toString);
        assertEquals(before, reached().size(), "nothing reaches a server");
        var entries = kept("agent:" + agent.name());
        assertEquals(kept + 1, entries.size(), () -> "one entry: " + entries);
        var entry = entries.getLast();
        assertEquals(fault, entry.text("fault").orElseThrow());
        assertEquals(1, entry.integer("count").orElseThrow());
        assertEquals(agent.name(), entry.text("agent").orElseThrow());
        assertEquals(
                !request.body().isEmpty() && entry.text("door").equals(Optional.of("mcp")) && status != 403,
                entry.has("message"),
                entry::toString);
        return answer;
    }

    /// Sends what must pass, and reaches a server once.
    RawHttp.Answer passed(RawHttp request) {
        int before = reached().size();
        var answer = request.send();
        assertEquals(200, answer.status(), answer::toString);
        assertTrue(answer.error().isEmpty(), answer::toString);
        assertEquals(before + 1, reached().size(), answer::toString);
        return answer;
    }

    @Override
    public void close() throws IOException {
        old.close();
        fresh.close();
        served.close();
    }
}
