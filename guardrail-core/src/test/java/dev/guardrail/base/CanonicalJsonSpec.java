package dev.guardrail.base;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CanonicalJsonSpec {

    /// RFC 8785, appendix B.
    @ParameterizedTest
    @CsvSource({
        "0000000000000000, 0",
        "8000000000000000, 0",
        "0000000000000001, 5e-324",
        "8000000000000001, -5e-324",
        "7fefffffffffffff, 1.7976931348623157e+308",
        "ffefffffffffffff, -1.7976931348623157e+308",
        "4340000000000000, 9007199254740992",
        "c340000000000000, -9007199254740992",
        "4430000000000000, 295147905179352830000",
        "44b52d02c7e14af5, 9.999999999999997e+22",
        "44b52d02c7e14af6, 1e+23",
        "44b52d02c7e14af7, 1.0000000000000001e+23",
        "444b1ae4d6e2ef4e, 999999999999999700000",
        "444b1ae4d6e2ef4f, 999999999999999900000",
        "444b1ae4d6e2ef50, 1e+21",
        "3eb0c6f7a0b5ed8c, 9.999999999999997e-7",
        "3eb0c6f7a0b5ed8d, 0.000001",
        "41b3de4355555553, 333333333.3333332",
        "41b3de4355555554, 333333333.33333325",
        "41b3de4355555555, 333333333.3333333",
        "41b3de4355555556, 333333333.3333334",
        "41b3de4355555557, 333333333.33333343",
        "becbf647612f3696, -0.0000033333333333333333",
        "43143ff3c1cb0959, 1424953923781206.2"
    })
    void doubles_are_written_as_ecmascript_does(String bits, String wanted) {
        assertEquals(wanted, CanonicalJson.number(Double.longBitsToDouble(HexFormat.fromHexDigitsToLong(bits))));
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
    void what_is_not_finite_has_no_form(double value) {
        assertThrows(IllegalArgumentException.class, () -> CanonicalJson.number(value));
        assertThrows(IllegalArgumentException.class, () -> JsonNumber.of(value));
    }

    /// RFC 8785, section 3.2.2, but for one number there that is not its shortest double.
    @Test
    void the_published_example_is_met() {
        String json = """
                {
                  "numbers": [333333333.3333333, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
                  "string": "\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\"\\/",
                  "literals": [null, true, false]
                }""";

        assertEquals(
                "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],"
                        + "\"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}",
                canonical(json));
    }

    /// RFC 8785, section 3.2.3.
    @Test
    void members_are_sorted_by_utf16_code_units() {
        String json = """
                {"\\u20ac": "Euro Sign", "\\r": "Carriage Return", "\\ufb33": "Hebrew Letter Dalet With Dagesh",
                 "1": "One", "\\ud83d\\ude00": "Emoji: Grinning Face", "\\u0080": "Control",
                 "\\u00f6": "Latin Small Letter O With Diaeresis"}""";

        assertEquals(
                "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u0080\":\"Control\","
                        + "\"ö\":\"Latin Small Letter O With Diaeresis\",\"€\":\"Euro Sign\","
                        + "\"😀\":\"Emoji: Grinning Face\",\"\uFB33\":\"Hebrew Letter Dalet With Dagesh\"}",
                canonical(json));
    }

    @ParameterizedTest
    @CsvSource({
        "-0, 0",
        "-0.0, 0",
        "0e9, 0",
        "1.0, 1",
        "10e-1, 1",
        "1.50, 1.5",
        "1E3, 1000",
        "9007199254740993, 9007199254740993",
        "9223372036854775807, 9223372036854775807",
        "-9223372036854775808, -9223372036854775808",
        "10000000000000000000, 10000000000000000000",
        "1e21, 1e+21",
        "100e19, 1e+21",
        "-1e-7, -1e-7",
        "1e18, 1000000000000000000"
    })
    void equal_numbers_have_one_form_and_int64_keeps_every_digit(String literal, String wanted) {
        assertEquals(wanted, canonical(literal));
    }

    @Test
    void empty_values_are_written() {
        assertEquals("[{},[],\"\"]", canonical(" [ { } , [ ] , \"\" ] "));
    }

    @Test
    void a_lone_surrogate_is_never_written() {
        for (String text : new String[] {"\uD83D", "a\uDE00", "\uDE00\uD83D", "\uD83Dx"}) {
            assertThrows(IllegalArgumentException.class, () -> CanonicalJson.bytes(new JsonText(text)));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> JsonWriter.bytes(JsonObject.builder().with(text, 1L).build()));
        }
        assertEquals("\"😀\"", new JsonText("\uD83D\uDE00").toString());
    }

    @Test
    void a_number_is_checked_wherever_it_is_made() {
        assertThrows(IllegalArgumentException.class, () -> new JsonNumber("1e400"));
        assertThrows(IllegalArgumentException.class, () -> new JsonNumber("1]"));
        assertEquals("0.1", JsonNumber.of(0.1).literal());
        assertEquals("-9223372036854775808", JsonNumber.of(Long.MIN_VALUE).literal());
    }

    private static String canonical(String json) {
        return new String(CanonicalJson.bytes(StrictJson.parse(json.getBytes(UTF_8))), UTF_8);
    }
}
