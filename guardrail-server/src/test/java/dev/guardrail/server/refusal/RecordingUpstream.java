package dev.guardrail.server.refusal;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonWriter;
import dev.guardrail.base.StrictJson;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/// An MCP server of one era that keeps every request that reaches it, with its headers, and says more than it should:
/// cookies, headers and a session of its own.
public final class RecordingUpstream implements AutoCloseable {
    static final String STATE = "the server's own state";
    static final String QUESTION = "question-of-the-server";
    static final String TASK = "task-of-the-server";

    /// What the guard asks by itself.
    private static final Set<String> OF_THE_GUARD =
            Set.of("initialize", "notifications/initialized", "server/discover", "tools/list");

    private final boolean modern;
    private final HttpServer server;
    private final List<Seen> seen = new CopyOnWriteArrayList<>();
    private final AtomicInteger sessions = new AtomicInteger();
    private final Map<String, CountDownLatch> gates = new ConcurrentHashMap<>();

    /// A request that arrived.
    public record Seen(String method, Map<String, String> headers, JsonObject message) {
        public String rpc() {
            return message.text("method").orElse("");
        }

        public JsonObject params() {
            return message.object("params").orElse(JsonObject.EMPTY);
        }
    }

    /// @param modern whether it speaks the 2026-07-28 revision, else 2025-11-25
    public RecordingUpstream(boolean modern) throws IOException {
        this.modern = modern;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/mcp", this::serve);
        server.start();
    }

