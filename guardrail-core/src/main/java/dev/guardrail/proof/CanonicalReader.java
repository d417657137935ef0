package dev.guardrail.proof;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The auditor's own reading of an entry: it accepts canonical bytes (RFC 8785) of one object and nothing else, so that
/// what it reads has no second spelling. Numbers are whole and fit an int64. It shares no code with what writes.
final class CanonicalReader {
    private static final int MAX_DEPTH = 8;
    private static final String SHORT_ESCAPES = "\"\\bfnrt";
    private static final String ESCAPED = "\"\\\b\f\n\r\t";
    private static final String HEX = "0123456789abcdef";

    private static final int USUAL_MEMBERS = 20;
    private static final int SLOTS = 1_024;
    private static final @Nullable String[] KNOWN = known();

    private final byte[] bytes;
    private int at;

    private CanonicalReader(byte[] bytes) {
        this.bytes = bytes;
    }

    /// Reads one entry.
    ///
    /// @throws MalformedProof naming the byte, counted from 0, where the bytes are not canonical
    static Members read(byte[] bytes) {
        var reader = new CanonicalReader(bytes);
        if (bytes.length == 0 || bytes[0] != '{') throw reader.malformed("is no object");
        var object = reader.object(0);
        if (reader.at < bytes.length) throw reader.malformed("goes on after its end");
        return object;
    }

    private Value value(int depth) {
        if (depth > MAX_DEPTH) throw malformed("is nested too deep");
        return switch (peek()) {
            case '{' -> object(depth);
            case '[' -> array(depth);
            case '"' -> new Value.Text(text());
            case 't' -> literal("true", Value.Word.TRUE);
            case 'f' -> literal("false", Value.Word.FALSE);
            case 'n' -> literal("null", Value.Word.NULL);
            default -> number();
        };
    }

    private Members object(int depth) {
        at++;
        var names = new String[depth == 0 ? USUAL_MEMBERS : 2];
        var values = new Value[names.length];
        int count = 0;
        while (peek() != '}') {
            if (count == names.length) {
                names = Arrays.copyOf(names, 2 * count);
                values = Arrays.copyOf(values, 2 * count);
            }
            if (count > 0) expect(',');
            names[count] = name();
            if (count > 0 && names[count - 1].compareTo(names[count]) >= 0)
                throw malformed("has its members out of order");
            expect(':');
            values[count++] = value(depth + 1);
        }
        at++;
        return new Members(Arrays.copyOf(names, count), Arrays.copyOf(values, count));
    }

    /// A name; one that is known is always the same string.
    private String name() {
        int end = at + 1;
        while (end < bytes.length && isPlain(bytes[end])) end++;
        int length = end - at - 1;
        if (length > 0 && end < bytes.length && bytes[end] == '"' && bytes[at] == '"') {
            String known = KNOWN[slot(length, bytes[at + 1], bytes[end - 1])];
            if (known != null && matches(known, at + 1, length)) {
                at = end + 1;
                return known;
            }
        }
        return text();
    }

    private boolean matches(String known, int from, int length) {
        if (known.length() != length) return false;
        for (int i = 0; i < length; i++) if (bytes[from + i] != known.charAt(i)) return false;
        return true;
    }

    private static int slot(int length, int first, int last) {
        return (length * 31 + first * 7 + last) & (SLOTS - 1);
    }

    /// Names of members by [#slot]; where two fall together the second is read like any other text.
    private static @Nullable String[] known() {
        var known = new @Nullable String[SLOTS];
        for (String name : EntryShape.names()) {
            int slot = slot(name.length(), name.charAt(0), name.charAt(name.length() - 1));
            if (known[slot] == null) known[slot] = name;
        }
        return known;
    }

    private Value.Items array(int depth) {
        at++;
        var items = new ArrayList<Value>();
        while (peek() != ']') {
            if (!items.isEmpty()) expect(',');
            items.add(value(depth + 1));
        }
        at++;
        return new Value.Items(items);
    }

    private Value literal(String word, Value value) {
        for (int i = 0; i < word.length(); i++) expect(word.charAt(i));
        return value;
    }

    private Value.Whole number() {
        int start = at;
        if (peek() == '-') at++;
        int first = at;
        while (at < bytes.length && bytes[at] >= '0' && bytes[at] <= '9') at++;
        String literal = new String(bytes, start, at - start, ISO_8859_1);
        boolean canonical = at > first && (bytes[first] != '0' || literal.equals("0"));
        if (!canonical || at - first > 19) throw malformed("has a number that is not a canonical int64");
        try {
            return new Value.Whole(Long.parseLong(literal));
        } catch (NumberFormatException beyond) {
            throw malformed("has a number that is not a canonical int64");
        }
    }

    private String text() {
        expect('"');
        int start = at;
        while (isPlain(peek())) at++;
        if (bytes[at] != '"') return odd(start);
        var text = new String(bytes, start, at - start, ISO_8859_1);
        at++;
        return text;
    }

    /// A text with escapes or characters beyond ASCII.
    private String odd(int start) {
        var text = new StringBuilder();
        int run = start;
        while (peek() != '"') {
            byte unit = bytes[at];
            if (unit != '\\') {
                if (unit >= 0 && unit < ' ') throw malformed("has a bare control character");
                at++;
                continue;
            }
            decode(run, at, text);
            text.append(escape());
            run = at;
        }
        decode(run, at, text);
        at++;
        return text.toString();
    }

    private void decode(int from, int to, StringBuilder text) {
        try {
            text.append(UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, from, to - from)));
        } catch (CharacterCodingException malformed) {
            throw new MalformedProof("is not UTF-8 at byte " + from, malformed);
        }
    }

    private char escape() {
        at++;
        int letter = SHORT_ESCAPES.indexOf(peek());
        if (letter >= 0) {
            at++;
            return ESCAPED.charAt(letter);
        }
        for (char expected : new char[] {'u', '0', '0'}) expect(expected);
        int value = hex() << 4 | hex();
        if (value >= ' ' || ESCAPED.indexOf(value) >= 0) throw malformed("escapes what needs no such escape");
        return (char) value;
    }

    private int hex() {
        int value = HEX.indexOf(peek());
        if (value < 0) throw malformed("has a malformed escape");
        at++;
        return value;
    }

    private static boolean isPlain(byte unit) {
        return unit >= ' ' && unit != '"' && unit != '\\';
    }

    private byte peek() {
        if (at >= bytes.length) throw malformed("is cut off");
        return bytes[at];
    }

    private void expect(char wanted) {
        if (peek() != wanted) throw malformed("has something else than `" + wanted + "`");
        at++;
    }

    private MalformedProof malformed(String why) {
        return new MalformedProof(why + " at byte " + at);
    }
}
