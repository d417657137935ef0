package dev.guardrail.server.eras;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import dev.guardrail.base.Json;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonWriter;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// One request to a played server, and the response in the making.
final class Turn {
    private final HttpExchange exchange;
    private final PlayedServer.Heard heard;
    private final CountDownLatch closing;
    private boolean streaming;

    Turn(HttpExchange exchange, PlayedServer.Heard heard, CountDownLatch closing) {
        this.exchange = exchange;
        this.heard = heard;
        this.closing = closing;
    }

    PlayedServer.Heard heard() {
        return heard;
    }

    JsonObject params() {
        return heard.params();
    }

    /// The guard's own id of the request.
    Json id() {
        return heard.message().get("id").orElseThrow();
    }

    void header(String name, String value) {
        exchange.getResponseHeaders().set(name, value);
    }

    void status(int status) throws IOException {
        exchange.sendResponseHeaders(status, -1);
    }

    void result(JsonObject result) throws IOException {
        answer(200, JsonObject.with("result", result));
    }

    void error(int status, long code, String message) throws IOException {
        answer(
                status,
                JsonObject.with(
                        "error",
                        JsonObject.builder()
                                .with("code", code)
                                .with("message", message)
                                .build()));
    }

    private void answer(int status, JsonObject.Builder what) throws IOException {
        var message = JsonObject.with("jsonrpc", "2.0")
                .with("id", id())
                .withAll(what.build().members())
                .build();
        if (streaming) {
            event("", message.toString());
            return;
        }
        byte[] bytes = JsonWriter.bytes(message);
        header("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    /// Answers with a stream from now on.
    Turn stream() throws IOException {
        streaming = true;
        header("Content-Type", "text/event-stream");
        exchange.sendResponseHeaders(200, 0);
        exchange.getResponseBody().flush();
        return this;
    }

    /// @param id empty for none
    void event(String id, String data) throws IOException {
        raw((id.isEmpty() ? "" : "id: " + id + "\n") + "data: " + data + "\n\n");
    }

    void raw(String text) throws IOException {
        exchange.getResponseBody().write(text.getBytes(UTF_8));
        exchange.getResponseBody().flush();
    }

    void say(String method, String params) throws IOException {
        event("", "{\"jsonrpc\":\"2.0\",\"method\":\"" + method + "\",\"params\":" + params + "}");
    }

    void ask(String id, String method, String params) throws IOException {
        event("", "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"" + method + "\",\"params\":" + params + "}");
    }

    /// Writes until the other side is gone.
    void untilGone() {
        try {
            while (!closing.await(5, TimeUnit.MILLISECONDS)) raw(": \n\n");
        } catch (IOException gone) {
            return;
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }
}
