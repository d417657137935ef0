package dev.guardrail.base;

import java.util.OptionalLong;

/// A JSON number with its literal as written. It is exact, an int64 or exactly its shortest double, unless it was
/// read [#verbatim] from an answer that is passed on and not judged.
public final class JsonNumber implements Json {
    /// Characters of the longest exact literal.
    public static final int MAX_LENGTH = 40;

    /// Characters of the longest verbatim literal.
    public static final int MAX_VERBATIM = 1_000;

    private final String literal;
    private final boolean exact;

    private JsonNumber(String literal, boolean exact) {
        this.literal = literal;
        this.exact = exact;
    }

    /// @param literal RFC 8259 number of at most [#MAX_LENGTH] characters
    /// @throws IllegalArgumentException where the literal is not a JSON number, or neither an int64 nor exactly
    ///     its shortest double
    public JsonNumber(String literal) {
        String refusal = NumberRule.refusal(literal);
        if (refusal != null) throw new IllegalArgumentException(refusal);
        this(literal, true);
    }

    /// A number of any value, kept as written: `0.1000000000000000055`, `1e400`.
    ///
    /// @param literal RFC 8259 number of at most [#MAX_VERBATIM] characters
    /// @throws IllegalArgumentException where the literal is not a JSON number
    public static JsonNumber verbatim(String literal) {
        if (NumberRule.refusal(literal) == null) return new JsonNumber(literal, true);
        String refusal = NumberRule.refusalVerbatim(literal);
        if (refusal != null) throw new IllegalArgumentException(refusal);
        return new JsonNumber(literal, false);
    }

    public static JsonNumber of(long value) {
        return new JsonNumber(Long.toString(value));
    }

    /// @throws IllegalArgumentException where the value is not finite
    public static JsonNumber of(double value) {
        if (!Double.isFinite(value)) throw new IllegalArgumentException("not a JSON number: `" + value + "`");
        return new JsonNumber(CanonicalJson.number(value));
    }

    public String literal() {
        return literal;
    }

    /// True unless only a verbatim reading takes the literal; what is judged is always exact.
    public boolean isExact() {
        return exact;
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
        return exact && value == Math.rint(value) && Math.abs(value) < 0x1p53
                ? OptionalLong.of((long) value)
                : OptionalLong.empty();
    }

    /// @return the nearest double; infinite only where the number is not exact
    public double asDouble() {
        return Double.parseDouble(literal);
    }

    /// Equal where the literals are: `1` is not `1.0`.
    @Override
    public boolean equals(Object other) {
        return other instanceof JsonNumber that && literal.equals(that.literal);
    }

    @Override
    public int hashCode() {
        return literal.hashCode();
    }

    @Override
    public String toString() {
        return literal;
    }
}
