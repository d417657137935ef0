package dev.guardrail.server.corpus;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonWriter;
import dev.guardrail.base.StrictJson;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.function.Function;

/// A plain MCP server over HTTP with the tools `ls`, `rm` and `pay`, or others, which keeps every call that reaches it.
public final class ShopUpstream implements AutoCloseable {
    private final HttpServer server;
    private final List<String> calls = new CopyOnWriteArrayList<>();

    private volatile List<JsonObject> tools = List.of(tool("ls"), tool("rm"), pay());

    private final Function<JsonObject, JsonObject> answers;

    public ShopUpstream() throws IOException {
        this(params -> texts("done"));
    }

    /// @param answers results by the params of a call
    public ShopUpstream(Function<JsonObject, JsonObject> answers) throws IOException {
        this.answers = answers;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/mcp", this::serve);
        server.start();
    }

    public String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/mcp";
    }

    public List<String> calls() {
        return List.copyOf(calls);
    }

    /// Lists these tools from now on, and tells nobody.
    public void list(JsonObject... definitions) {
        tools = List.of(definitions);
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            if (!exchange.getRequestMethod().equals("POST") || body.length == 0) {
                exchange.sendResponseHeaders(405, -1);
                return;
            }
            var request = (JsonObject) StrictJson.parse(body);
            if (!request.has("id")) {
                exchange.sendResponseHeaders(202, -1);
                return;
            }
            byte[] answer = JsonWriter.bytes(JsonObject.with("jsonrpc", "2.0")
                    .with("id", request.get("id").orElseThrow())
                    .with("result", result(request))
                    .build());
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
        }
    }

    private JsonObject result(JsonObject request) {
        return switch (request.text("method").orElse("")) {
            case "initialize" ->
                JsonObject.with("protocolVersion", "2025-11-25")
                        .with(
                                "capabilities",
                                JsonObject.with("tools", JsonObject.EMPTY).build())
                        .with(
                                "serverInfo",
                                JsonObject.with("name", "shop")
                                        .with("version", "1")
                                        .build())
                        .build();
            case "tools/list" ->
                JsonObject.with("tools", new JsonArray(List.copyOf(tools))).build();
            case "tools/call" -> {
                calls.add(new JsonArray(List.of(request.object("params").orElseThrow())).toString());
                yield answers.apply(request.object("params").orElseThrow());
            }
            default -> JsonObject.EMPTY;
        };
    }

    /// A result that holds a text.
    public static JsonObject texts(String said) {
        Json text = JsonObject.with("type", "text").with("text", said).build();
        return JsonObject.with("content", new JsonArray(List.of(text))).build();
    }

    /// A tool that takes any object.
    public static JsonObject tool(String name) {
        return JsonObject.with("name", name)
                .with("inputSchema", JsonObject.with("type", "object").build())
                .build();
    }

    private static JsonObject pay() {
        var amount = JsonObject.with("amount", JsonObject.with("type", "number").build())
                .build();
        return JsonObject.with("name", "pay")
                .with(
                        "inputSchema",
                        JsonObject.with("type", "object")
                                .with("properties", amount)
                                .with("required", JsonArray.ofTexts(List.of("amount")))
                                .build())
                .build();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
