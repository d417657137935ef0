package dev.guardrail.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.base.StrictJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// What a terminal shows of text that others wrote.
final class ScreenSpec {
    @Test
    void plain_text_is_shown_as_it_is() {
        assertEquals("rm -rf /tmp/x && echo 'grün 日本'", Screen.safe("rm -rf /tmp/x && echo 'grün 日本'"));
    }

    @Test
    void what_moves_hides_or_reorders_is_written_out() {
        assertEquals("a‹U+001B›[2Jb", Screen.safe("a\u001b[2Jb"));
        assertEquals("a‹U+000A›b‹U+000D›c‹U+0008›", Screen.safe("a\nb\rc\b"));
        assertEquals("‹U+202E›txt.exe", Screen.safe("\u202etxt.exe"));
        assertEquals("pay‹U+200B›pal", Screen.safe("pay\u200bpal"));
        assertEquals("a‹U+00A0›b", Screen.safe("a\u00a0b"));
    }

    @TestFactory
    Stream<DynamicTest> no_line_of_the_corpus_reaches_a_reader_unmarked() throws IOException {
        try (var corpus = getClass().getResourceAsStream("/corpora/approval-deception.jsonl")) {
            assertTrue(corpus != null, "the corpus is there");
            return new String(corpus.readAllBytes(), StandardCharsets.UTF_8)
                            .lines()
                            .filter(line -> !line.isBlank())
                            .map(line -> (JsonObject) StrictJson.parse(line.getBytes(StandardCharsets.UTF_8)))
                            .toList()
                            .stream()
                            .map(line ->
                                    DynamicTest.dynamicTest(line.text("name").orElseThrow(), () -> shown(line)));
        }
    }

    /// Nothing of it is left out, and every character of what is shown is one that shows.
    private static void shown(JsonObject line) {
        String hostile = line.text("arg").orElseThrow();
        String shown =
                Screen.pretty(JsonObject.with("command", new JsonText(hostile)).build());
        String value = shown.substring(shown.indexOf(": ") + 2);
        assertTrue(value.codePoints().noneMatch(ScreenSpec::isHidden), value);
        long plain = hostile.codePoints()
                .filter(point -> point > ' ' && point < 0x7f)
                .count();
        long kept = value.replaceAll("‹U\\+[0-9A-F]+›", "")
                .codePoints()
                .filter(point -> point > ' ' && point < 0x7f)
                .count();
        assertEquals(plain, kept, "every plain character is still there");
    }

    private static boolean isHidden(int point) {
        int type = Character.getType(point);
        return type == Character.CONTROL
                || type == Character.FORMAT
                || type == Character.LINE_SEPARATOR
                || type == Character.PARAGRAPH_SEPARATOR
                || type == Character.SURROGATE;
    }
}
