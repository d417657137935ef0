package dev.guardrail.base;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;

/// One reading of one input, by recursive descent over its bytes; [StrictJson] tells the rules.
/// Bytes beyond ASCII are valid only inside strings, so that is where UTF-8 is checked.
final class JsonReader {
    private final byte[] bytes;
    private final StrictJson.Limits limits;
    private int at;

    JsonReader(byte[] bytes, StrictJson.Limits limits) {
        this.bytes = bytes;
        this.limits = limits;
    }

    Json document() {
        skipWhitespace();
        Json value = value(0);
        skipWhitespace();
        if (at < bytes.length) throw malformed("unexpected data after the json value");
        return value;
    }

    private Json value(int depth) {
        return switch (peek()) {
            case '{' -> object(depth + 1);
            case '[' -> array(depth + 1);
            case '"' -> new JsonText(text());
            case 't' -> word("true", JsonBoolean.TRUE);
            case 'f' -> word("false", JsonBoolean.FALSE);
            case 'n' -> word("null", JsonNull.NULL);
            case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> number();
            default -> throw malformed("expected a json value");
        };
    }

    private JsonObject object(int depth) {
        descend(depth);
        if (closes('}')) return JsonObject.EMPTY;
        var members = new JsonObject.Owned();
        do {
            skipWhitespace();
            int start = at;
            String name = name();
            skipWhitespace();
            expect(':');
            skipWhitespace();
            if (members.putIfAbsent(name, value(depth)) != null)
                throw malformed("a member name stands twice in one object", start);
            if (members.size() > limits.members())
                throw malformed("an object has more than " + limits.members() + " members", start);
            skipWhitespace();
        } while (another('}'));
        return new JsonObject(members);
    }

    private JsonArray array(int depth) {
        descend(depth);
        if (closes(']')) return JsonArray.EMPTY;
        var items = new ArrayList<Json>();
        do {
            skipWhitespace();
            items.add(value(depth));
            skipWhitespace();
        } while (another(']'));
        return new JsonArray(items);
    }

    private void descend(int depth) {
        if (depth > limits.depth()) throw malformed("more than " + limits.depth() + " values are nested");
        at++;
    }

    private boolean closes(char close) {
        skipWhitespace();
        if (peek() != close) return false;
        at++;
        return true;
    }

    private boolean another(char close) {
        byte next = peek();
        if (next != ',' && next != close) throw malformed("expected `,` or `" + close + "`");
        at++;
        return next == ',';
    }

    private void expect(char wanted) {
        if (peek() != wanted) throw malformed("expected `" + wanted + "`");
        at++;
    }

    private String name() {
        int start = at;
        if (peek() != '"') throw malformed("expected a member name");
        String name = text();
        if (name.length() > limits.name())
            throw malformed("a member name has more than " + limits.name() + " characters", start);
        return name;
    }

    private Json word(String word, Json value) {
        for (int i = 0; i < word.length(); i++, at++) {
            if (at == bytes.length || bytes[at] != word.charAt(i)) throw malformed("expected `" + word + "`");
        }
        return value;
    }

    /// Takes the longest run of characters that numbers are made of; [JsonNumber] judges it.
    private JsonNumber number() {
        int start = at;
        while (at < bytes.length && isNumberByte(bytes[at])) at++;
        if (at - start > limits.number())
            throw malformed("a number has more than " + limits.number() + " characters", start);
        try {
            String literal = new String(bytes, start, at - start, ISO_8859_1);
            return limits.answers() ? JsonNumber.verbatim(literal) : new JsonNumber(literal);
        } catch (IllegalArgumentException refused) {
            throw new MalformedJson(refused.getMessage() + " at byte " + start);
        }
    }

    private static boolean isNumberByte(byte b) {
        return (b >= '0' && b <= '9') || b == '.' || b == '-' || b == '+' || b == 'e' || b == 'E';
    }

    private String text() {
        int start = ++at;
        while (at < bytes.length) {
            byte b = bytes[at];
            if (b == '"') return new String(bytes, start, at++ - start, UTF_8);
            if (b == '\\') return escapedText(start);
            skipCharacter(b);
        }
        throw malformed("a string has no end");
    }

    /// The rest of a string whose first escape stands at `at`.
    private String escapedText(int start) {
        var text = new StringBuilder();
        int from = start;
        while (at < bytes.length) {
            byte b = bytes[at];
            if (b != '"' && b != '\\') {
                skipCharacter(b);
                continue;
            }
            text.append(new String(bytes, from, at - from, UTF_8));
            at++;
            if (b == '"') return text.toString();
            escape(text);
            from = at;
        }
        throw malformed("a string has no end");
    }

    /// Reads what follows a backslash.
    private void escape(StringBuilder text) {
        byte kind = peek();
        at++;
        switch (kind) {
            case '"', '\\', '/' -> text.append((char) kind);
            case 'b' -> text.append('\b');
            case 'f' -> text.append('\f');
            case 'n' -> text.append('\n');
            case 'r' -> text.append('\r');
            case 't' -> text.append('\t');
            case 'u' -> unicodeEscape(text);
            default -> throw malformed("unknown escape in a string", at - 1);
        }
    }

    private void unicodeEscape(StringBuilder text) {
        int start = at - 2;
        char unit = hexUnit();
        if (!Character.isSurrogate(unit)) {
            text.append(unit);
            return;
        }
        int afterUnit = at;
        boolean escapeFollows = at + 1 < bytes.length && bytes[at] == '\\' && bytes[at + 1] == 'u';
        if (Character.isHighSurrogate(unit) && escapeFollows) {
            at += 2;
            char low = hexUnit();
            if (Character.isLowSurrogate(low)) {
                text.append(unit).append(low);
                return;
            }
        }
        if (!limits.answers()) throw malformed("a lone surrogate in a string", start);
        at = afterUnit;
        text.append('\uFFFD');
    }

    private char hexUnit() {
        int unit = 0;
        for (int i = 0; i < 4; i++, at++) {
            int digit = Character.digit(peek(), 16);
            if (digit < 0) throw malformed("expected four hex digits");
            unit = (unit << 4) | digit;
        }
        return (char) unit;
    }

    private void skipCharacter(byte first) {
        if (first >= ' ') {
            at++;
            return;
        }
        if (first >= 0) throw malformed("an unescaped control character in a string");
        int length = utf8Length();
        if (length == 0) throw malformed("bytes that are not UTF-8");
        at += length;
    }

    /// Length of the well-formed sequence beyond ASCII that starts at `at`, or 0 where there is none
    /// (Unicode 16, table 3-7: no overlong form, no surrogate, nothing above U+10FFFF).
    private int utf8Length() {
        int first = bytes[at] & 0xFF;
        int length = first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0;
        if (length == 0 || bytes.length - at < length) return 0;
        int second = bytes[at + 1] & 0xFF;
        int least = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
        int most = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
        if (second < least || second > most) return 0;
        for (int i = 2; i < length; i++) {
            if ((bytes[at + i] & 0xC0) != 0x80) return 0;
        }
        return length;
    }

    private void skipWhitespace() {
        while (at < bytes.length && isWhitespace(bytes[at])) at++;
    }

    private static boolean isWhitespace(byte b) {
        return b == ' ' || b == '\n' || b == '\r' || b == '\t';
    }

    private byte peek() {
        if (at >= bytes.length) throw malformed("the json ends too early");
        return bytes[at];
    }

    private MalformedJson malformed(String what) {
        return malformed(what, at);
    }

    private static MalformedJson malformed(String what, int position) {
        return new MalformedJson(what + " at byte " + position);
    }
}
