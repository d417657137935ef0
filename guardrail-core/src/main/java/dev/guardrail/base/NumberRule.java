package dev.guardrail.base;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/// Which number literals are read: those that every JSON reader takes for the same value.
/// That is an integer that an int64 holds, or the value that its nearest double is printed as (ECMA-262,
/// Number::toString); `1.0`, `1e3` and `-0` pass, `0.1000000000000000055`, `1e400` and 2^64+1 do not.
final class NumberRule {
    /// Beyond it every double is zero or infinite, whatever the at most 40 characters before.
    private static final int MAX_EXPONENT = 999;

    /// Digits that any decimal may have and still be its double's shortest form (`DBL_DIG`).
    private static final int SAFE_DIGITS = 15;

    /// Exponents that keep decimals of [#SAFE_DIGITS] in the normal range of doubles.
    private static final int SAFE_EXPONENT = 270;

    private final String literal;
    private final boolean verbatim;
    private int at;
    private int digits;

    private NumberRule(String literal, boolean verbatim) {
        this.literal = literal;
        this.verbatim = verbatim;
    }

    /// Judges one literal.
    ///
    /// @return why the literal is refused, or null where it passes; bounded work for any literal
    static @Nullable String refusal(String literal) {
        if (literal.length() > JsonNumber.MAX_LENGTH)
            return "a number has more than " + JsonNumber.MAX_LENGTH + " characters";
        return new NumberRule(literal, false).refusal();
    }

    /// Judges the grammar of one literal alone (RFC 8259, section 6), whatever its value.
    ///
    /// @return as the other
    static @Nullable String refusalVerbatim(String literal) {
        if (literal.length() > JsonNumber.MAX_VERBATIM)
            return "a number has more than " + JsonNumber.MAX_VERBATIM + " characters";
        return new NumberRule(literal, true).refusal();
    }

    private @Nullable String refusal() {
        skip('-');
        int start = at;
        if (skipDigits() == 0 || (literal.charAt(start) == '0' && at - start > 1)) return notNumber();
        if (at == literal.length())
            return verbatim || digits <= 18 || isLong() || isShortestDouble() ? null : notExact();
        if (skip('.') && skipDigits() == 0) return notNumber();
        int significant = digits;
        int exponent = 0;
        if (skip('e') || skip('E')) {
            if (!skip('-')) skip('+');
            int from = at;
            if (skipDigits() == 0) return notNumber();
            exponent = cappedExponent(from);
        }
        if (at < literal.length()) return notNumber();
        if (verbatim) return null;
        if (exponent > MAX_EXPONENT) return notExact();
        boolean safe = significant <= SAFE_DIGITS && exponent <= SAFE_EXPONENT;
        return safe || isShortestDouble() ? null : notExact();
    }

    private boolean skip(char wanted) {
        if (at == literal.length() || literal.charAt(at) != wanted) return false;
        at++;
        return true;
    }

    private int skipDigits() {
        int start = at;
        while (at < literal.length() && literal.charAt(at) >= '0' && literal.charAt(at) <= '9') at++;
        digits += at - start;
        return at - start;
    }

    /// Magnitude of the exponent whose digits run to `at`, at most one above [#MAX_EXPONENT].
    private int cappedExponent(int from) {
        int exponent = 0;
        for (int i = from; i < at; i++) exponent = Math.min(MAX_EXPONENT + 1, exponent * 10 + literal.charAt(i) - '0');
        return exponent;
    }

    private boolean isLong() {
        try {
            Long.parseLong(literal);
            return true;
        } catch (NumberFormatException beyond) {
            return false;
        }
    }

    private boolean isShortestDouble() {
        double value = Double.parseDouble(literal);
        return Double.isFinite(value)
                && new BigDecimal(literal).compareTo(new BigDecimal(CanonicalJson.number(value))) == 0;
    }

    /// Whoever is refused reads no more of a long literal than of the longest exact one.
    private String notNumber() {
        int shown = Math.min(literal.length(), JsonNumber.MAX_LENGTH);
        return "`" + literal.substring(0, shown) + (shown < literal.length() ? "…" : "") + "` is not a json number";
    }

    private String notExact() {
        return "the number `" + literal + "` is neither an int64 nor exactly its shortest double";
    }
}
