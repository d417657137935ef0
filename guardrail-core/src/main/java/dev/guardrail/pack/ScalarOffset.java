package dev.guardrail.pack;

/// Maps a place inside a scalar's value back to the file, by reading the scalar's text once more as it is written:
/// escapes, folded lines and block indentation are taken back.
final class ScalarOffset {
    private final Findings lines;
    private final Yaml.Scalar scalar;

    private ScalarOffset(Findings lines, Yaml.Scalar scalar) {
        this.lines = lines;
        this.scalar = scalar;
    }

    /// @param line in the value, from 1
    /// @param column in that line, from 1, in code points
    /// @return the place in the file; exact for plain and quoted scalars and for literal blocks, and for folded
    ///     blocks that have neither blank nor further indented lines
    static Place of(Findings lines, Yaml.Scalar scalar, int line, int column) {
        int offset = 0;
        String[] values = scalar.value().split("\n", -1);
        for (int i = 0; i < Math.min(line - 1, values.length); i++) offset += points(values[i]) + 1;
        return new ScalarOffset(lines, scalar).find(line, column, offset + column - 1);
    }

    private Place find(int line, int column, int offset) {
        int[] points = lines.line(scalar.place().line()).codePoints().toArray();
        int at = Math.min(scalar.place().column() - 1, points.length);
        if (at < points.length && points[at] == '&') at = afterAnchor(points, at);
        int first = at < points.length ? points[at] : 0;
        if (scalar.style() == Yaml.Style.BLOCK) return first == '|' ? literal(line, column) : folded(offset);
        if (scalar.style() == Yaml.Style.QUOTED) return flow(at + 1, offset, first);
        return flow(at, offset, 0);
    }

    private static int afterAnchor(int[] points, int from) {
        int at = from;
        while (at < points.length && points[at] != ' ') at++;
        while (at < points.length && points[at] == ' ') at++;
        return at;
    }

    /// Line after line as it stands, less the indentation that all have in common.
    private Place literal(int line, int column) {
        return new Place(scalar.place().line() + line, indentation() + column);
    }

    /// Lines joined by one space each.
    private Place folded(int offset) {
        int indentation = indentation();
        int left = offset;
        int line = scalar.place().line() + 1;
        while (true) {
            int length = Math.max(0, points(lines.line(line)) - indentation);
            if (left <= length || lines.line(line + 1).isBlank()) return new Place(line, indentation + left + 1);
            left -= length + 1;
            line++;
        }
    }

    /// Spaces before the first line of a block that has something else.
    private int indentation() {
        for (int line = scalar.place().line() + 1; !lines.line(line).isEmpty(); line++) {
            String text = lines.line(line);
            if (!text.isBlank()) return points(text) - points(text.stripLeading());
        }
        return 0;
    }

    /// A plain or quoted scalar: one character of the value at a time.
    private Place flow(int from, int offset, int quote) {
        int line = scalar.place().line();
        int[] points = lines.line(line).codePoints().toArray();
        int at = from;
        int left = offset;
        while (left > 0) {
            if (foldsHere(points, at)) {
                int breaks = 0;
                do {
                    line++;
                    breaks++;
                    points = lines.line(line).codePoints().toArray();
                    at = 0;
                    while (at < points.length && isBlank(points[at])) at++;
                } while (at == points.length && !lines.line(line + 1).isEmpty());
                left -= Math.max(1, breaks - 1);
            } else {
                at += width(points, at, quote);
                left--;
            }
        }
        return new Place(line, at + 1);
    }

    private boolean foldsHere(int[] points, int at) {
        for (int i = at; i < points.length; i++) if (!isBlank(points[i])) return false;
        return true;
    }

    /// Characters of the file that make one character of the value.
    private static int width(int[] points, int at, int quote) {
        if (quote == '\'' && points[at] == '\'') return 2;
        if (quote != '"' || points[at] != '\\' || at + 1 >= points.length) return 1;
        return switch (points[at + 1]) {
            case 'x' -> 4;
            case 'u' -> 6;
            case 'U' -> 10;
            default -> 2;
        };
    }

    private static boolean isBlank(int point) {
        return point == ' ' || point == '\t';
    }

    private static int points(String text) {
        return text.codePointCount(0, text.length());
    }
}
