package dev.guardrail.condition;

/// What one evaluation may still do, in steps of about a nanosecond. Reading a text costs by its length, and every
/// round of a loop costs as much as the longest text read so far, because it may read that again. Steps, not time, so
/// that the same question has the same answer on every machine. Not shared between
/// evaluations.
final class Meter {
    /// Steps of one evaluation: some tens of milliseconds at worst.
    static final long STEPS = 40_000_000;

    private static final int ITEM = 100;

    private long left = STEPS;
    private int longest;

    /// @throws Exhausted where fewer than `steps` are left
    void spend(long steps) {
        left -= steps;
        if (left < 0) throw new Exhausted();
    }

    void text(String text) {
        int length = text.length();
        if (length > longest) longest = length;
        spend(1 + (length >> 1));
    }

    /// The next round of a loop, which may read again what was read before it.
    void round() {
        spend(ITEM + (longest >> 1));
    }

    /// A further item that is looked at once.
    void item() {
        spend(ITEM);
    }

    /// The evaluation did as much as one may, without an answer.
    static final class Exhausted extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Exhausted() {
            super("the condition needs too many steps", null, false, false);
        }
    }
}
