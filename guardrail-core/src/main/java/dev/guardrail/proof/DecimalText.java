package dev.guardrail.proof;

/// Decimal numbers as checkpoints and proofs write them: ASCII digits, no sign, no leading zero.
final class DecimalText {
    private DecimalText() {}

    /// @throws MalformedProof where the text is anything else, or above 2^63-1
    static long parse(String text) {
        boolean canonical = !text.isEmpty() && text.chars().allMatch(unit -> unit >= '0' && unit <= '9');
        if (!canonical || (text.length() > 1 && text.charAt(0) == '0'))
            throw new MalformedProof("`" + text + "` is not a decimal number");
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException beyond) {
            throw new MalformedProof("`" + text + "` is too large", beyond);
        }
    }
}
