package dev.guardrail.server.sheet;

import com.ibm.icu.lang.UCharacter;
import com.ibm.icu.lang.UProperty;
import dev.guardrail.base.Glyph;
import dev.guardrail.base.Printable;
import java.util.List;

/// Lines of plain text of a width. No line is wider, so none is broken by whatever shows it, and every line that holds
/// what others wrote begins with a prefix of ours.
final class Page {
    /// Columns that are left for a text, however deep it lies.
    private static final int LEAST = 24;

    /// What a line begins with that goes on with the one before.
    static final String MORE = "  … ";

    private final int width;
    private final StringBuilder text = new StringBuilder();
    private final StringBuilder line = new StringBuilder();
    private int column;
    private int space;

    /// @param width in columns of a terminal
    Page(int width) {
        this.width = Math.max(width, 2 * LEAST);
    }

    /// Words of ours, perhaps with some of others in them: further lines begin so that they cannot pass for the first.
    void say(String words) {
        var shown = new StringBuilder();
        words.codePoints().forEach(point -> {
            switch (Glyph.of(point)) {
                case DRAWN, COMBINING -> shown.appendCodePoint(point);
                case BLANK, HIDDEN -> shown.append(Printable.escaped(point));
            }
        });
        put("", MORE, List.of(new Segment.Plain(shown.toString())));
    }

    void blank() {
        if (!text.isEmpty()) text.append('\n');
    }

    /// Segments, each line of them behind a prefix.
    ///
    /// @param first prefix of the first line
    /// @param more prefix of all others
    void put(String first, String more, List<Segment> segments) {
        begin(first);
        for (Segment segment : segments) {
            if (segment instanceof Segment.Plain(String plain)) plain(plain, more);
            else whole(segment.shown(), more);
            if (segment instanceof Segment.Break) {
                end();
                begin(more);
            }
        }
        end();
    }

    /// Words of ours may hold marks already.
    private void plain(String plain, String more) {
        int at = 0;
        while (at < plain.length()) {
            int end = plain.charAt(at) == '‹' ? plain.indexOf('›', at) + 1 : 0;
            if (end > 0) {
                whole(plain.substring(at, end), more);
                at = end;
            } else {
                point(plain.codePointAt(at), more);
                at += Character.charCount(plain.codePointAt(at));
            }
        }
    }

    private void begin(String prefix) {
        line.setLength(0);
        line.append(prefix);
        column = columns(prefix);
        space = -1;
    }

    private void end() {
        text.append(line.toString().stripTrailing()).append('\n');
    }

    private void point(int point, String more) {
        int wide = columns(point);
        if (column + wide > edge(more)) wrap(more);
        line.appendCodePoint(point);
        column += wide;
        if (point == ' ') space = line.length();
    }

    /// A mark, which is not broken where it fits a line.
    private void whole(String mark, String more) {
        int columns = columns(mark);
        if (column + columns > edge(more) && columns <= edge(more) - columns(more)) {
            end();
            begin(more);
        }
        mark.codePoints().forEach(point -> point(point, more));
        // A line is broken behind a mark rather than in it.
        space = line.length();
    }

    /// Goes on in a new line, from the last space where that is near.
    private void wrap(String more) {
        String rest = space > 0 && line.length() - space < LEAST ? line.substring(space) : "";
        line.setLength(line.length() - rest.length());
        end();
        begin(more);
        line.append(rest);
        column += columns(rest);
    }

    private int edge(String prefix) {
        return Math.max(width, columns(prefix) + LEAST);
    }

    private static int columns(String text) {
        return text.codePoints().map(Page::columns).sum();
    }

    private static int columns(int point) {
        if (point < 0x300) return 1;
        return switch (UCharacter.getIntPropertyValue(point, UProperty.EAST_ASIAN_WIDTH)) {
            case UCharacter.EastAsianWidth.WIDE, UCharacter.EastAsianWidth.FULLWIDTH -> 2;
            default -> 1;
        };
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
