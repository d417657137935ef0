package dev.guardrail.base;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// How an answer of somebody else is read: nothing that is passed on unjudged is lost for a number or half an
/// emoji.
class AnswerJsonSpec {
    private static final StrictJson.Limits ANSWERS = StrictJson.Limits.DEFAULT.forAnswers();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.1000000000000000055",
                "1e400",
                "-1e-400",
                "18446744073709551617",
                "100.00000000000000000001",
                "1e1000000000",
                "115792089237316195423570985008687907853269984665640564039457584007913129639935"
            })
    void any_number_is_kept_as_written(String literal) {
        var read = StrictJson.parse(("[" + literal + "]").getBytes(UTF_8), ANSWERS);

        assertEquals("[" + literal + "]", read.toString());
        assertEquals("[" + literal + "]", new String(CanonicalJson.bytes(read), UTF_8));
        var number = (JsonNumber) ((JsonArray) read).items().getFirst();
        assertFalse(number.isExact());
        assertTrue(number.exactLong().isEmpty());
        assertThrows(MalformedJson.class, () -> StrictJson.parse(literal.getBytes(UTF_8)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"01", "1.", ".5", "+1", "1e", "--1", "NaN", "Infinity", "0x10", "1_000", "-"})
    void what_is_no_number_is_refused_all_the_same(String literal) {
        assertThrows(MalformedJson.class, () -> StrictJson.parse(literal.getBytes(UTF_8), ANSWERS));
    }

    @Test
    void a_number_beyond_the_longest_is_refused() {
        String longest = "1".repeat(JsonNumber.MAX_VERBATIM);

        assertEquals(longest, StrictJson.parse(longest.getBytes(UTF_8), ANSWERS).toString());
        assertThrows(MalformedJson.class, () -> StrictJson.parse((longest + "1").getBytes(UTF_8), ANSWERS));
    }

    @Test
    void a_refusal_shows_no_more_than_the_start_of_a_long_number() {
        var refused = assertThrows(
                MalformedJson.class, () -> StrictJson.parse(("1" + "e".repeat(900)).getBytes(UTF_8), ANSWERS));

        assertEquals("`1" + "e".repeat(39) + "…` is not a json number at byte 0", refused.getMessage());
    }

    @Test
    void an_exact_number_is_the_same_either_way() {
        var read = StrictJson.parse("1.0".getBytes(UTF_8), ANSWERS);

        assertEquals(new JsonNumber("1.0"), read);
        assertTrue(((JsonNumber) read).isExact());
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"a\\ud83d\"", "\"a\\ud83db\"", "\"a\\ude00\"", "\"a\\ud83d\\n\""})
    void a_lone_surrogate_reads_as_a_replacement(String text) {
        var read = (JsonText) StrictJson.parse(text.getBytes(UTF_8), ANSWERS);

        assertEquals("a\uFFFD", read.value().substring(0, 2));
        assertThrows(MalformedJson.class, () -> StrictJson.parse(text.getBytes(UTF_8)));
    }

    @Test
    void a_pair_after_a_lone_surrogate_is_kept() {
        var read = StrictJson.parse("\"\\ud83d\\ud83d\\ude00\"".getBytes(UTF_8), ANSWERS);

        assertEquals(new JsonText("\uFFFD\ud83d\ude00"), read);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"a\":1,\"a\":2}", "{} {}", "\"\u0001\"", "{'a':1}"})
    void the_rest_is_as_strict_as_ever(String text) {
        assertThrows(MalformedJson.class, () -> StrictJson.parse(text.getBytes(UTF_8), ANSWERS));
    }
}
