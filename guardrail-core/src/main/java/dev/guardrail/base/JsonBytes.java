package dev.guardrail.base;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Growing bytes of one JSON text.
final class JsonBytes {
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    /// Bytes of an escaped control character.
    private static final int LONGEST_CHARACTER = 6;

    private final boolean shown;
    private byte[] bytes = new byte[512];
    private int size;

    /// Bytes with no more escapes than a reader of JSON needs.
    JsonBytes() {
        this(false);
    }

    /// @param shown whether every code point that is not [Glyph#DRAWN] is escaped too
    JsonBytes(boolean shown) {
        this.shown = shown;
    }

    void ascii(char character) {
        reserve(1);
        bytes[size++] = (byte) character;
    }

    void ascii(String text) {
        plain(text, 0, text.length());
    }

    /// A quoted string with only the escapes that RFC 8785, section 3.2.2.2 asks for, but in text to be shown.
    ///
    /// @throws IllegalArgumentException where the text has a lone surrogate
    void text(String text) {
        ascii('"');
        int at = 0;
        while (at < text.length()) {
            int end = plainEnd(text, at);
            plain(text, at, end);
            at = end == text.length() ? end : special(text, end);
        }
        ascii('"');
    }

    private int plainEnd(String text, int from) {
        int end = from;
        while (end < text.length() && isPlain(text.charAt(end))) end++;
        return end;
    }

    private boolean isPlain(char unit) {
        return unit >= 0x20 && unit < 0x80 && unit != '"' && unit != '\\' && !(shown && unit == 0x7F);
    }

    @SuppressWarnings("deprecation") // the copy without an encoder is exact for ASCII
    private void plain(String text, int from, int end) {
        reserve(end - from);
        text.getBytes(from, end, bytes, size);
        size += end - from;
    }

    /// Writes the one character at `at` that is not plain.
    ///
    /// @return where the next one starts
    private int special(String text, int at) {
        reserve(LONGEST_CHARACTER);
        char unit = text.charAt(at);
        if (unit < 0x80) escape(unit);
        else if (shown && Glyph.of(text.codePointAt(at)) != Glyph.DRAWN) return escapePoint(text, at);
        else if (unit < 0x800) multibyte(unit, 2);
        else if (!Character.isSurrogate(unit)) multibyte(unit, 3);
        else {
            multibyte(pair(text, at), 4);
            return at + 2;
        }
        return at + 1;
    }

    private static int pair(String text, int index) {
        int point = text.codePointAt(index);
        if (!Character.isSupplementaryCodePoint(point))
            throw new IllegalArgumentException("a text has a lone surrogate at character " + index);
        return point;
    }

    private void escape(char unit) {
        bytes[size++] = '\\';
        int letter = "\"\\\b\f\n\r\t".indexOf(unit);
        if (letter >= 0) {
            bytes[size++] = (byte) "\"\\bfnrt".charAt(letter);
            return;
        }
        bytes[size++] = 'u';
        hex(unit);
    }

    /// Writes a code point as one or two escapes.
    ///
    /// @return where the next one starts
    private int escapePoint(String text, int at) {
        char unit = text.charAt(at);
        int units = Character.charCount(Character.isSurrogate(unit) ? pair(text, at) : unit);
        reserve(2L * LONGEST_CHARACTER);
        for (int i = at; i < at + units; i++) {
            bytes[size++] = '\\';
            bytes[size++] = 'u';
            hex(text.charAt(i));
        }
        return at + units;
    }

    private void hex(char unit) {
        for (int shift = 12; shift >= 0; shift -= 4) bytes[size++] = HEX[(unit >> shift) & 15];
    }

    private void multibyte(int point, int length) {
        int lead = length == 2 ? 0xC0 : length == 3 ? 0xE0 : 0xF0;
        bytes[size++] = (byte) (lead | (point >> (6 * (length - 1))));
        for (int shift = 6 * (length - 2); shift >= 0; shift -= 6)
            bytes[size++] = (byte) (0x80 | ((point >> shift) & 0x3F));
    }

    byte[] toBytes() {
        return Arrays.copyOf(bytes, size);
    }

    private void reserve(long more) {
        if (size + more <= bytes.length) return;
        bytes = Arrays.copyOf(bytes, Math.toIntExact(Math.max(size + more, bytes.length * 2L)));
    }
}
