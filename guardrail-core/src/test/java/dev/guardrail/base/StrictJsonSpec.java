package dev.guardrail.base;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.guardrail.testing.Archive;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StrictJsonSpec {
    /// Valid JSON that this parser refuses on purpose: duplicate names, numbers beyond 40 characters.
    private static final Set<String> REFUSED_ON_PURPOSE = Set.of(
            "y_object_duplicated_key.json",
            "y_object_duplicated_key_and_value.json",
            "y_number_double_close_to_zero.json");

    private static final StrictJson.Limits SMALL = new StrictJson.Limits(100, 3, 4, 6, 2);

    @Test
    void members_keep_their_order_and_numbers_their_literal() {
        String text = "{\"b\":1.0,\"a\":[-0,1e3,null,true,false,\"x\"],\"\":{}}";

        assertEquals(text, parse(" \t\r\n" + text + "\n").toString());
    }

    @Test
    void escapes_are_read() {
        var read = parse("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e9\\uD83d\\uDe00\\u0000é😀\"");

        assertEquals(new JsonText("\"\\/\b\f\n\r\tAé😀\0é😀"), read);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "-0",
                "-0.0",
                "1.0",
                "1e3",
                "1E+3",
                "0.1",
                "100.50",
                "5e-324",
                "1e-323",
                "1.5e-323",
                "1.7976931348623157e308",
                "2.2250738585072014e-308",
                "9223372036854775807",
                "-9223372036854775808",
                "9007199254740993",
                "10000000000000000000",
                "1e23",
                "0e99",
                "1e0000000000000000000000000000000000001"
            })
    void numbers_that_every_reader_takes_alike_are_kept_as_written(String literal) {
        assertEquals(new JsonNumber(literal), parse(literal));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "100.00000000000000000001",
                "0.1000000000000000055",
                "1e400",
                "-1e400",
                "1e-400",
                "1e1000000000",
                "1e-1000000000",
                "9223372036854775808",
                "-9223372036854775809",
                "18446744073709551617",
                "9007199254740993.0",
                "4.9e-324",
                "0e1000000000",
                "333333333.33333329"
            })
    void numbers_that_readers_take_differently_are_refused(String literal) {
        var refused = assertTimeout(Duration.ofSeconds(5), () -> refusal(literal));

        assertEquals(
                "the number `" + literal + "` is neither an int64 nor exactly its shortest double at byte 0", refused);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "01",
                "-",
                "-01",
                "1.",
                ".5",
                "+1",
                "1e",
                "1e+",
                "1.e3",
                "0x10",
                "1_0",
                "NaN",
                "-Infinity",
                "1-2",
                "--1",
                "1e3.5",
                "00",
                "- 1",
                "12345678901234567890123456789012345678901"
            })
    void what_is_no_number_is_refused(String literal) {
        assertTrue(refusal("[" + literal + "]").contains(" at byte "));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    {"a":1,"a":2}           | a member name stands twice in one object at byte 7
                    {"a":1,"\\u0061":2}     | a member name stands twice in one object at byte 7
                    {} {}                   | unexpected data after the json value at byte 3
                    {},                     | unexpected data after the json value at byte 2
                    [1,]                    | expected a json value at byte 3
                    [1 2]                   | expected `,` or `]` at byte 3
                    [1                      | the json ends too early at byte 2
                    {"a":1,}                | expected a member name at byte 7
                    {"a" 1}                 | expected `:` at byte 5
                    {a:1}                   | expected a member name at byte 1
                    {'a':1}                 | expected a member name at byte 1
                    "\\ud800"               | a lone surrogate in a string at byte 1
                    "\\ud800\\u0041"        | a lone surrogate in a string at byte 1
                    "\\udc00\\ud800"        | a lone surrogate in a string at byte 1
                    "\\ud800x"              | a lone surrogate in a string at byte 1
                    "\\x41"                 | unknown escape in a string at byte 2
                    "\\u00g0"               | expected four hex digits at byte 5
                    "abc                    | a string has no end at byte 4
                    "abc\\                  | the json ends too early at byte 5
                    tru                     | expected `true` at byte 3
                    nul0                    | expected `null` at byte 3
                    // x                    | expected a json value at byte 0
                    """)
    void a_refusal_names_the_byte(String json, String message) {
        assertEquals(message, refusal(json));
    }

    @Test
    void an_empty_input_is_refused() {
        assertEquals("the json ends too early at byte 0", refusal(""));
        assertEquals("the json ends too early at byte 2", refusal(" \n"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u000B", "\f", "\u00A0", "\u0085", "\u2028", "\uFEFF", "\0"})
    void only_the_four_whitespace_characters_are_skipped(String other) {
        assertEquals("expected a json value at byte 0", refusal(other + "1"));
        assertEquals("unexpected data after the json value at byte 1", refusal("1" + other));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 8, 9, 10, 13, 27, 31})
    void control_characters_in_strings_are_refused(int character) {
        assertEquals("an unescaped control character in a string at byte 2", refusal("\"a" + (char) character + "\""));
    }

    @Test
    void delete_is_no_control_character() {
        assertEquals(new JsonText("\u007F"), parse("\"\u007F\""));
    }

    /// Each malformed sequence beside the well-formed one next to it.
    @ParameterizedTest
    @CsvSource({
        "80, 41",
        "BF, 41",
        "C0 80, C2 80",
        "C1 BF, DF BF",
        "E0 80 80, E0 A0 80",
        "E0 9F BF, EE 80 80",
        "ED A0 80, ED 9F BF",
        "ED BF BF, EF BF BF",
        "F0 80 80 80, F0 90 80 80",
        "F0 8F BF BF, F1 80 80 80",
        "F4 90 80 80, F4 8F BF BF",
        "F5 80 80 80, F3 80 80 80",
        "FF, 41",
        "FE, 41",
        "C2, C2 80",
        "E1 80, E1 80 80",
        "F1 80 80, F1 80 80 80",
        "C2 41, C2 BF",
        "E1 80 41, E1 80 BF",
        "F1 80 80 41, F1 80 80 BF",
        "EF BB, EF BB BF"
    })
    void only_well_formed_utf8_is_read(String malformed, String wellFormed) {
        assertEquals(
                "bytes that are not UTF-8 at byte 1",
                assertThrows(MalformedJson.class, () -> StrictJson.parse(quoted(malformed)))
                        .getMessage());
        assertEquals(
                "bytes that are not UTF-8 at byte 3",
                assertThrows(MalformedJson.class, () -> StrictJson.parse(quoted("5C 6E " + malformed)))
                        .getMessage());
        var read = (JsonText) StrictJson.parse(quoted(wellFormed));
        assertEquals(1, read.value().codePointCount(0, read.value().length()));
    }

    @Test
    void utf8_outside_of_strings_is_refused() {
        assertEquals("expected a json value at byte 1", refusal("[é]"));
        assertEquals(
                "the json ends too early at byte 3",
                assertThrows(MalformedJson.class, () -> StrictJson.parse(new byte[] {'"', 'a', '\\'}))
                        .getMessage());
    }

    @Test
    void more_bytes_than_allowed_are_refused_unread() {
        byte[] most = ("\"" + "a".repeat(98) + "\"").getBytes(UTF_8);
        byte[] more = "x".repeat(101).getBytes(UTF_8);

        assertDoesNotThrow(() -> StrictJson.parse(most, SMALL));
        var refused = assertThrows(MalformedJson.class, () -> StrictJson.parse(more, SMALL));
        assertEquals(ProblemType.TOO_LARGE, refused.type());
        assertEquals("the json has 101 bytes where 100 are allowed", refused.getMessage());
    }

    @Test
    void limits_hold_at_their_edge() {
        assertDoesNotThrow(() -> StrictJson.parse("[[[1]]]".getBytes(UTF_8), SMALL));
        assertDoesNotThrow(() -> StrictJson.parse("{\"abcd\":123456,\"b\":1}".getBytes(UTF_8), SMALL));

        assertEquals("more than 3 values are nested at byte 3", refusal("[[[[1]]]]", SMALL));
        assertEquals("more than 3 values are nested at byte 7", refusal("{\"a\":[[{}]]}", SMALL));
        assertEquals("a member name has more than 4 characters at byte 1", refusal("{\"abcde\":1}", SMALL));
        assertEquals("a number has more than 6 characters at byte 0", refusal("1234567", SMALL));
        assertEquals("an object has more than 2 members at byte 13", refusal("{\"a\":1,\"b\":1,\"c\":1}", SMALL));
    }

    @Test
    void deep_nesting_is_refused_without_recursing() {
        for (String open : new String[] {"[", "{\"a\":"}) {
            String refused = refusal(open.repeat(10_000));

            assertEquals("more than 64 values are nested at byte " + 64 * open.length(), refused);
        }
        assertDoesNotThrow(() -> parse("[".repeat(64) + "]".repeat(64)));
    }

    @Test
    void limits_are_not_negative_and_depth_is_bounded() {
        assertThrows(IllegalArgumentException.class, () -> new StrictJson.Limits(-1, 1, 1, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> new StrictJson.Limits(1, 513, 1, 1, 1));
        assertEquals(7, StrictJson.Limits.DEFAULT.withBytes(7).bytes());
    }

    /// Lines of which the parser itself must refuse some; the others are judged by the door.
    @TestFactory
    Stream<DynamicTest> hostile_lines_get_the_wanted_verdict() throws IOException {
        var refused = Map.of(
                "dup-key-name", true,
                "dup-key-escaped", true,
                "two-objects-one-line", true,
                "cr-split", true,
                "ls-split", true,
                "lone-surrogate", true,
                "num-precision", true,
                "single-quote", true,
                "deep-obj", true,
                "exp-number", true);
        try (var in = StrictJsonSpec.class.getResourceAsStream("/corpora/mcp-jsonrpc.jsonl")) {
            String lines = new String(in.readAllBytes(), UTF_8);
            return lines.lines().map(line -> line(line, refused)).toList().stream();
        }
    }

    private static DynamicTest line(String corpusLine, Map<String, Boolean> refused) {
        var entry = (JsonObject) parse(corpusLine);
        String name = entry.text("name").orElseThrow();
        byte[] line = entry.text("line").orElseThrow().getBytes(UTF_8);
        return dynamicTest(
                name,
                () -> assertTimeout(Duration.ofSeconds(5), () -> {
                    if (refused.containsKey(name)) assertThrows(MalformedJson.class, () -> StrictJson.parse(line));
                    else
                        assertEquals(
                                StrictJson.parse(line), StrictJson.parse(JsonWriter.bytes(StrictJson.parse(line))));
                }));
    }

    @TestFactory
    Stream<DynamicTest> the_published_suite_is_met() {
        return Archive.files("JSONTestSuite.tar.gz").entrySet().stream()
                .filter(file -> file.getKey().endsWith(".json"))
                .map(file -> {
                    String name = file.getKey().substring(file.getKey().lastIndexOf('/') + 1);
                    return dynamicTest(name, () -> judge(name, file.getValue()));
                });
    }

    private static void judge(String name, byte[] bytes) {
        boolean wanted = name.startsWith("y_") && !REFUSED_ON_PURPOSE.contains(name);
        boolean free = name.startsWith("i_");
        try {
            Json read = StrictJson.parse(bytes);
            assertTrue(wanted || free, "accepted");
            assertEquals(read, StrictJson.parse(JsonWriter.bytes(read)));
        } catch (MalformedJson refused) {
            assertTrue(!wanted, refused.getMessage());
        }
    }

    private static Json parse(String json) {
        return StrictJson.parse(json.getBytes(UTF_8));
    }

    private static String refusal(String json) {
        return refusal(json, StrictJson.Limits.DEFAULT);
    }

    private static String refusal(String json, StrictJson.Limits limits) {
        var refused = assertThrows(MalformedJson.class, () -> StrictJson.parse(json.getBytes(UTF_8), limits));
        assertEquals(ProblemType.MALFORMED_CALL, refused.type());
        return String.valueOf(refused.getMessage());
    }

    private static byte[] quoted(String hex) {
        byte[] inner = java.util.HexFormat.ofDelimiter(" ").parseHex(hex);
        return ("\"" + new String(inner, ISO_8859_1) + "\"").getBytes(ISO_8859_1);
    }
}
