package dev.guardrail.server.oauth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.guardrail.base.JsonText;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// How an issuer's keys are found, kept and renewed, and what its metadata cannot make the guard do.
class IssuerSpec {
    @TempDir
    Path directory;

    private OAuthGuard guard;

    @BeforeEach
    void serve() throws Exception {
        guard = OAuthGuard.in(directory, "").listed();
    }

    @AfterEach
    void stop() throws Exception {
        guard.close();
    }

    private long keysRead() {
        return guard.issuer.reads().stream().filter("/jwks"::equals).count();
    }

    @Test
    void keys_are_read_once_when_first_needed() {
        assertEquals(List.of(), guard.issuer.reads(), "nothing is asked before a token comes");
        for (int i = 0; i < 5; i++)
            assertEquals("succeeded", guard.call(guard.issuer.token()).text("state"));
        assertEquals(List.of("/.well-known/oauth-authorization-server", "/jwks"), guard.issuer.reads());
    }

    @Test
    void a_key_that_nobody_knows_is_looked_for_once() {
        assertEquals("succeeded", guard.call(guard.issuer.token()).text("state"));
        String old = guard.issuer.token();
        guard.issuer.rotate("second");
        assertEquals("succeeded", guard.call(guard.issuer.token()).text("state"), "a rotation needs no restart");
        assertEquals(2, keysRead());
        assertEquals(401, guard.call(old).status(), "the withdrawn key is no longer taken");

        for (int i = 0; i < 5; i++) {
            var made = AuthorizationServer.key("made-up-" + i);
            assertEquals(
                    401,
                    guard.call(AuthorizationServer.signed(guard.issuer.claims().build(), made))
                            .status());
        }
        assertEquals(2, keysRead(), "whoever makes up keys makes us read nothing");
        assertEquals("succeeded", guard.call(guard.issuer.token()).text("state"));
    }

    @Test
    void nobody_gets_in_while_the_issuer_is_down_and_its_keys_are_not_known() {
        String token = guard.issuer.token();
        guard.issuer.metadata(described -> described.set("issuer", new JsonText("https://elsewhere.example")));
        var refused = guard.call(token);
        assertEquals(503, refused.status());
        assertEquals("identity-unavailable", refused.problem());
        assertEquals(
                "succeeded",
                guard.call(dev.guardrail.server.wiring.Served.CODER).text("state"),
                "keys still work");
    }

    @Test
    void keys_that_are_known_serve_while_the_issuer_is_down() {
        assertEquals("succeeded", guard.call(guard.issuer.token()).text("state"));
        String token = guard.issuer.token();
        guard.issuer.close();
        assertEquals("succeeded", guard.call(token).text("state"));
        var unknown = AuthorizationServer.key("unknown");
        assertEquals(
                401,
                guard.call(AuthorizationServer.signed(guard.issuer.claims().build(), unknown))
                        .status());
    }

    @Test
    void metadata_sends_the_guard_nowhere_but_to_the_issuer() throws Exception {
        Path trace = directory.resolve("trace");
        for (String url : List.of(
                "file:///etc/hostname", "http://169.254.169.254/latest/meta-data", "ISSUER/$(touch " + trace + ")")) {
            try (var fresh = OAuthGuard.in(Files.createDirectory(directory.resolve("g" + url.hashCode())), "")) {
                String told = url.replace("ISSUER", fresh.issuer.issuer());
                fresh.issuer.metadata(described -> described.set("jwks_uri", new JsonText(told)));
                assertEquals(503, fresh.call(fresh.issuer.token()).status(), told);
                assertTrue(fresh.issuer.reads().stream().noneMatch("/jwks"::equals), told);
            }
        }
        assertTrue(Files.notExists(trace), "nothing was run");
        assertEquals("succeeded", guard.call(guard.issuer.token()).text("state"));
    }

    @Test
    void a_redirect_is_not_followed_and_an_endless_answer_is_not_read() throws Exception {
        var reached = new AtomicInteger();
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        String base = "http://127.0.0.1:" + server.getAddress().getPort();
        server.createContext("/.well-known", exchange -> {
            exchange.getResponseHeaders().set("Location", base + "/target");
            exchange.sendResponseHeaders(302, -1);
            exchange.close();
        });
        server.createContext("/target", exchange -> {
            reached.incrementAndGet();
            exchange.sendResponseHeaders(404, -1);
            exchange.close();
        });
        server.createContext("/endless", exchange -> {
            try (OutputStream body = exchange.getResponseBody()) {
                exchange.sendResponseHeaders(200, 0);
                byte[] block = new byte[1 << 16];
                for (int i = 0; i < 1 << 14; i++) body.write(block);
            }
        });
        server.start();
        try {
            assertEquals(503, underIssuer(base));
            assertEquals(0, reached.get());
            assertEquals(503, underIssuer(base + "/endless"));
        } finally {
            server.stop(0);
        }
        assertEquals("succeeded", guard.call(guard.issuer.token()).text("state"));
    }

    /// The answer to a token where the configured issuer is this one.
    private int underIssuer(String issuer) throws Exception {
        Path place = Files.createDirectory(directory.resolve("r" + issuer.hashCode()));
        try (var fresh = OAuthGuard.of(place, "", issuer)) {
            return fresh.call(fresh.issuer.token(claims -> claims.issuer(issuer)))
                    .status();
        }
    }
}
