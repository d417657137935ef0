package dev.guardrail.condition;

import dev.guardrail.base.JsonNumber;

/// How numbers compare in CEL: an int64 with a double by the double nearest to it, and without regard to their types
/// (`1 == 1.0`). Arguments reach CEL as `Long` or `Double`, never as a `BigDecimal`, which equals nothing there.
final class Numbers {
    private Numbers() {}

    /// @return `Long` where the literal is written as an int64, else the double, with minus zero as zero
    static Number of(JsonNumber json) {
        String literal = json.literal();
        return isLong(literal) ? (Number) Long.parseLong(literal) : (Number) toDouble(literal);
    }

    /// Compares a JSON number with a constant that is a `Long` or a `Double`, neither NaN nor minus zero.
    static int compare(JsonNumber json, Number constant) {
        String literal = json.literal();
        if (isLong(literal)) {
            long value = Long.parseLong(literal);
            return constant instanceof Long other
                    ? Long.compare(value, other)
                    : -compare(constant.doubleValue(), value);
        }
        double value = toDouble(literal);
        return constant instanceof Long other
                ? compare(value, other.longValue())
                : Double.compare(value, constant.doubleValue());
    }

    static int compare(Number one, Number other) {
        if (one instanceof Long left)
            return other instanceof Long right
                    ? Long.compare(left, right)
                    : -compare(other.doubleValue(), left.longValue());
        return other instanceof Long right
                ? compare(one.doubleValue(), right.longValue())
                : Double.compare(one.doubleValue(), other.doubleValue());
    }

    private static int compare(double one, long other) {
        if (one < -0x1p63) return -1;
        if (one > 0x1p63) return 1;
        return Double.compare(one, (double) other);
    }

    /// True where the literal has no fraction, no exponent and few enough digits to be an int64 beyond doubt,
    /// or is one after all.
    private static boolean isLong(String literal) {
        for (int i = 0; i < literal.length(); i++) {
            char c = literal.charAt(i);
            if (c == '.' || c == 'e' || c == 'E') return false;
        }
        return literal.length() <= 18 || literal.length() <= 20 && fitsLong(literal);
    }

    private static boolean fitsLong(String literal) {
        String digits = literal.startsWith("-") ? literal.substring(1) : literal;
        if (digits.length() != 19) return digits.length() < 19;
        return digits.compareTo(literal.startsWith("-") ? "9223372036854775808" : "9223372036854775807") <= 0;
    }

    /// Minus zero compares below zero with an int64 in CEL and equal with a double: `amount == 0` must not miss it.
    private static double toDouble(String literal) {
        double value = Double.parseDouble(literal);
        return value == 0 ? 0.0 : value;
    }
}
