package dev.guardrail.server.upstream;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonWriter;
import dev.guardrail.base.StrictJson;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// An MCP server over Streamable HTTP whose tools do what servers should not; each is named for it.
final class UnrulyHttp implements AutoCloseable {
    private static final List<String> TOOLS = List.of(
            "echo",
            "stream",
            "silent",
            "dribble",
            "garbage",
            "huge",
            "huge-stream",
            "nothing",
            "resumed",
            "twice",
            "refused",
            "refused-error",
            "broken",
            "moved",
            "hang-up",
            "forget",
            "change",
            "progress",
            "asks");

    private final HttpServer server;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final AtomicInteger sessions = new AtomicInteger();
    private volatile String session = "";
    private volatile String description = "Does.";
    private volatile boolean announcing;
    private final CountDownLatch announced = new CountDownLatch(1);

    /// Status of an unknown session.
    volatile int unknown = 404;

    /// Tools beside the unruly ones.
    volatile int more;

    /// Everything received: `METHOD name`, and the headers of the last request of the first era.
    final List<String> heard = Fixture.log();

    final List<String> replies = Fixture.log();

    /// What the calls said of themselves in `_meta`, also those that were refused for their session.
    final List<JsonObject> metas = Fixture.log();
    final Map<String, List<String>> headers = new ConcurrentHashMap<>();

