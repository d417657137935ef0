package dev.guardrail.base;

import java.math.BigDecimal;

/// Doubles in the form of ECMA-262's Number::toString (radix 10), made from the shortest digits of the JDK.
final class EcmaNumber {
    private EcmaNumber() {}

    static String of(double value) {
        if (!Double.isFinite(value)) throw new IllegalArgumentException("not a JSON number: `" + value + "`");
        if (value == 0) return "0";
        if (value == Math.rint(value) && Math.abs(value) < 0x1p53) return Long.toString((long) value);
        var shortest = shortest(Math.abs(value));
        String digits = shortest.unscaledValue().toString();
        String sign = value < 0 ? "-" : "";
        return sign + layout(digits, digits.length() - shortest.scale());
    }

    /// The decimal of fewest digits that reads back as `value`, without trailing zeros. The JDK gives at least two
    /// digits, which is one too many for a few of the smallest doubles (`4.9E-324` for `5e-324`).
    private static BigDecimal shortest(double value) {
        var decimal = new BigDecimal(Double.toString(value)).stripTrailingZeros();
        if (decimal.precision() != 2 || value >= 1e-321) return decimal;
        var single = decimal.round(new java.math.MathContext(1, java.math.RoundingMode.HALF_EVEN));
        return single.doubleValue() == value ? single.stripTrailingZeros() : decimal;
    }

    /// @param point place of the decimal point, counted from before the first digit
    private static String layout(String digits, int point) {
        int count = digits.length();
        if (count <= point && point <= 21) return digits + "0".repeat(point - count);
        if (0 < point && point <= 21) return digits.substring(0, point) + "." + digits.substring(point);
        if (-6 < point && point <= 0) return "0." + "0".repeat(-point) + digits;
        String fraction = count == 1 ? "" : "." + digits.substring(1);
        int exponent = point - 1;
        return digits.charAt(0) + fraction + (exponent < 0 ? "e-" : "e+") + Math.abs(exponent);
    }
}
