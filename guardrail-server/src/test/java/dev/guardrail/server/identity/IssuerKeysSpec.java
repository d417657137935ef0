package dev.guardrail.server.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.sun.net.httpserver.HttpServer;
import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonText;
import dev.guardrail.server.oauth.AuthorizationServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Where an issuer's keys are looked for, and for how long they are believed.
class IssuerKeysSpec {
    private final AtomicLong now = new AtomicLong(1_000);
    private AuthorizationServer issuer;
    private IssuerKeys keys;

    @BeforeEach
    void open() throws IOException {
        issuer = new AuthorizationServer();
        keys = keys(Set.of());
    }

    @AfterEach
    void close() {
        keys.close();
        issuer.close();
    }

    private IssuerKeys keys(Set<Origin> origins) {
        return new IssuerKeys(URI.create(issuer.issuer()), origins, now::get);
    }

    private static JWSHeader header(String key) {
        return new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(key).build();
    }

    private boolean isKnown(String key) {
        return !keys.matching(header(key)).isEmpty();
    }

    private long reads() {
        return issuer.reads().stream().filter("/jwks"::equals).count();
    }

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }

    @Test
    void keys_are_read_again_after_a_while() {
        assertEquals(true, isKnown("first"));
        pass(Duration.ofMinutes(9));
        assertEquals(true, isKnown("first"));
        assertEquals(1, reads());
        issuer.rotate("second");
        pass(Duration.ofMinutes(2));
        assertFalse(isKnown("first"), "a key that was withdrawn is forgotten without anybody asking for another");
        assertEquals(true, isKnown("second"));
    }

    @Test
    void keys_serve_for_an_hour_while_the_issuer_is_down_and_no_longer() {
        assertEquals(true, isKnown("first"));
        issuer.metadata(described -> described.without("jwks_uri"));
        pass(Duration.ofMinutes(50));
        assertEquals(true, isKnown("first"));
        pass(Duration.ofMinutes(11));
        assertThrows(KeysUnavailable.class, () -> isKnown("first"));
        issuer.metadata(described -> described);
        assertThrows(KeysUnavailable.class, () -> isKnown("first"), "an issuer that failed is given a rest");
        pass(Duration.ofSeconds(3));
        assertEquals(true, isKnown("first"));
    }

    @Test
    void a_key_that_nobody_knows_is_looked_for_twice_a_minute_at_most() {
        assertEquals(true, isKnown("first"));
        for (int i = 0; i < 10; i++) assertFalse(isKnown("made-up-" + i));
        assertEquals(2, reads());
        pass(Duration.ofSeconds(31));
        issuer.rotate("second");
        assertEquals(true, isKnown("second"));
        assertFalse(isKnown("made-up"));
        assertEquals(3, reads());
    }

    @Test
    void metadata_leads_nowhere_but_to_origins_that_were_named() throws IOException {
        var reached = new AtomicInteger();
        var elsewhere = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        elsewhere.createContext("/", exchange -> {
            reached.incrementAndGet();
            byte[] body = "{\"keys\":[]}".getBytes(java.nio.charset.StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        elsewhere.start();
        String other = "http://127.0.0.1:" + elsewhere.getAddress().getPort();
        try {
            for (String url : List.of(
                    "file:///etc/hostname",
                    "file:/etc/hostname",
                    "http://169.254.169.254/latest/meta-data",
                    "https://169.254.169.254/",
                    "http://[::ffff:169.254.169.254]/",
                    "http://10.0.0.1/jwks",
                    other + "/jwks",
                    issuer.issuer().replace("127.0.0.1", "localhost") + "/jwks",
                    issuer.issuer().replace("127.0.0.1", "127.1") + "/jwks",
                    issuer.issuer().replace("127.0.0.1", "2130706433") + "/jwks",
                    issuer.issuer().replace("http://", "http://me:secret@") + "/jwks",
                    issuer.issuer().replace("http://", "ftp://") + "/jwks",
                    issuer.issuer().replace("http://", "https://") + "/jwks",
                    issuer.issuer() + "@" + other.substring("http://".length()) + "/jwks",
                    issuer.issuer() + "/jwks#fragment",
                    "https://keys.example/jwks",
                    "//127.0.0.1/jwks",
                    "/jwks",
                    "jwks",
                    "javascript:alert(1)",
                    "$(touch /tmp/guardrail-trace)",
                    issuer.issuer() + "/$(touch /tmp/guardrail-trace)",
                    issuer.issuer() + "/`id`",
                    "a b",
                    issuer.issuer() + "/" + "a".repeat(3_000),
                    "")) {
                refused(new JsonText(url));
            }
            refused(JsonArray.EMPTY);
            assertEquals(0, reads() + reached.get(), "nobody was asked");

            issuer.metadata(described -> described.set("jwks_uri", new JsonText(other + "/jwks")));
            keys.close();
            keys = keys(Set.of(Origin.of(URI.create(other))));
            assertFalse(isKnown("first"));
            assertEquals(2, reached.get(), "an origin that the operator named is asked");
        } finally {
            elsewhere.stop(0);
        }
    }

    private void refused(Json url) {
        issuer.metadata(described -> described.set("jwks_uri", url));
        pass(Duration.ofSeconds(3));
        assertThrows(KeysUnavailable.class, () -> isKnown("first"), url.toString());
    }

    @Test
    void metadata_names_its_issuer_to_the_letter() {
        for (Json name : List.of(
                new JsonText(issuer.issuer() + "/"),
                new JsonText(issuer.issuer().toUpperCase(java.util.Locale.ROOT)),
                new JsonText("https://elsewhere.example"),
                new JsonText(""),
                JsonArray.EMPTY)) {
            issuer.metadata(described -> described.set("issuer", name));
            pass(Duration.ofSeconds(3));
            assertThrows(KeysUnavailable.class, () -> isKnown("first"), name.toString());
        }
        issuer.metadata(described -> described);
        pass(Duration.ofSeconds(3));
        assertEquals(true, isKnown("first"));
    }

    @Test
    void an_issuer_with_a_path_is_looked_for_where_clients_look() {
        keys.close();
        keys = new IssuerKeys(URI.create(issuer.issuer() + "/tenant"), Set.of(), now::get);
        assertThrows(KeysUnavailable.class, () -> isKnown("first"));
        assertEquals(
                List.of(
                        "/.well-known/oauth-authorization-server/tenant",
                        "/.well-known/openid-configuration/tenant",
                        "/tenant/.well-known/openid-configuration"),
                issuer.reads());
    }
}