    UnrulyHttp() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/mcp", this::handle);
        server.start();
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/mcp");
    }

    long received(String what) {
        return heard.stream().filter(what::equals).count();
    }

    /// Forgets its session, as a server does that was started anew.
    void restart() {
        session = "";
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            if (!exchange.getRequestHeaders().containsKey("Mcp-Method"))
                exchange.getRequestHeaders()
                        .forEach((name, values) -> headers.put(name.toLowerCase(java.util.Locale.ROOT), values));
            switch (exchange.getRequestMethod()) {
                case "POST" -> post(exchange);
                case "GET" -> get(exchange);
                default -> {
                    heard.add(exchange.getRequestMethod());
                    exchange.sendResponseHeaders(204, -1);
                }
            }
        } catch (IOException gone) {
            heard.add("gone");
        }
    }

    private void get(HttpExchange exchange) throws IOException {
        String last = exchange.getRequestHeaders().getFirst("Last-Event-ID");
        if (last == null && !announcing) {
            exchange.sendResponseHeaders(405, -1);
            return;
        }
        if (last == null) {
            heard.add("listening");
            events(exchange);
            exchange.getResponseBody().flush();
            await(announced);
            event(exchange, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/tools/list_changed\"}");
            await(closing);
            return;
        }
        heard.add("GET after " + last);
        events(exchange);
        event(exchange, answer(last, text("resumed")));
    }

    private void post(HttpExchange exchange) throws IOException {
        var message = (JsonObject) StrictJson.parse(exchange.getRequestBody().readAllBytes());
        String method = message.text("method").orElse("reply");
        heard.add(method);
        if (method.equals("reply")) replies.add(message.toString());
        if (method.equals("tools/call"))
            metas.add(message.object("params")
                    .flatMap(params -> params.object("_meta"))
                    .orElse(JsonObject.EMPTY));
        boolean known = session.equals(exchange.getRequestHeaders().getFirst("Mcp-Session-Id"));
        if (!method.equals("initialize") && !known) {
            exchange.sendResponseHeaders(unknown, -1);
            return;
        }
        if (!message.has("id") || method.equals("reply")) {
            exchange.sendResponseHeaders(202, -1);
            return;
        }
        String id = message.text("id").orElseThrow();
        switch (method) {
            case "initialize" -> {
                session = "session-" + sessions.incrementAndGet();
                exchange.getResponseHeaders().set("Mcp-Session-Id", session);
                json(exchange, answer(id, greeting()));
            }
            case "tools/list" -> json(exchange, answer(id, list()));
            default -> call(exchange, id, message.object("params").orElseThrow());
        }
    }

    /// From now on it tells changes on a stream of its own.
    void announces() {
        announcing = true;
    }

    /// Changes its tools, and says so to who listens.
    void change() {
        description = "Does something else.";
        announced.countDown();
    }

    private JsonObject greeting() {
        var tools = JsonObject.builder().with("listChanged", announcing).build();
        return JsonObject.with("protocolVersion", "2025-11-25")
                .with("capabilities", JsonObject.with("tools", tools).build())
                .with("serverInfo", JsonObject.with("name", "unruly").build())
                .build();
    }

    private JsonObject list() {
        var tools = Stream.concat(TOOLS.stream(), IntStream.range(0, more).mapToObj(i -> "more" + i))
                .<Json>map(name -> JsonObject.with("name", name)
                        .with("description", description)
                        .build())
                .toList();
        return JsonObject.with("tools", new JsonArray(tools)).build();
    }

    private void call(HttpExchange exchange, String id, JsonObject params) throws IOException {
        switch (params.text("name").orElseThrow()) {
            case "stream" -> {
                events(exchange);
                event(exchange, answer(id, text("streamed")));
            }
            case "silent" -> await(closing);
            case "dribble" -> dribble(exchange);
            case "garbage" -> json(exchange, "{\"jsonrpc\":\"2.0\",\"id\":\"" + id + "\",\"result\":{]");
            case "huge" -> huge(exchange, "application/json", "{\"x\":\"");
            case "huge-stream" -> huge(exchange, "text/event-stream", "data: ");
            case "nothing" -> exchange.sendResponseHeaders(202, -1);
            case "resumed" -> {
                events(exchange);
                exchange.getResponseBody().write(("id: " + id + "\r\nretry: 60\r\ndata:\r\n\r\n").getBytes(UTF_8));
            }
            case "twice" -> {
                events(exchange);
                event(exchange, answer("g-made-up", text("forged")));
                event(exchange, answer(id, text("first")));
                event(exchange, answer(id, text("second")));
            }
            case "refused" -> exchange.sendResponseHeaders(403, -1);
            case "refused-error" -> {
                exchange.sendResponseHeaders(400, 0);
                exchange.getResponseBody()
                        .write(("{\"jsonrpc\":\"2.0\",\"id\":\"" + id
                                        + "\",\"error\":{\"code\":-32602,\"message\":\"bad\"}}")
                                .getBytes(UTF_8));
            }
            case "broken" -> exchange.sendResponseHeaders(503, -1);
            case "moved" -> {
                exchange.getResponseHeaders().set("Location", url() + "2");
                exchange.sendResponseHeaders(307, -1);
            }
            case "forget" -> {
                restart();
                json(exchange, answer(id, text("forgot")));
            }
            case "change" -> {
                description = "Does something else.";
                events(exchange);
                event(exchange, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/tools/list_changed\"}");
                event(exchange, answer(id, text("changed")));
            }
            case "progress" -> progress(exchange, id, params);
            case "asks" -> {
                events(exchange);
                event(exchange, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}");
                event(exchange, "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"elicitation/create\",\"params\":{}}");
                Fixture.await(() -> replies.size() == 2);
                event(exchange, answer(id, text("asked")));
            }
            case "hang-up" -> exchange.close();
            default ->
                json(
                        exchange,
                        answer(id, text(params.object("arguments").orElseThrow().toString())));
        }
    }

    private void progress(HttpExchange exchange, String id, JsonObject params) throws IOException {
        events(exchange);
        var token = params.object("_meta").flatMap(meta -> meta.get("progressToken"));
        if (token.isPresent()) {
            var told = JsonObject.with("progressToken", token.get())
                    .with("progress", JsonNumber.of(1))
                    .build();
            event(
                    exchange,
                    JsonObject.with("jsonrpc", "2.0")
                            .with("method", "notifications/progress")
                            .with("params", told)
                            .build()
                            .toString());
        }
        event(exchange, answer(id, text("done")));
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private void dribble(HttpExchange exchange) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, 0);
        while (closing.getCount() > 0) {
            exchange.getResponseBody().write(' ');
            exchange.getResponseBody().flush();
            java.util.concurrent.locks.LockSupport.parkNanos(20_000_000);
        }
    }

    private static void huge(HttpExchange exchange, String type, String start) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(200, 0);
        exchange.getResponseBody().write(start.getBytes(UTF_8));
        byte[] much = "x".repeat(1 << 20).getBytes(UTF_8);
        for (int i = 0; i < 1024; i++) exchange.getResponseBody().write(much);
    }

    private static void events(HttpExchange exchange) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "text/event-stream; charset=utf-8");
        exchange.sendResponseHeaders(200, 0);
    }

    private static void event(HttpExchange exchange, String data) throws IOException {
        exchange.getResponseBody().write((": hello\nevent: message\ndata: " + data + "\n\n").getBytes(UTF_8));
        exchange.getResponseBody().flush();
    }

    private static void json(HttpExchange exchange, String text) throws IOException {
        byte[] bytes = text.getBytes(UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private static JsonObject text(String text) {
        var item = JsonObject.with("type", "text").with("text", text).build();
        return JsonObject.with("content", new JsonArray(List.of(item))).build();
    }

    private static String answer(String id, JsonObject result) {
        var message = JsonObject.with("jsonrpc", "2.0").with("id", id).with("result", result);
        return new String(JsonWriter.bytes(message.build()), UTF_8);
    }

    @Override
    public void close() {
        closing.countDown();
        server.stop(0);
    }
}
