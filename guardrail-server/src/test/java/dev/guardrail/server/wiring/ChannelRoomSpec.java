package dev.guardrail.server.wiring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.call.Risk;
import dev.guardrail.server.notify.Notice;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The channels of a whole guard, as its configuration names them.
class ChannelRoomSpec {
    @TempDir
    Path directory;

    private final BlockingQueue<String> requests = new LinkedBlockingQueue<>();
    private final AtomicInteger status = new AtomicInteger(200);
    private HttpServer receiver;

    @BeforeEach
    void receive() throws Exception {
        receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        receiver.createContext("/", exchange -> {
            requests.add(exchange.getRequestURI() + " "
                    + exchange.getRequestHeaders().getFirst("webhook-id"));
            exchange.sendResponseHeaders(status.get(), -1);
            exchange.close();
        });
        receiver.start();
    }

    @AfterEach
    void stop() {
        receiver.stop(0);
    }

    private Served served() throws Exception {
        Path secret = directory.resolve("hook.secret");
        Served.write(secret, "a-signing-secret-of-some-length\n");
        Served.write(
                directory.resolve("guardrail.yaml"),
                Served.CONFIGURATION + """
                        approvals:
                          notify:
                            ops: {webhook: "http://127.0.0.1:%d/hook", secret: {file: ./hook.secret}}
                        """.formatted(receiver.getAddress().getPort()));
        Files.createDirectory(
                directory.resolve("policies"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        Served.write(directory.resolve("policies/rules.yaml"), Served.RULES);
        return Served.in(directory);
    }

    private static Notice notice(String id) {
        return new Notice(
                id,
                Notice.Type.REQUESTED,
                Instant.EPOCH,
                "apr_1",
                Risk.LOW,
                "t",
                "x",
                JsonObject.EMPTY,
                Optional.empty());
    }

    @Test
    void a_configured_channel_is_open_and_one_that_fails_shows_in_the_health() throws Exception {
        try (var served = served()) {
            var channels = served.sidecar.assembly().channels();
            assertEquals(List.of("ops"), List.copyOf(channels.names()));
            channels.send(channels.names(), notice("n1"));
            assertEquals("/hook n1", requests.poll(30, TimeUnit.SECONDS));
            assertFalse(served.get(Served.ANN, "/health/ready").json().has("worries"));

            status.set(404);
            channels.send(channels.names(), notice("n2"));
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            while (channels.failing().isEmpty() && System.nanoTime() < end) Thread.onSpinWait();
            assertEquals(
                    Optional.of(JsonArray.ofTexts(List.of("channel:ops"))),
                    served.get(Served.ANN, "/health/ready").json().get("worries"));
            assertTrue(served.get(Served.SAM, "/metrics")
                    .text()
                    .contains("guardrail_notifications_total{channel=\"ops\",outcome=\"failed\"} 1.0"));
        }
    }
}
