package dev.guardrail.proof;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonBoolean;
import dev.guardrail.base.JsonNull;
import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.LinkedHashMap;

/// The auditor's own reading of an entry: it accepts canonical bytes (RFC 8785) of one object and nothing else, so that
/// what it reads has no second spelling. Numbers are whole and fit an int64. It shares no code with what writes.
final class CanonicalReader {
    private static final int MAX_DEPTH = 8;
    private static final String SHORT_ESCAPES = "\"\\bfnrt";
    private static final String ESCAPED = "\"\\\b\f\n\r\t";
    private static final String HEX = "0123456789abcdef";

    private final byte[] bytes;
    private int at;

    private CanonicalReader(byte[] bytes) {
        this.bytes = bytes;
    }

    /// Reads one entry.
    ///
    /// @throws MalformedProof naming the byte, counted from 0, where the bytes are not canonical
    static JsonObject read(byte[] bytes) {
        var reader = new CanonicalReader(bytes);
        if (bytes.length == 0 || bytes[0] != '{') throw reader.malformed("is no object");
        var object = reader.object(0);
        if (reader.at < bytes.length) throw reader.malformed("goes on after its end");
        return object;
    }

    private Json value(int depth) {
        if (depth > MAX_DEPTH) throw malformed("is nested too deep");
        return switch (peek()) {
            case '{' -> object(depth);
            case '[' -> array(depth);
            case '"' -> new JsonText(text());
            case 't' -> literal("true", JsonBoolean.TRUE);
            case 'f' -> literal("false", JsonBoolean.FALSE);
            case 'n' -> literal("null", JsonNull.NULL);
            default -> number();
        };
    }

    private JsonObject object(int depth) {
        at++;
        var members = new LinkedHashMap<String, Json>();
        String before = null;
        while (peek() != '}') {
            if (before != null) expect(',');
            String name = text();
            if (before != null && before.compareTo(name) >= 0) throw malformed("has its members out of order");
            expect(':');
            members.put(name, value(depth + 1));
            before = name;
        }
        at++;
        return new JsonObject(members);
    }

    private JsonArray array(int depth) {
        at++;
        var items = new ArrayList<Json>();
        while (peek() != ']') {
            if (!items.isEmpty()) expect(',');
            items.add(value(depth + 1));
        }
        at++;
        return new JsonArray(items);
    }

    private Json literal(String word, Json value) {
        for (int i = 0; i < word.length(); i++) expect(word.charAt(i));
        return value;
    }

    private JsonNumber number() {
        int start = at;
        if (peek() == '-') at++;
        int first = at;
        while (at < bytes.length && bytes[at] >= '0' && bytes[at] <= '9') at++;
        String literal = new String(bytes, start, at - start, ISO_8859_1);
        boolean canonical = at > first && (bytes[first] != '0' || literal.equals("0"));
        if (!canonical || at - first > 19) throw malformed("has a number that is not a canonical int64");
        try {
            return JsonNumber.of(Long.parseLong(literal));
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
