package dev.guardrail.pack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Small readings: suggestions, spans of time, scalars, paths of cases.
class WordsTest {

    @ParameterizedTest
    @CsvSource({"rulez, rules", "matc, match", "Effect, effect", "effcet, effect", "wehn, when"})
    void a_near_word_is_suggested(String word, String meant) {
        assertEquals(
                "; did you mean `" + meant + "`?", Suggestion.of(word, List.of("rules", "match", "effect", "when")));
    }

    @Test
    void a_far_word_is_not() {
        assertEquals("", Suggestion.of("sandbox", List.of("rules", "match")));
        assertEquals("", Suggestion.of("x".repeat(65), List.of("x".repeat(65))));
    }

    @ParameterizedTest
    @CsvSource({"30s, PT30S", "15m, PT15M", "1h, PT1H", "2d, PT48H", "250ms, PT0.25S"})
    void a_span_of_time_is_a_number_and_a_unit(String text, Duration span) {
        assertEquals(Optional.of(span), Durations.parse(text));
        assertEquals(text, Durations.text(span));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0s", "-1s", "1", "s", "1 s", "1w", "1.5h", "01s", "9999999999s", "1S"})
    void anything_else_is_none(String text) {
        assertEquals(Optional.empty(), Durations.parse(text));
    }

    @Test
    void only_plain_scalars_are_anything_but_text() {
        for (String text : List.of("no", "yes", "on", "off", "1.2.3", "1_000", "0755x", "2026-01-01", "nullx", "-"))
            assertTrue(plain(text).isText(), text);
        for (String text : List.of("1", "-0", "1.5", "1e3", "0x1F", "0o7", ".5", "+1", "1.", ".inf", "-.INF", ".nan"))
            assertTrue(plain(text).isNumber(), text);
        for (String text : List.of("", "~", "null", "Null", "NULL"))
            assertTrue(plain(text).isNull(), text);
        assertEquals(Optional.of(true), plain("True").bool());
        assertEquals(Optional.of(false), plain("FALSE").bool());
        var quoted = new Yaml.Scalar("1", Yaml.Style.QUOTED, Place.START);
        assertTrue(quoted.isText());
        assertEquals(new JsonText("1"), quoted.json());
        assertEquals(
                "[1,true,null,\"no\",\"0x1\"]",
                List.of("1", "true", "~", "no", "0x1").stream()
                        .map(text -> plain(text).json().toString())
                        .collect(java.util.stream.Collectors.joining(",", "[", "]")));
    }

    @ParameterizedTest
    @CsvSource({"a.txt, /ws/a.txt", "/a//b/./c/../d, /a/b/d", "../../.., /", "., /ws", "~/x, /ws/~/x", "link, /etc/x"})
    void a_path_is_what_its_text_says(String text, String real) {
        var facts = new TestPaths("/ws", Map.of("link", "/etc/x", "gone", ""))
                .of(JsonObject.with("deep", JsonObject.with("p", text).build()).build());
        assertEquals(real, facts.of(text).orElseThrow().real());
        assertEquals("/ws", facts.of(text).orElseThrow().root());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "gone", "a\0b"})
    void what_cannot_be_a_path_has_no_fact(String text) {
        var facts = new TestPaths("/ws", Map.of("gone", ""))
                .of(JsonObject.with("p", text).with("long", "x".repeat(5_000)).build());
        assertEquals(Map.of(), facts.byText());
    }

    private static Yaml.Scalar plain(String text) {
        return new Yaml.Scalar(text, Yaml.Style.PLAIN, Place.START);
    }
}
