package dev.guardrail.server.notify;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.StrictJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;

/// A receiver over HTTP on loopback. It keeps what it was sent and answers what it was told to, then what is usual.
public final class Receiver implements AutoCloseable {
    private final HttpServer server;
    private final List<Taken> taken = new CopyOnWriteArrayList<>();
    private final Queue<Answer> answers = new ArrayDeque<>();
    private int usual = 200;
    private final CountDownLatch hang = new CountDownLatch(1);

    /// One request.
    ///
    /// @param headers by lower-case name
    /// @param raw the body, each byte a character
    public record Taken(String method, String path, Map<String, String> headers, String raw) {
        byte[] body() {
            return raw.getBytes(StandardCharsets.ISO_8859_1);
        }

        String text() {
            return new String(body(), StandardCharsets.UTF_8);
        }

        public JsonObject json() {
            return (JsonObject) StrictJson.parse(body());
        }

        String header(String name) {
            return headers.getOrDefault(name, "(no " + name + ")");
        }
    }

    /// @param status 0 for none at all, until the receiver is closed
    record Answer(int status, Map<String, String> headers) {}

    public Receiver() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException unusable) {
            throw new UncheckedIOException(unusable);
        }
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::serve);
        server.start();
    }

    public URI url(String path) {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
    }

    synchronized Receiver answers(int status, Map<String, String> headers) {
        answers.add(new Answer(status, headers));
        return this;
    }

    Receiver answers(int status) {
        return answers(status, Map.of());
    }

    /// What it answers when nothing else is said.
    synchronized Receiver usually(int status) {
        usual = status;
        return this;
    }

    private synchronized Answer next() {
        Answer next = answers.poll();
        return next == null ? new Answer(usual, Map.of()) : next;
    }

    public List<Taken> taken() {
        return List.copyOf(taken);
    }

    private void serve(HttpExchange exchange) throws IOException {
        var headers = new TreeMap<String, String>();
        exchange.getRequestHeaders()
                .forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), String.join(",", values)));
        taken.add(new Taken(
                exchange.getRequestMethod(),
                exchange.getRequestURI().toString(),
                headers,
                new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.ISO_8859_1)));
        Answer answer = next();
        if (answer.status() == 0) {
            try {
                hang.await();
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
            exchange.close();
            return;
        }
        answer.headers().forEach(exchange.getResponseHeaders()::set);
        exchange.sendResponseHeaders(answer.status(), -1);
        exchange.close();
    }

    @Override
    public void close() {
        hang.countDown();
        server.stop(0);
    }
}
