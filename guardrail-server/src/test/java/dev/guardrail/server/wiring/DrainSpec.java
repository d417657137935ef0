package dev.guardrail.server.wiring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.StrictJson;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A call that runs while the guard is told to end: it comes to its end first, and nothing new begins.
@Timeout(120)
class DrainSpec {
    private final CountDownLatch arrived = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);
    private final AtomicInteger calls = new AtomicInteger();
    private HttpServer upstream;
    private Served served;

    @BeforeEach
    void start(@TempDir Path directory) throws Exception {
        upstream = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        upstream.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        upstream.createContext("/", this::answer);
        upstream.start();
        Files.createDirectory(
                directory.resolve("policies"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        Served.write(directory.resolve("policies/rules.yaml"), """
                apiVersion: guardrail/v1
                kind: Policy
                metadata: {name: base, owner: platform}
                rules:
                  - {id: allow, match: {tools: [slow.walk]}, effect: allow}
                """);
        Served.write(directory.resolve("guardrail.yaml"), """
                listen: 127.0.0.1:0
                policies: [./policies]
                servers:
                  slow: {url: "http://127.0.0.1:%d/mcp"}
                agents:
                  - {name: coder, key: {env: CODER}}
                """.formatted(
                        upstream.getAddress().getPort()));
        served = Served.in(directory);
    }

    @AfterEach
    void stop() throws Exception {
        goOn.countDown();
        served.close();
        upstream.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            if (!exchange.getRequestMethod().equals("POST")) {
                exchange.sendResponseHeaders(405, -1);
                return;
            }
            var message = (JsonObject) StrictJson.parse(body);
            if (!message.has("id")) {
                exchange.sendResponseHeaders(202, -1);
                return;
            }
            String result = result(message.text("method").orElse(""));
            byte[] answer = ("{\"jsonrpc\":\"2.0\",\"id\":" + message.get("id").orElseThrow() + ",\"result\":" + result
                            + "}")
                    .getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
        }
    }

    private String result(String method) throws IOException {
        return switch (method) {
            case "initialize" ->
                "{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{\"tools\":{}},"
                        + "\"serverInfo\":{\"name\":\"slow\",\"version\":\"1\"}}";
            case "tools/list" -> "{\"tools\":[{\"name\":\"walk\",\"inputSchema\":{\"type\":\"object\"}}]}";
            case "tools/call" -> {
                calls.incrementAndGet();
                arrived.countDown();
                try {
                    assertTrue(goOn.await(60, TimeUnit.SECONDS));
                } catch (InterruptedException stopped) {
                    throw new IOException(stopped);
                }
                yield "{\"content\":[{\"type\":\"text\",\"text\":\"arrived\"}]}";
            }
            default -> "{}";
        };
    }

    private Served.Answer walk() {
        return served.post(Served.CODER, "/v1/calls", "{\"tool\":\"slow.walk\",\"run\":\"guard\"}");
    }

    @Test
    void it_ends_as_if_nothing_happened_and_nothing_new_begins() throws Exception {
        while (!served.get(Served.CODER, "/v1/tools").text().contains("slow.walk")) Thread.onSpinWait();
        var running = CompletableFuture.supplyAsync(this::walk);
        assertTrue(arrived.await(30, TimeUnit.SECONDS));
        var closing = CompletableFuture.runAsync(() -> {
            try {
                served.close();
            } catch (IOException unclean) {
                throw new java.io.UncheckedIOException(unclean);
            }
        });
        while (canConnect()) Thread.onSpinWait();
        assertTrue(!closing.isDone() && !running.isDone(), "it waits for the call");
        assertThrows(java.io.UncheckedIOException.class, this::walk);
        goOn.countDown();

        var answer = running.get(30, TimeUnit.SECONDS);
        assertEquals("succeeded", answer.text("state"), answer.text());
        closing.get(30, TimeUnit.SECONDS);
        assertEquals(1, calls.get());
    }

    private boolean canConnect() {
        try (var socket = new java.net.Socket("127.0.0.1", served.sidecar.url().getPort())) {
            return socket.isConnected();
        } catch (IOException refused) {
            return false;
        }
    }
}
