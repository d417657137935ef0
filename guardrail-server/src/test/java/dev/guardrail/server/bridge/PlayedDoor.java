package dev.guardrail.server.bridge;

import static org.junit.jupiter.api.Assertions.assertNotNull;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.StrictJson;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// A server that plays the guard's door by a script and writes down what it is asked.
final class PlayedDoor implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 20;

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final BlockingQueue<Seen> seen = new LinkedBlockingQueue<>();
    private final CountDownLatch closed = new CountDownLatch(1);

    /// A request as it came.
    ///
    /// @param headers first values, by names in lower case
    record Seen(String method, String path, Map<String, String> headers, String body) {
        Optional<String> header(String name) {
            return Optional.ofNullable(headers.get(name.toLowerCase(Locale.ROOT)));
        }

        JsonObject json() {
            return (JsonObject) StrictJson.parse(body.getBytes(StandardCharsets.UTF_8));
        }

        /// The method of the message, or of the request where it has none.
        String what() {
            return body.isEmpty() ? method : json().text("method").orElse("response");
        }
    }

    /// What is played for a request.
    interface Script {
        void play(Seen seen, Stage stage) throws IOException, InterruptedException;
    }

    PlayedDoor(Script script) throws IOException {
        this(0, script);
    }

    PlayedDoor(int port, Script script) throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            var headers = new HashMap<String, String>();
            exchange.getRequestHeaders()
                    .forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), values.getFirst()));
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            var came = new Seen(
                    exchange.getRequestMethod(), exchange.getRequestURI().getRawPath(), Map.copyOf(headers), body);
            seen.add(came);
            try (exchange) {
                script.play(came, new Stage(exchange, closed));
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
        });
        server.start();
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    int port() {
        return server.getAddress().getPort();
    }

    /// The next request that came, whatever it is.
    Seen next() throws InterruptedException {
        Seen came = seen.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertNotNull(came, "nothing more came");
        return came;
    }

    /// The next request that says this; others before it are passed over.
    Seen next(String what) throws InterruptedException {
        Seen came = next();
        while (!came.what().equals(what)) came = next();
        return came;
    }

    /// How many requests came and were not looked at.
    long waiting(String what) {
        return seen.stream().filter(came -> came.what().equals(what)).count();
    }

    /// Where one answer is written.
    static final class Stage {
        private final HttpExchange exchange;
        private final CountDownLatch closed;

        private Stage(HttpExchange exchange, CountDownLatch closed) {
            this.exchange = exchange;
            this.closed = closed;
        }

        Stage with(String header, String value) {
            exchange.getResponseHeaders().set(header, value);
            return this;
        }

        void json(int status, String body) throws IOException {
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
        }

        void result(Seen seen, String result) throws IOException {
            json(
                    200,
                    "{\"jsonrpc\":\"2.0\",\"id\":" + seen.json().get("id").orElseThrow() + ",\"result\":" + result
                            + "}");
        }

        void status(int status) throws IOException {
            exchange.sendResponseHeaders(status, -1);
        }

        Stage events() throws IOException {
            exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
            exchange.sendResponseHeaders(200, 0);
            return send(": begun\n\n");
        }

        Stage send(String text) throws IOException {
            exchange.getResponseBody().write(text.getBytes(StandardCharsets.UTF_8));
            exchange.getResponseBody().flush();
            return this;
        }

        /// Sends one message in one event.
        Stage event(String data) throws IOException {
            return send("data: " + data + "\n\n");
        }

        /// Keeps the stream alive until the other side closes it, or the door is closed.
        ///
        /// @return true where the other side did
        boolean awaitHangUp() throws InterruptedException {
            try {
                while (!closed.await(20, TimeUnit.MILLISECONDS)) send(": \n\n");
                return false;
            } catch (IOException hungUp) {
                return true;
            }
        }
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
