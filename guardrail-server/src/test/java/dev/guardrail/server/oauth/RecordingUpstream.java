package dev.guardrail.server.oauth;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.base.JsonWriter;
import dev.guardrail.base.StrictJson;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;

/// A plain MCP server of the first era, or of the second, with the tool `get`, which keeps all that it was sent, and
/// answers 401 to the tokens that it was
/// told to refuse.
final class RecordingUpstream implements AutoCloseable {
    private final HttpServer server;
    private final List<Heard> heard = new CopyOnWriteArrayList<>();
    private final Set<String> refused = ConcurrentHashMap.newKeySet();
    private volatile boolean modern;

    /// One request.
    ///
    /// @param headers all of them, as text
    record Heard(String method, String authorization, String headers, String body) {}

    RecordingUpstream() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/mcp", this::serve);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/mcp";
    }

    /// From here on speaks the second era alone.
    void modern() {
        modern = true;
    }

    void refuse(String token) {
        refused.add("Bearer " + token);
    }

    List<Heard> heard() {
        return List.copyOf(heard);
    }

    /// What calls came with, in order.
    List<String> calls() {
        return heard.stream()
                .filter(request -> request.method().equals("tools/call"))
                .map(Heard::authorization)
                .toList();
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            if (!exchange.getRequestMethod().equals("POST") || body.length == 0) {
                exchange.sendResponseHeaders(405, -1);
                return;
            }
            var request = (JsonObject) StrictJson.parse(body);
            String authorization = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
            if (refused.contains(authorization)) {
                exchange.sendResponseHeaders(401, -1);
                return;
            }
            heard.add(new Heard(
                    request.text("method").orElse(""),
                    authorization,
                    exchange.getRequestHeaders().entrySet().toString(),
                    request.toString()));
            if (!request.has("id")) {
                exchange.sendResponseHeaders(202, -1);
                return;
            }
            String method = request.text("method").orElse("");
            boolean unknown = method.equals("server/discover") != modern
                    && Set.of("server/discover", "initialize").contains(method);
            byte[] answer = JsonWriter.bytes(JsonObject.with("jsonrpc", "2.0")
                    .with("id", request.get("id").orElseThrow())
                    .with(unknown ? "error" : "result", unknown ? unknown() : result(request, authorization))
                    .build());
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(unknown ? 404 : 200, answer.length);
            exchange.getResponseBody().write(answer);
        }
    }

    private static JsonObject unknown() {
        return JsonObject.builder()
                .with("code", -32601)
                .with("message", "Method not found")
                .build();
    }

    private JsonObject result(JsonObject request, String authorization) {
        JsonObject result = plain(request, authorization);
        return modern ? result.set("resultType", new JsonText("complete")) : result;
    }

    private static JsonObject plain(JsonObject request, String authorization) {
        return switch (request.text("method").orElse("")) {
            case "initialize" ->
                JsonObject.with("protocolVersion", "2025-11-25")
                        .with(
                                "capabilities",
                                JsonObject.with("tools", JsonObject.EMPTY).build())
                        .with(
                                "serverInfo",
                                JsonObject.with("name", "r")
                                        .with("version", "1")
                                        .build())
                        .build();
            case "server/discover" ->
                JsonObject.with("supportedVersions", JsonArray.ofTexts(List.of("2026-07-28")))
                        .with(
                                "capabilities",
                                JsonObject.with("tools", JsonObject.EMPTY).build())
                        .with(
                                "serverInfo",
                                JsonObject.with("name", "r")
                                        .with("version", "1")
                                        .build())
                        .build();
            case "tools/list" -> {
                Json get = JsonObject.with("name", "get")
                        .with("inputSchema", JsonObject.with("type", "object").build())
                        .build();
                yield JsonObject.with("tools", new JsonArray(List.of(get))).build();
            }
            case "tools/call" -> {
                // A careless server: it shows what it was sent.
                Json text = JsonObject.with("type", "text")
                        .with("text", new JsonText("you came with " + authorization))
                        .build();
                yield JsonObject.with("content", new JsonArray(List.of(text))).build();
            }
            default -> JsonObject.EMPTY;
        };
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
