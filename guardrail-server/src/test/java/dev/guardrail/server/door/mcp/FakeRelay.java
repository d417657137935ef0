package dev.guardrail.server.door.mcp;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.call.InboundToken;
import dev.guardrail.server.relay.Answer;
import dev.guardrail.server.relay.Era;
import dev.guardrail.server.relay.Line;
import dev.guardrail.server.relay.Relay;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/// Upstreams of the first era that are always there: each greets, lists the tools that it is given and answers a ping,
/// and everything that it was told is remembered.
final class FakeRelay implements Relay {
    /// Connections whose clients listen no longer.
    final java.util.List<String> deafened = new java.util.concurrent.CopyOnWriteArrayList<>();

    static final Answer.Failure NO_SESSION = new Answer.Failure(
            JsonObject.builder()
                    .with("code", -32000)
                    .with("message", "no valid session id")
                    .build(),
            400,
            false);

    final List<JsonObject> hellos = new CopyOnWriteArrayList<>();
    final List<Passing> passed = new CopyOnWriteArrayList<>();

    /// What clients said: the method, then the params.
    final List<String> told = new CopyOnWriteArrayList<>();

    /// Connections whose standing stream was asked for.
    final List<String> listening = new CopyOnWriteArrayList<>();

    /// Where each connection's server speaks unasked.
    final Map<String, Line> standing = new ConcurrentHashMap<>();

    /// What it says to requests of the second era; empty where it speaks it.
    volatile Optional<Answer.Failure> stranger = Optional.of(NO_SESSION);

    /// What becomes of `initialize` where it is set.
    volatile Optional<Answer> greeting = Optional.empty();

    /// What it answers to a method, beside those that it knows.
    final Map<String, Answer> answers = new ConcurrentHashMap<>();

    private final Supplier<List<JsonObject>> tools;

    FakeRelay(Supplier<List<JsonObject>> tools) {
        this.tools = tools;
    }

    @Override
    public Answer open(String server, String connection, JsonObject hello, Line line, Optional<InboundToken> token) {
        hellos.add(hello);
        standing.put(connection, line);
        return greeting.orElseGet(() -> greeted(server, hello));
    }

    private static Answer greeted(String server, JsonObject hello) {
        var asked = hello.text("protocolVersion");
        if (asked.isEmpty()) return Answer.Failure.of(-32602, "`protocolVersion` must be a text");
        String spoken = Era.LEGACY_REVISIONS.contains(asked.get()) ? asked.get() : Era.LEGACY_REVISIONS.getFirst();
        return new Answer.Result(JsonObject.with("protocolVersion", spoken)
                .with(
                        "capabilities",
                        JsonObject.with("logging", JsonObject.EMPTY)
                                .with("tools", JsonObject.EMPTY)
                                .build())
                .with(
                        "serverInfo",
                        JsonObject.with("name", "upstream/" + server)
                                .with("version", "7")
                                .build())
                .with("instructions", "Be kind.")
                .build());
    }

    @Override
    public Optional<Answer.Failure> stranger(String server, Optional<InboundToken> token) {
        return stranger;
    }

    @Override
    public Answer ask(String server, Passing passing) {
        passed.add(passing);
        var given = answers.get(passing.method());
        if (given != null) return given;
        return switch (passing.method()) {
            case "ping" -> new Answer.Result(JsonObject.EMPTY);
            case "tools/list" ->
                new Answer.Result(JsonObject.with("tools", new JsonArray(List.<Json>copyOf(tools.get())))
                        .build());
            default -> Answer.Failure.methodNotFound();
        };
    }

    @Override
    public void tell(String server, String connection, String method, JsonObject params) {
        told.add(method + " " + params);
    }

    @Override
    public void deafen(String server, String connection) {
        deafened.add(connection);
    }

    @Override
    public void listen(String server, String connection) {
        listening.add(connection);
    }
}