    public String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/mcp";
    }

    /// Everything that arrived.
    public List<Seen> all() {
        return List.copyOf(seen);
    }

    /// What arrived for a client, in order.
    List<Seen> ofClients() {
        return seen.stream()
                .filter(each -> !each.rpc().isEmpty() || each.message().has("id"))
                .filter(each -> !OF_THE_GUARD.contains(each.rpc()))
                .toList();
    }

    /// How often a tool was called.
    public long calls(String tool) {
        return ofClients().stream()
                .filter(each -> each.rpc().equals("tools/call"))
                .filter(each -> each.params().text("name").equals(Optional.of(tool)))
                .count();
    }

    /// Lets the call of `slow` with this key end.
    void release(String key) {
        gate(key).countDown();
    }

    private CountDownLatch gate(String key) {
        return gates.computeIfAbsent(key, first -> new CountDownLatch(1));
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            var headers = new TreeMap<String, String>(String.CASE_INSENSITIVE_ORDER);
            exchange.getRequestHeaders().forEach((name, values) -> headers.put(name, String.join(" | ", values)));
            JsonObject message = body.length == 0 ? JsonObject.EMPTY : (JsonObject) StrictJson.parse(body);
            seen.add(new Seen(exchange.getRequestMethod(), headers, message));
            if (message.text("id").equals(Optional.of(QUESTION))) release(QUESTION);
            exchange.getResponseHeaders().set("Set-Cookie", "leak=of-the-server");
            exchange.getResponseHeaders().set("X-Of-The-Server", "leak");
            if (!exchange.getRequestMethod().equals("POST")) exchange.sendResponseHeaders(405, -1);
            else if (!message.has("id") || !message.has("method")) exchange.sendResponseHeaders(202, -1);
            else answer(exchange, new Seen("POST", headers, message));
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private void answer(HttpExchange exchange, Seen request) throws IOException, InterruptedException {
        String tool = request.rpc().equals("tools/call")
                ? request.params().text("name").orElse("")
                : "";
        if (request.rpc().equals("initialize"))
            exchange.getResponseHeaders().set("Mcp-Session-Id", "of-the-server-" + sessions.incrementAndGet());
        if (tool.equals("slow"))
            gate(request.params().object("arguments").orElseThrow().text("key").orElseThrow())
                    .await();
        if (tool.equals("numbered") || tool.equals("question")) stream(exchange, request, tool);
        else {
            Optional<Json> result = result(request, tool);
            json(exchange, result.isPresent() ? 200 : 400, response(request, result));
        }
    }

    /// Asks the client, or tells it something under a number, before the result.
    private void stream(HttpExchange exchange, Seen request, String tool) throws IOException, InterruptedException {
        exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
        exchange.sendResponseHeaders(200, 0);
        OutputStream out = exchange.getResponseBody();
        JsonObject said = tool.equals("question")
                ? JsonObject.with("jsonrpc", "2.0")
                        .with("id", QUESTION)
                        .with("method", "elicitation/create")
                        .with(
                                "params",
                                JsonObject.with("message", "Who?")
                                        .with(
                                                "requestedSchema",
                                                JsonObject.with("type", "object")
                                                        .build())
                                        .build())
                        .build()
                : JsonObject.with("jsonrpc", "2.0")
                        .with("method", "notifications/message")
                        .with(
                                "params",
                                JsonObject.with("level", "info")
                                        .with("data", "for this session alone")
                                        .build())
                        .build();
        event(out, "event-of-the-server-1", said);
        if (tool.equals("question")) gate(QUESTION).await();
        event(out, "event-of-the-server-2", response(request, Optional.of(content("told"))));
    }

    private static void event(OutputStream out, String id, JsonObject message) throws IOException {
        out.write(("id: " + id + "\ndata: ").getBytes(UTF_8));
        out.write(JsonWriter.bytes(message));
        out.write("\n\n".getBytes(UTF_8));
        out.flush();
    }

    private static void json(HttpExchange exchange, int status, JsonObject message) throws IOException {
        byte[] answer = JsonWriter.bytes(message);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, answer.length);
        exchange.getResponseBody().write(answer);
    }

    private static JsonObject response(Seen request, Optional<Json> result) {
        var response = JsonObject.with("jsonrpc", "2.0")
                .with("id", request.message().get("id").orElseThrow());
        result.ifPresentOrElse(
                given -> response.with("result", given),
                () -> response.with(
                        "error",
                        JsonObject.builder()
                                .with("code", -32601)
                                .with("message", "not here")
                                .build()));
        return response.build();
    }

    private Optional<Json> result(Seen request, String tool) {
        return switch (request.rpc()) {
            case "initialize" -> modern ? Optional.empty() : Optional.of(greeting());
            case "server/discover" -> modern ? Optional.of(discovered()) : Optional.empty();
            case "tools/list" -> Optional.of(complete().with("tools", tools()).build());
            case "tools/call" -> Optional.of(called(request, tool));
            case "tasks/get", "tasks/cancel", "tasks/update" ->
                request.params().text("taskId").equals(Optional.of(TASK))
                        ? Optional.of(complete()
                                .with("taskId", TASK)
                                .with("status", "working")
                                .build())
                        : Optional.empty();
            case "ping" -> Optional.of(JsonObject.EMPTY);
            default -> Optional.empty();
        };
    }

    private JsonObject called(Seen request, String tool) {
        return switch (tool) {
            case "ask" -> {
                if (request.params().has("requestState")) yield content("asked");
                yield JsonObject.with("resultType", "input_required")
                        .with(
                                "inputRequests",
                                JsonObject.with(
                                                "roots",
                                                JsonObject.with("method", "roots/list")
                                                        .build())
                                        .build())
                        .with("requestState", STATE)
                        .build();
            }
            case "work" ->
                JsonObject.with("resultType", "task")
                        .with("taskId", TASK)
                        .with("status", "working")
                        .with("ttlMs", 60_000)
                        .build();
            default -> content("done");
        };
    }

    private JsonObject.Builder complete() {
        return modern ? JsonObject.with("resultType", "complete") : JsonObject.builder();
    }

    private static JsonObject content(String text) {
        Json part = JsonObject.with("type", "text").with("text", text).build();
        return JsonObject.with("resultType", "complete")
                .with("content", new JsonArray(List.of(part)))
                .build();
    }

    private static JsonObject greeting() {
        return JsonObject.with("protocolVersion", "2025-11-25")
                .with(
                        "capabilities",
                        JsonObject.with("tools", JsonObject.EMPTY)
                                .with("logging", JsonObject.EMPTY)
                                .build())
                .with("serverInfo", info())
                .build();
    }

    private static JsonObject discovered() {
        return JsonObject.with("resultType", "complete")
                .with("supportedVersions", JsonArray.ofTexts(List.of("2026-07-28")))
                .with("capabilities", JsonObject.with("tools", JsonObject.EMPTY).build())
                .with("serverInfo", info())
                .build();
    }

    private static JsonObject info() {
        return JsonObject.with("name", "recording").with("version", "1").build();
    }

    private static JsonArray tools() {
        var region =
                JsonObject.with("type", "string").with("x-mcp-header", "Region").build();
        var count =
                JsonObject.with("type", "integer").with("x-mcp-header", "Count").build();
        var amount = JsonObject.with("type", "number").build();
        return new JsonArray(List.of(
                tool(
                        "route",
                        JsonObject.with("region", region).with("count", count).build()),
                tool(
                        "pay",
                        JsonObject.with("amount", amount)
                                .with(
                                        "country",
                                        JsonObject.with("type", "string").build())
                                .build()),
                tool("ls", JsonObject.EMPTY),
                tool("rm", JsonObject.EMPTY),
                tool("slow", JsonObject.EMPTY),
                tool("ask", JsonObject.EMPTY),
                tool("work", JsonObject.EMPTY),
                tool("numbered", JsonObject.EMPTY),
                tool("question", JsonObject.EMPTY)));
    }

    private static JsonObject tool(String name, JsonObject properties) {
        return JsonObject.with("name", name)
                .with(
                        "inputSchema",
                        JsonObject.with("type", "object")
                                .with("properties", properties)
                                .build())
                .build();
    }

    @Override
    public void close() {
        gates.values().forEach(CountDownLatch::countDown);
        server.stop(0);
    }
}
