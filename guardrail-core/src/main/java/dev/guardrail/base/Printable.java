package dev.guardrail.base;

/// Text that others wrote, made fit for a log line or a terminal: nothing in it can move the cursor, hide, reorder or
/// begin a line of its own.
public final class Printable {
    private static final int FRAMES = 24;
    private static final int CAUSES = 5;

    private Printable() {}

    /// One line; whatever is not plainly visible stands there as its code point, `‹U+202E›`, line breaks too.
    public static String text(String text) {
        var shown = new StringBuilder(text.length());
        text.codePoints().forEach(point -> {
            if (Glyph.of(point) == Glyph.DRAWN) shown.appendCodePoint(point);
            else shown.append(escaped(point));
        });
        return shown.toString();
    }

    /// The same, of no more than `most` code points of the original.
    public static String text(String text, int most) {
        return text.codePointCount(0, text.length()) <= most
                ? text(text)
                : text(text.substring(0, text.offsetByCodePoints(0, most))) + '…';
    }

    /// A code point written out.
    public static String escaped(int point) {
        return "‹U+%04X›".formatted(point);
    }

    /// Classes and frames of a throwable and its causes, without any message: messages may quote arguments.
    public static String trace(Throwable thrown) {
        var text = new StringBuilder();
        Throwable each = thrown;
        for (int depth = 0; each != null && depth < CAUSES; depth++, each = each.getCause()) {
            text.append(depth == 0 ? "" : " caused by ").append(each.getClass().getName());
            StackTraceElement[] frames = each.getStackTrace();
            for (int i = 0; i < Math.min(FRAMES, frames.length); i++)
                text.append(" at ").append(frames[i]);
        }
        return text.toString();
    }
}
