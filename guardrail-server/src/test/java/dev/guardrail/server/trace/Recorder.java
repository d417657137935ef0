package dev.guardrail.server.trace;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonWriter;
import dev.guardrail.base.StrictJson;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;

/// An MCP server of the first era with the tool `get`, and a collector of spans; it keeps all that both were sent.
final class Recorder implements AutoCloseable {
    private final HttpServer server;
    private final List<Heard> heard = new CopyOnWriteArrayList<>();
    private final List<JsonObject> batches = new CopyOnWriteArrayList<>();

    /// A request to the MCP server.
    ///
    /// @param parent its header `traceparent`
    record Heard(String method, String parent, String baggage, JsonObject params) {
        String meta(String name) {
            return params.object("_meta").flatMap(meta -> meta.text(name)).orElse("");
        }
    }

    Recorder() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/mcp", this::serve);
        server.createContext("/v1/traces", this::collect);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    Heard call() {
        return heard.stream()
                .filter(request -> request.method().equals("tools/call"))
                .reduce((first, second) -> second)
                .orElseThrow(() -> new AssertionError("no call came"));
    }

    String collected() {
        return batches.toString();
    }

    List<JsonObject> spans() {
        var spans = new ArrayList<JsonObject>();
        for (JsonObject batch : batches)
            for (JsonObject resource :
                    batch.array("resourceSpans").orElseThrow().objects())
                for (JsonObject scope :
                        resource.array("scopeSpans").orElseThrow().objects())
                    spans.addAll(scope.array("spans").orElseThrow().objects());
        return spans;
    }

    private void collect(HttpExchange exchange) throws IOException {
        try (exchange) {
            batches.add((JsonObject) StrictJson.parse(exchange.getRequestBody().readAllBytes()));
            exchange.sendResponseHeaders(200, -1);
        }
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            if (!exchange.getRequestMethod().equals("POST")) {
                exchange.sendResponseHeaders(405, -1);
                return;
            }
            var request = (JsonObject) StrictJson.parse(body);
            var headers = exchange.getRequestHeaders();
            heard.add(new Heard(
                    request.text("method").orElse(""),
                    String.valueOf(headers.getFirst("traceparent")),
                    String.valueOf(headers.getFirst("baggage")),
                    request.object("params").orElse(JsonObject.EMPTY)));
            if (!request.has("id")) {
                exchange.sendResponseHeaders(202, -1);
                return;
            }
            byte[] answer = JsonWriter.bytes(JsonObject.with("jsonrpc", "2.0")
                    .with("id", request.get("id").orElseThrow())
                    .with("result", result(request.text("method").orElse("")))
                    .build());
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
        }
    }

    private static JsonObject result(String method) {
        String json = switch (method) {
            case "initialize" ->
                "{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{\"tools\":{}},"
                        + "\"serverInfo\":{\"name\":\"r\",\"version\":\"1\"}}";
            case "tools/list" -> "{\"tools\":[{\"name\":\"get\",\"inputSchema\":{\"type\":\"object\"}}]}";
            case "tools/call" -> "{\"content\":[{\"type\":\"text\",\"text\":\"result-canary\"}]}";
            default -> "{}";
        };
        return (JsonObject) StrictJson.parse(json.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
