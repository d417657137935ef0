package dev.guardrail.server.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonText;
import dev.guardrail.base.StrictJson;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// What is taken out of everything that is stored, and what is left alone.
class SecretMaskSpec {
    private static final SecretMask MASK =
            new SecretMask(List.of("correct horse battery", "hunter2", "s3cr3t-c0nfigured"));

    private static Json json(String text) {
        return StrictJson.parse(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String masked(String text) {
        return ((JsonText) MASK.redact(new JsonText(text))).value();
    }

    @Test
    void configured_secrets_go_wherever_they_stand() {
        assertEquals(
                "{\"a\":[\"x[secret removed]y\"],\"[secret removed]\":{\"n\":1}}",
                MASK.redact(json("{\"a\":[\"xs3cr3t-c0nfiguredy\"],\"s3cr3t-c0nfigured\":{\"n\":1}}"))
                        .toString());
        assertEquals("say [secret removed]!", masked("say correct horse battery!"));
    }

    @Test
    void well_known_shapes_go() {
        for (String secret : List.of(
                "grd_" + "a".repeat(43),
                "ghp_" + "a1B2".repeat(9),
                "github_pat_" + "a1B2".repeat(20),
                "AKIAIOSFODNN7EXAMPLE",
                "sk-proj-" + "a1B2".repeat(10),
                "xoxb-123456789012-abcdefABCDEF",
                "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJlLWJ5dGVz",
                "-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----",
                "-----BEGIN RSA PRIVATE KEY-----\nMIIEvQ"))
            assertEquals("before [secret removed]", masked("before " + secret).stripTrailing(), secret);
        assertEquals(
                "a[secret removed]b[secret removed]c",
                masked("a-----BEGIN EC PRIVATE KEY-----x-----END EC PRIVATE KEY-----b-----BEGIN PRIVATE KEY-----y"
                        + "-----END PRIVATE KEY-----c"));
    }

    @Test
    void what_holds_no_secret_is_the_very_same_value() {
        for (String text : List.of(
                "{\"a\":[1,true,null,\"text\"],\"b\":{\"c\":\"hunter\"}}",
                "\"sk-short\"",
                "\"AKIA\"",
                "\"the eyJ of the storm\"",
                "\"-----BEGIN CERTIFICATE-----\"",
                "\"hunter2\"",
                "[]")) {
            Json value = json(text);
            assertSame(value, MASK.redact(value), text);
        }
    }

    @Test
    void what_is_learned_goes_from_then_on() {
        var mask = new SecretMask(List.of());
        var text = new JsonText("a rotated-credential, an opaque-token-1 and an opaque-token-12; opaque-t");
        assertSame(text, mask.redact(text));
        mask.learn("rotated-credential");
        mask.learn("opaque-token-1", Instant.EPOCH, Instant.EPOCH.plusSeconds(60));
        mask.learn("opaque-token-12", Instant.EPOCH, Instant.EPOCH.plusSeconds(60));
        assertEquals(
                "a [secret removed], an [secret removed] and an [secret removed]; opaque-t",
                ((JsonText) mask.redact(text)).value());
    }

    @Test
    void tokens_go_at_any_place_and_are_forgotten_when_they_are_of_no_use() {
        var mask = new SecretMask(List.of());
        var seeded = new Random(7);
        var tokens = new ArrayList<String>();
        for (int i = 0; i < 2_000; i++) tokens.add("t" + Long.toUnsignedString(seeded.nextLong(), 36) + "-" + i);
        tokens.forEach(token -> mask.learn(token, Instant.EPOCH, Instant.EPOCH.plusSeconds(60)));
        for (String token : tokens.subList(0, 200)) {
            String before = "x".repeat(seeded.nextInt(20));
            String after = "\u00e9y".repeat(seeded.nextInt(20));
            assertEquals(
                    before + SecretMask.MASK + after,
                    ((JsonText) mask.redact(new JsonText(before + token + after))).value());
        }
        var joined = new JsonText(tokens.get(0) + tokens.get(1));
        assertEquals(SecretMask.MASK + SecretMask.MASK, ((JsonText) mask.redact(joined)).value());

        mask.learn("a-later-token", Instant.EPOCH.plusSeconds(7_200), Instant.EPOCH.plusSeconds(7_300));
        assertSame(joined, mask.redact(joined));
        var million = new JsonText("t".repeat(1_000_000));
        assertTimeoutPreemptively(Duration.ofSeconds(5), () -> mask.redact(million));
    }

    @Test
    void hostile_text_costs_no_more_than_its_length() {
        String million = "eyJ" + "A".repeat(1_000_000);
        String dots = "eyJaaaaaaaaaaa.".repeat(60_000);
        String keys = "-----BEGIN PRIVATE KEY-----".repeat(40_000);
        String ends = "-----BEGIN " + "A ".repeat(500_000);
        for (String text : List.of(million, dots, keys, ends, "sk-".repeat(300_000), "grd_".repeat(250_000)))
            assertTimeoutPreemptively(Duration.ofSeconds(5), () -> masked(text));
    }
}
