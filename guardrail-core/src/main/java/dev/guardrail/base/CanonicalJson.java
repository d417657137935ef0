package dev.guardrail.base;

import java.util.ArrayList;
import java.util.Map;

/// The canonical bytes of a value (RFC 8785): members sorted by UTF-16 code units, no whitespace, minimal
/// escapes, numbers in ECMAScript's form. One exception: an integer that an int64 holds keeps every digit instead
/// of passing through a double. Equal values have equal bytes: `1`, `1.0` and `10e-1` are all `1`. A number that
/// is not exact ([JsonNumber#isExact]) keeps its literal.
public final class CanonicalJson {
    private CanonicalJson() {}

    /// Writes the canonical bytes of one value.
    ///
    /// @throws IllegalArgumentException where a text or name has a lone surrogate
    public static byte[] bytes(Json json) {
        var out = new JsonBytes();
        write(json, out);
        return out.toBytes();
    }

    /// A double as ECMAScript prints it (ECMA-262, Number::toString): the shortest digits that read back as it.
    ///
    /// @throws IllegalArgumentException where the value is not finite
    public static String number(double value) {
        return EcmaNumber.of(value);
    }

    private static void write(Json json, JsonBytes out) {
        switch (json) {
            case JsonObject object -> writeObject(object, out);
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
            case JsonNumber number -> out.ascii(literal(number));
            case JsonBoolean bool -> out.ascii(bool.toString());
            case JsonNull none -> out.ascii(none.toString());
        }
    }

    private static void writeObject(JsonObject object, JsonBytes out) {
        var members = new ArrayList<>(object.members().entrySet());
        members.sort(Map.Entry.comparingByKey());
        char before = '{';
        for (var member : members) {
            out.ascii(before);
            out.text(member.getKey());
            out.ascii(':');
            write(member.getValue(), out);
            before = ',';
        }
        if (before == '{') out.ascii('{');
        out.ascii('}');
    }

    private static String literal(JsonNumber number) {
        if (!number.isExact()) return number.literal();
        if (!number.isInteger()) return number(number.asDouble());
        var exact = number.exactLong();
        return exact.isPresent() ? Long.toString(exact.getAsLong()) : number(number.asDouble());
    }
}
