package dev.guardrail.pack;

/// What is wrong, or odd, with a file, and exactly where.
///
/// @param code kebab-case name of the kind of finding, stable across versions
/// @param file as the file was named to the reader
/// @param line from 1
/// @param column from 1, in code points
/// @param message one lower-case sentence, user input in backticks
/// @param source the line itself; empty where there is none
public record Diagnostic(
        Severity severity, String code, String file, int line, int column, String message, String source)
        implements Comparable<Diagnostic> {
    /// Longest piece of the source line that is shown.
    private static final int SHOWN = 120;

    /// Whether it keeps the files from being used.
    public enum Severity {
        ERROR,
        WARNING;

        public String text() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    public boolean isError() {
        return severity == Severity.ERROR;
    }

    /// `file:line:column`.
    public String position() {
        return file + ':' + line + ':' + column;
    }

    /// The finding as people read it: position and sentence, the source line, a row of dots and a caret. What cannot
    /// be printed is shown as `?`, and of a long line the part around the position.
    public String render() {
        String head = position() + ": " + severity.text() + ": " + printable(message) + " [" + code + ']';
        if (source.isEmpty()) return head;
        int[] points = source.codePoints().toArray();
        int caret = Math.min(column - 1, points.length);
        int from = Math.max(0, Math.min(caret - SHOWN / 2, points.length - SHOWN));
        String shown = new String(points, from, Math.min(SHOWN, points.length - from));
        return head + "\n | " + printable(shown) + "\n | " + ".".repeat(caret - from) + '^';
    }

    private static String printable(String text) {
        return text.codePoints()
                .map(point -> point == '\t' ? ' ' : isPrintable(point) ? point : '?')
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    private static boolean isPrintable(int point) {
        return switch (Character.getType(point)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }

    @Override
    public int compareTo(Diagnostic other) {
        int byFile = file.compareTo(other.file);
        if (byFile != 0) return byFile;
        if (line != other.line) return Integer.compare(line, other.line);
        if (column != other.column) return Integer.compare(column, other.column);
        int bySeverity = severity.compareTo(other.severity);
        if (bySeverity != 0) return bySeverity;
        int byCode = code.compareTo(other.code);
        return byCode != 0 ? byCode : message.compareTo(other.message);
    }

    @Override
    public String toString() {
        return render();
    }
}
