package dev.guardrail.server.eras;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.StrictJson;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/// An MCP server over Streamable HTTP that keeps everything it hears and answers as a test tells it to.
final class PlayedServer implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 20;

    /// One request of HTTP.
    record Heard(String verb, Map<String, List<String>> headers, JsonObject message) {
        String header(String name) {
            return headers.entrySet().stream()
                    .filter(header -> header.getKey().equalsIgnoreCase(name))
                    .map(header -> header.getValue().getFirst())
                    .findFirst()
                    .orElse("");
        }

        boolean has(String name) {
            return headers.keySet().stream().anyMatch(name::equalsIgnoreCase);
        }

        String method() {
            return message.text("method").orElse("");
        }

        JsonObject params() {
            return message.object("params").orElse(JsonObject.EMPTY);
        }
    }

    /// What it does with a request.
    @FunctionalInterface
    interface Part {
        void play(Turn turn) throws IOException;
    }

    final List<Heard> heard = new CopyOnWriteArrayList<>();
    private final Map<String, Part> parts = new ConcurrentHashMap<>();
    private final Map<String, JsonObject> replies = new ConcurrentHashMap<>();
    private final AtomicInteger sessions = new AtomicInteger();
    private final List<String> known = new CopyOnWriteArrayList<>();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpServer server;
    private final boolean modern;

    /// @param modern false where it speaks the first era
    PlayedServer(boolean modern, JsonObject... tools) throws IOException {
        this.modern = modern;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/mcp", this::handle);
        var page = JsonObject.with("tools", new JsonArray(List.<Json>of(tools))).build();
        on("tools/list", turn -> turn.result(modern ? complete(page) : page));
        on("ping", turn -> turn.result(JsonObject.EMPTY));
        on("GET", turn -> turn.status(405));
        on("DELETE", turn -> turn.status(204));
        if (modern) on("server/discover", turn -> turn.result(discovered()));
        else on("initialize", this::greet);
        server.start();
    }

    /// Plays this part whenever the method, the verb, or the tool after `tools/call ` comes.
    void on(String what, Part part) {
        parts.put(what, part);
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/mcp";
    }

    /// Forgets all sessions.
    void forget() {
        known.clear();
    }

    /// Everything that came with a method or verb.
    List<Heard> all(String what) {
        return heard.stream()
                .filter(each -> each.verb().equals(what) || each.method().equals(what))
                .toList();
    }

    /// The first request with a method or verb, awaited.
    Heard first(String what) {
        await(() -> !all(what).isEmpty());
        return all(what).getFirst();
    }

    /// What the guard answered to a question of ours, awaited.
    JsonObject reply(String id) {
        await(() -> replies.containsKey(id));
        return Optional.ofNullable(replies.get(id)).orElseThrow();
    }

    boolean hasReply(String id) {
        return replies.containsKey(id);
    }

    static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) throw new AssertionError("it did not come to be");
            java.util.concurrent.locks.LockSupport.parkNanos(2_000_000);
        }
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            var message = body.length == 0 ? JsonObject.EMPTY : (JsonObject) StrictJson.parse(body);
            var request = new Heard(exchange.getRequestMethod(), Map.copyOf(exchange.getRequestHeaders()), message);
            heard.add(request);
            play(new Turn(exchange, request, closing));
        }
    }

    private void play(Turn turn) throws IOException {
        var request = turn.heard();
        String session = request.header("Mcp-Session-Id");
        String method = request.method();
        if (!modern && !method.equals("initialize") && !method.equals("server/discover") && !known.contains(session))
            turn.status(404);
        else if (!request.verb().equals("POST")) part(request.verb()).play(turn);
        else if (method.isEmpty()) {
            replies.put(request.message().get("id").orElseThrow().toString(), request.message());
            turn.status(202);
        } else if (!request.message().has("id")) {
            Optional.ofNullable(parts.get(method)).ifPresent(part -> sound(part, turn));
            turn.status(202);
        } else if (method.equals("tools/call"))
            part("tools/call " + request.params().text("name").orElse("")).play(turn);
        else part(method).play(turn);
    }

    private static void sound(Part part, Turn turn) {
        try {
            part.play(turn);
        } catch (IOException broken) {
            throw new java.io.UncheckedIOException(broken);
        }
    }

    private Part part(String what) {
        var part = parts.get(what);
        return part != null
                ? part
                : turn -> turn.error(modern ? 404 : 200, -32601, "the played server knows no " + what);
    }

    private void greet(Turn turn) throws IOException {
        String session = "upstream-" + sessions.incrementAndGet();
        known.add(session);
        turn.header("Mcp-Session-Id", session);
        turn.result(parse("""
                {"protocolVersion":"2025-11-25","capabilities":{"tools":{},"resources":{"subscribe":true},"logging":{},
                "prompts":{},"completions":{}},"serverInfo":{"name":"played","version":"3"},"instructions":"Play."}"""));
    }

    private static JsonObject discovered() {
        return complete(parse("""
                {"supportedVersions":["2026-07-28"],"capabilities":{"tools":{},"resources":{},"x":{"kept":1.0}},
                "serverInfo":{"name":"played","version":"3"}}"""));
    }

    static JsonObject complete(JsonObject result) {
        return JsonObject.with("resultType", "complete")
                .withAll(result.members())
                .with("ttlMs", 60_000)
                .with("cacheScope", "public")
                .build();
    }

    static JsonObject parse(String text) {
        return (JsonObject) StrictJson.parse(text.getBytes(UTF_8));
    }

    /// A tool that takes any object.
    static JsonObject tool(String name) {
        return parse("{\"name\":\"" + name + "\",\"inputSchema\":{\"type\":\"object\"}}");
    }

    /// The result of a tool that says something.
    static JsonObject text(String text) {
        return parse("{\"content\":[{\"type\":\"text\",\"text\":\"" + text + "\"}]}");
    }

    /// The same of the second era.
    static JsonObject complete(String text) {
        return parse("{\"resultType\":\"complete\",\"content\":[{\"type\":\"text\",\"text\":\"" + text + "\"}]}");
    }

    @Override
    public void close() {
        closing.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
