package dev.guardrail.base;

import java.util.OptionalLong;

/// A JSON number that is exactly an int64 or exactly its shortest double; its literal is kept as written.
///
/// @param literal RFC 8259 number, at most [#MAX_LENGTH] characters; every construction is checked
public record JsonNumber(String literal) implements Json {
    /// Characters of the longest literal.
    public static final int MAX_LENGTH = 40;

    /// @throws IllegalArgumentException where the literal is not a JSON number, or neither an int64 nor exactly its
    ///     shortest double
    public JsonNumber {
        String refusal = NumberRule.refusal(literal);
        if (refusal != null) throw new IllegalArgumentException(refusal);
    }

    public static JsonNumber of(long value) {
        return new JsonNumber(Long.toString(value));
    }

    /// @throws IllegalArgumentException where the value is not finite
    public static JsonNumber of(double value) {
        if (!Double.isFinite(value)) throw new IllegalArgumentException("not a JSON number: `" + value + "`");
        return new JsonNumber(CanonicalJson.number(value));
    }

    /// True where the literal has neither fraction nor exponent.
    public boolean isInteger() {
        return literal.indexOf('.') < 0 && literal.indexOf('e') < 0 && literal.indexOf('E') < 0;
    }

    /// @return the value where it is a whole number that an int64 holds (`1`, `-0`; also `1.0` and `1e3`)
    public OptionalLong exactLong() {
        if (isInteger()) {
            try {
                return OptionalLong.of(Long.parseLong(literal));
            } catch (NumberFormatException beyond) {
                return OptionalLong.empty();
            }
        }
        double value = asDouble();
        return value == Math.rint(value) && Math.abs(value) < 0x1p53
                ? OptionalLong.of((long) value)
                : OptionalLong.empty();
    }

    public double asDouble() {
        return Double.parseDouble(literal);
    }

    @Override
    public String toString() {
        return literal;
    }
}
