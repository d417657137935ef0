package dev.guardrail.server.sheet;

/// How much is shown before the rest must be opened. What is beyond is never left out without a word.
///
/// @param value code points of one text as shown, its marks counted in; a line counts as [#LINE]
/// @param total the same, of a whole value with everything in it
/// @param members of one object or list
public record Room(int value, int total, int members) {
    /// What a line costs, so that a text of many short ones is long.
    static final int LINE = 40;

    /// What somebody reads who decides; what must be opened is measured by it.
    public static final Room SHEET = new Room(2_000, 24_000, 100);

    /// A notification.
    public static final Room NOTICE = new Room(280, 1_000, 12);

    /// Everything.
    public static final Room WHOLE = new Room(Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE);

    boolean isWhole() {
        return value == Integer.MAX_VALUE;
    }
}
