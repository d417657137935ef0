package dev.guardrail.condition;

/// Search in texts that an agent wrote: linear time whatever it wrote.
final class Texts {
    /// Product of lengths up to which the plain search, quadratic at worst, is quick.
    private static final long SMALL = 1 << 20;

    private Texts() {}

    static boolean contains(String text, String part) {
        if ((long) text.length() * part.length() <= SMALL || part.length() <= 8) return text.contains(part);
        return part.length() <= text.length() && search(text, part);
    }

    /// Knuth, Morris and Pratt.
    private static boolean search(String text, String part) {
        var border = new int[part.length()];
        for (int i = 1, length = 0; i < part.length(); i++) {
            while (length > 0 && part.charAt(i) != part.charAt(length)) length = border[length - 1];
            if (part.charAt(i) == part.charAt(length)) length++;
            border[i] = length;
        }
        for (int i = 0, length = 0; i < text.length(); i++) {
            while (length > 0 && text.charAt(i) != part.charAt(length)) length = border[length - 1];
            if (text.charAt(i) == part.charAt(length)) length++;
            if (length == part.length()) return true;
        }
        return false;
    }
}
