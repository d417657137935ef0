package dev.guardrail.base;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/// JSON for somebody who may read the bytes without parsing them.
class ShownJsonSpec {
    private static String shown(String text) {
        return new String(JsonWriter.shown(new JsonText(text)), StandardCharsets.UTF_8);
    }

    @Test
    void what_is_seen_stays_as_it_is() {
        Json json = JsonObject.with("größe \"日本\"", new JsonText("✅\t\\ a")).build();

        assertArrayEquals(JsonWriter.bytes(json), JsonWriter.shown(json));
    }

    @Test
    void what_is_not_seen_is_escaped_in_texts_and_names() {
        assertEquals("\"a\\u202eb\\u007f\\u009b\\u00a0\\u200b\"", shown("a\u202eb\u007f\u009b\u00a0\u200b"));
        assertEquals("\"\\udb40\\udc41\"", shown("\uDB40\uDC41"));
        assertEquals(
                "{\"\\u2066\":1}",
                new String(
                        JsonWriter.shown(JsonObject.builder().with("\u2066", 1).build()), StandardCharsets.UTF_8));
    }

    /// Every code point, read back as it was; and none that is not seen stands there as itself.
    @Test
    void every_code_point_is_exact_once_parsed() {
        for (int point = 0; point <= Character.MAX_CODE_POINT; point++) {
            if (point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE) continue;
            String text = Character.toString(point);
            byte[] bytes = JsonWriter.shown(new JsonText(text));
            assertEquals(new JsonText(text), StrictJson.parse(bytes));
            boolean itself = new String(bytes, StandardCharsets.UTF_8).contains(text);
            assertTrue(!itself || Glyph.of(point) == Glyph.DRAWN, "U+%04X".formatted(point));
        }
    }

    @Test
    void a_lone_surrogate_is_refused() {
        assertThrows(IllegalArgumentException.class, () -> shown("a\uD800"));
    }
}
