package dev.guardrail.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class PrintableSpec {
    @Test
    void what_is_plainly_visible_stays() {
        assertEquals("Größe 日本 ✅ a-b", Printable.text("Größe 日本 ✅ a-b"));
    }

    @Test
    void everything_else_is_written_out() {
        assertEquals("a‹U+000A›b‹U+001B›[2J‹U+202E›", Printable.text("a\nb\u001b[2J\u202e"));
        assertEquals("‹U+E0041›‹U+FE0F›‹U+00A0›‹U+D800›", Printable.text("\uDB40\uDC41\uFE0F\u00A0\uD800"));
    }

    @Test
    void letters_without_ink_are_written_out_too() {
        assertEquals("‹U+3164›‹U+2800›‹U+FFA0›‹U+115F›", Printable.text("\u3164\u2800\uFFA0\u115F"));
    }

    @Test
    void a_long_text_is_cut_between_characters() {
        assertEquals("✅🚀…", Printable.text("✅🚀x", 2));
        assertEquals("✅🚀x", Printable.text("✅🚀x", 3));
    }

    @Test
    void a_trace_names_classes_and_frames_and_no_message() {
        var fault = new IllegalStateException("secret", new RuntimeException("secret too"));

        String trace = Printable.trace(fault);

        assertTrue(trace.startsWith("java.lang.IllegalStateException at "), trace);
        assertTrue(trace.contains(" caused by java.lang.RuntimeException at "), trace);
        assertTrue(trace.contains("PrintableSpec"), trace);
        assertFalse(trace.contains("secret") || trace.contains("\n"), trace);
    }

    @Test
    void a_trace_of_causes_without_end_ends() {
        var outer = new RuntimeException();
        outer.initCause(new RuntimeException(outer));

        assertEquals(5, Printable.trace(outer).split("java.lang.RuntimeException", -1).length - 1);
    }
}
