package dev.guardrail.proof;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.CanonicalJson;
import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.MalformedJson;
import dev.guardrail.base.StrictJson;
import dev.guardrail.testing.AnyJson;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The auditor's own reading agrees with the parser and the canonical form, and with nothing else.
class CanonicalReaderLaws {
    private static final int CASES = 10_000;

    @Test
    void what_is_canonical_is_read_as_it_is() {
        for (long seed = 0; seed < CASES; seed++) {
            var object = whole(new AnyJson(seed).value());
            byte[] bytes = CanonicalJson.bytes(object);

            assertArrayEquals(
                    bytes, CanonicalJson.bytes(CanonicalReader.read(bytes).json()), "seed " + seed);
            assertEquals(StrictJson.parse(bytes), CanonicalReader.read(bytes).json(), "seed " + seed);
        }
    }

    /// Bytes near canonical ones are read where parser and canonical form say so too.
    @Test
    void what_is_not_canonical_is_refused() {
        int read = 0;
        for (long seed = 0; seed < 10 * CASES; seed++) {
            var random = new SplittableRandom(seed);
            byte[] bytes = CanonicalJson.bytes(whole(new AnyJson(seed % CASES).value()));
            byte[] near = mutated(bytes, random);

            Optional<JsonObject> expected = expected(near);
            Optional<JsonObject> actual = actual(near);

            assertEquals(expected, actual, () -> "seed " + random + ": " + new String(near, UTF_8));
            if (actual.isPresent()) read++;
        }
        assertTrue(read > 1_000, "too few of them are canonical: " + read);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1",
                "[]",
                "{} ",
                " {}",
                "{ }",
                "{\"a\":1,}",
                "{\"a\":01}",
                "{\"a\":-0}",
                "{\"a\":1.0}",
                "{\"a\":1e1}",
                "{\"a\":9223372036854775808}",
                "{\"b\":1,\"a\":2}",
                "{\"a\":1,\"a\":2}",
                "{\"a\":\"\\u0041\"}",
                "{\"a\":\"\\u000a\"}",
                "{\"a\":\"\\u001F\"}",
                "{\"a\":\"\\/\"}",
                "{\"a\":\"\t\"}",
                "{\"a\":tru}",
                "{\"a\":\"x}",
                "{\"a\""
            })
    void a_second_spelling_is_refused(String text) {
        assertThrows(MalformedProof.class, () -> CanonicalReader.read(text.getBytes(UTF_8)));
    }

    @Test
    void depth_is_capped() {
        String deep = "{\"a\":" + "[".repeat(7) + "]".repeat(7) + "}";
        String deeper = "{\"a\":" + "[".repeat(9) + "]".repeat(9) + "}";

        CanonicalReader.read(deep.getBytes(UTF_8));
        assertThrows(MalformedProof.class, () -> CanonicalReader.read(deeper.getBytes(UTF_8)));
    }

    private static Optional<JsonObject> expected(byte[] bytes) {
        try {
            boolean canonical = StrictJson.parse(bytes) instanceof JsonObject object
                    && Arrays.equals(CanonicalJson.bytes(object), bytes)
                    && whole(object).equals(object);
            return canonical ? Optional.of((JsonObject) StrictJson.parse(bytes)) : Optional.empty();
        } catch (MalformedJson refused) {
            return Optional.empty();
        }
    }

    private static Optional<JsonObject> actual(byte[] bytes) {
        try {
            return Optional.of(CanonicalReader.read(bytes).json());
        } catch (MalformedProof refused) {
            return Optional.empty();
        }
    }

    private static byte[] mutated(byte[] bytes, SplittableRandom random) {
        byte[] near = bytes.clone();
        int at = random.nextInt(near.length);
        return switch (random.nextInt(4)) {
            case 0 -> {
                near[at] ^= (byte) (1 << random.nextInt(8));
                yield near;
            }
            case 1 -> {
                near[at] = (byte) " \"\\{}[],:019-.eu/abtfn\t\n".charAt(random.nextInt(24));
                yield near;
            }
            case 2 -> {
                System.arraycopy(bytes, at + 1, near, at, bytes.length - at - 1);
                yield Arrays.copyOf(near, bytes.length - 1);
            }
            default -> {
                byte[] longer = Arrays.copyOf(near, near.length + 1);
                System.arraycopy(bytes, at, longer, at + 1, bytes.length - at);
                longer[at] = bytes[random.nextInt(bytes.length)];
                yield longer;
            }
        };
    }

    /// The value in an object, with numbers that an int64 holds: entries have no others.
    private static JsonObject whole(Json json) {
        return json instanceof JsonObject object
                ? (JsonObject) wholeValue(object)
                : JsonObject.with("value", wholeValue(json)).build();
    }

    private static Json wholeValue(Json json) {
        return switch (json) {
            case JsonObject object -> {
                var members = new LinkedHashMap<String, Json>();
                object.members().entrySet().stream()
                        .sorted(java.util.Map.Entry.comparingByKey())
                        .forEach(member -> members.put(member.getKey(), wholeValue(member.getValue())));
                yield new JsonObject(members);
            }
            case JsonArray array ->
                new JsonArray(array.items().stream()
                        .map(CanonicalReaderLaws::wholeValue)
                        .toList());
            case JsonNumber number ->
                number.exactLong().isPresent()
                                && number.isInteger()
                                && !number.literal().equals("-0")
                        ? number
                        : JsonNumber.of(number.literal().length());
            default -> json;
        };
    }
}
