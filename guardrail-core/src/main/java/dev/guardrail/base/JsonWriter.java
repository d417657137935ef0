package dev.guardrail.base;

/// Writes a value as it was judged: compact, members in their order, number literals as read.
/// [StrictJson] reads the bytes back as an equal value.
public final class JsonWriter {
    private JsonWriter() {}

    /// Writes one value.
    ///
    /// @throws IllegalArgumentException where a text or name has a lone surrogate
    public static byte[] bytes(Json json) {
        var out = new JsonBytes();
        write(json, out);
        return out.toBytes();
    }

    /// Writes one value for somebody who may read the bytes as they are: every code point that is not [Glyph#DRAWN]
    /// stands there as its escape, of six characters each UTF-16 unit. Parsed, it is the same value.
    ///
    /// @throws IllegalArgumentException where a text or name has a lone surrogate
    public static byte[] shown(Json json) {
        var out = new JsonBytes(true);
        write(json, out);
        return out.toBytes();
    }

    private static void write(Json json, JsonBytes out) {
        switch (json) {
            case JsonObject object -> {
                char before = '{';
                for (var member : object.members().entrySet()) {
                    out.ascii(before);
                    out.text(member.getKey());
                    out.ascii(':');
                    write(member.getValue(), out);
                    before = ',';
                }
                if (before == '{') out.ascii('{');
                out.ascii('}');
            }
            case JsonArray array -> {
                char before = '[';
                for (Json item : array.items()) {
                    out.ascii(before);
                    write(item, out);
                    before = ',';
                }
                if (before == '[') out.ascii('[');
                out.ascii(']');
            }
            case JsonText text -> out.text(text.value());
            case JsonNumber number -> out.ascii(number.literal());
            case JsonBoolean bool -> out.ascii(bool.toString());
            case JsonNull none -> out.ascii(none.toString());
        }
    }
}
