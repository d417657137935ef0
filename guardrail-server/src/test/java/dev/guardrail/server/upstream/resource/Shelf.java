package dev.guardrail.server.upstream.resource;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/// An HTTP server that holds resources below `/api/` as RFC 9110 has it, unless its manner says otherwise.
public final class Shelf implements AutoCloseable {
    /// How it behaves.
    public enum Manner {
        SOUND,
        /// Gives weak ETags alone.
        WEAK,
        /// Gives none.
        BARE,
        /// Does not mind conditions.
        CARELESS,
        /// Says that it has written, and has not.
        IDLE,
        /// Writes something of its own into what it is given.
        BUSY,
        MOVED,
        FAILING,
        ENCODED,
        /// Never answers.
        SILENT
    }

    /// What lies there.
    public record Item(String type, byte[] bytes, long revision) {
        private String tag() {
            return "\"r" + revision + "\"";
        }
    }

    private final HttpServer server;
    private final Map<String, Item> items = new TreeMap<>();
    private final CountDownLatch closing = new CountDownLatch(1);
    private long revisions;

    public volatile Manner manner = Manner.SOUND;

    /// Credential that is asked for; none where empty.
    volatile String bearer = "";

    /// Runs right before a change that fits its condition is looked at.
    volatile Optional<Runnable> beforeChange = Optional.empty();

    final List<String> heard = new CopyOnWriteArrayList<>();

    public Shelf() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::handle);
        server.start();
    }

    public URI base() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/api/");
    }

    public synchronized void put(String path, String type, byte[] bytes) {
        items.put("/api/" + path, new Item(type, bytes, ++revisions));
    }

    public void put(String path, String text) {
        put(path, "text/plain", text.getBytes(UTF_8));
    }

    public synchronized void delete(String path) {
        items.remove("/api/" + path);
    }

    public synchronized String text(String path) {
        Item item = items.get("/api/" + path);
        return item == null ? "" : new String(item.bytes(), UTF_8);
    }

    /// All that lies there, by its path.
    public synchronized Map<String, String> all() {
        var all = new TreeMap<String, String>();
        items.forEach((path, item) -> all.put(path, item.type() + " " + Arrays.toString(item.bytes())));
        return all;
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String method = exchange.getRequestMethod();
            byte[] body = exchange.getRequestBody().readAllBytes();
            heard.add(method + " " + exchange.getRequestURI());
            String authorization = exchange.getRequestHeaders().getFirst("Authorization");
            if (!bearer.isEmpty() && !("Bearer " + bearer).equals(authorization)) {
                exchange.sendResponseHeaders(401, -1);
                return;
            }
            switch (manner) {
                case SILENT -> closing.await();
                case FAILING -> exchange.sendResponseHeaders(503, -1);
                case MOVED -> {
                    exchange.getResponseHeaders().set("Location", "/elsewhere");
                    exchange.sendResponseHeaders(307, -1);
                }
                case SOUND, WEAK, BARE, CARELESS, IDLE, BUSY, ENCODED -> {
                    if (method.equals("GET")) get(exchange);
                    else change(exchange, body);
                }
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void get(HttpExchange exchange) throws IOException {
        Item item = items.get(exchange.getRequestURI().getPath());
        if (item == null) {
            exchange.sendResponseHeaders(404, -1);
            return;
        }
        var headers = exchange.getResponseHeaders();
        headers.set("Content-Type", item.type());
        if (manner == Manner.ENCODED) headers.set("Content-Encoding", "gzip");
        if (manner != Manner.BARE) headers.set("ETag", manner == Manner.WEAK ? "W/" + item.tag() : item.tag());
        exchange.sendResponseHeaders(200, item.bytes().length == 0 ? -1 : item.bytes().length);
        if (item.bytes().length > 0) exchange.getResponseBody().write(item.bytes());
    }

    private void change(HttpExchange exchange, byte[] body) throws IOException {
        String path = exchange.getRequestURI().getPath();
        if (manner == Manner.CARELESS || fits(exchange, path)) beforeChange.ifPresent(Runnable::run);
        synchronized (this) {
            if (manner != Manner.CARELESS && !fits(exchange, path)) {
                exchange.sendResponseHeaders(412, -1);
                return;
            }
            boolean put = exchange.getRequestMethod().equals("PUT");
            if (manner != Manner.IDLE && put)
                items.put(path, new Item(type(exchange), manner == Manner.BUSY ? grown(body) : body, ++revisions));
            if (manner != Manner.IDLE && !put) items.remove(path);
            exchange.sendResponseHeaders(204, -1);
        }
    }

    private static String type(HttpExchange exchange) {
        @Nullable String type = exchange.getRequestHeaders().getFirst("Content-Type");
        return type == null ? "application/octet-stream" : type;
    }

    private static byte[] grown(byte[] body) {
        byte[] grown = Arrays.copyOf(body, body.length + 1);
        grown[body.length] = '!';
        return grown;
    }

    private synchronized boolean fits(HttpExchange exchange, String path) {
        Item item = items.get(path);
        String match = exchange.getRequestHeaders().getFirst("If-Match");
        String none = exchange.getRequestHeaders().getFirst("If-None-Match");
        if (match != null && (item == null || !match.equals(item.tag()))) return false;
        return none == null || item == null;
    }

    @Override
    public void close() {
        closing.countDown();
        server.stop(0);
    }
}
