package dev.guardrail.server.sheet;

import dev.guardrail.base.Glyph;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// A text that others wrote, in pieces that people can be shown: whatever is not plainly seen is a mark, look-alikes
/// are
/// named, padding is counted, and a long text has its middle left out with a word on how much that is.
///
/// @param findings of the whole text, whatever is left out
public record Legible(List<Segment> segments, Set<Finding> findings) {
    public Legible {
        segments = List.copyOf(segments);
        findings = Set.copyOf(findings);
    }

    /// All of it.
    public static Legible of(String text) {
        return of(text, Room.WHOLE);
    }

    /// Its beginning and its end, where it does not fit.
    public static Legible of(String text, Room room) {
        var reading = new Reading(text, room.isWhole());
        List<Segment> all = reading.segments();
        var findings = EnumSet.noneOf(Finding.class);
        findings.addAll(reading.findings());
        return new Legible(cost(all) <= room.value() ? all : cut(all, room.value()), findings);
    }

    /// True where something is left out.
    public boolean mustOpen() {
        return segments.stream().anyMatch(Segment.Rest.class::isInstance);
    }

    /// All in one line; line breaks are signs in it.
    public String line() {
        var line = new StringBuilder();
        for (Segment segment : segments) line.append(segment.shown());
        return line.toString();
    }

    /// One line of any text, whole.
    public static String line(String text) {
        return of(text).line();
    }

    /// The first pieces of a text that fit, in one line.
    static String begin(String text, int most) {
        var line = new StringBuilder();
        for (Segment segment : of(text).segments()) {
            String shown = segment.shown();
            if (line.length() + shown.length() > most) {
                if (segment instanceof Segment.Plain) line.append(shown, 0, safeCut(shown, most - line.length(), 0));
                break;
            }
            line.append(shown);
        }
        return line.toString();
    }

    boolean isOneLine() {
        return segments.stream().noneMatch(Segment.Break.class::isInstance);
    }

    int cost() {
        return Math.toIntExact(Math.min(Integer.MAX_VALUE, cost(segments)));
    }

    private static long cost(List<Segment> segments) {
        return segments.stream().mapToLong(Legible::cost).sum();
    }

    private static long cost(Segment segment) {
        String shown = segment.shown();
        return shown.codePointCount(0, shown.length()) + (segment instanceof Segment.Break ? Room.LINE : 0);
    }

    /// Two thirds of the room for the beginning, the rest for the end.
    private static List<Segment> cut(List<Segment> all, int room) {
        int tail = room / 3;
        var head = new ArrayList<Segment>();
        int from = 0;
        long left = room - tail;
        while (from < all.size() && cost(all.get(from)) <= left) {
            left -= cost(all.get(from));
            head.add(all.get(from++));
        }
        int to = all.size();
        long right = tail;
        while (to > from + 1 && cost(all.get(to - 1)) <= right) right -= cost(all.get(--to));
        var end = new ArrayList<>(all.subList(to, all.size()));
        long bytes = 0;
        for (int i = from; i < to; i++) bytes += all.get(i).bytes();
        if (from < to && all.get(from) instanceof Segment.Plain(String text)) {
            int at = safeCut(text, (int) left, to == from + 1 ? (int) right : 0);
            var split = new Segment.Plain(text.substring(0, at));
            head.add(split);
            bytes -= split.bytes();
            if (to == from + 1) bytes -= addTail(text.substring(at), (int) right, end);
        }
        if (to > from + 1 && all.get(to - 1) instanceof Segment.Plain(String text))
            bytes -= addTail(text, (int) right, end);
        head.add(new Segment.Rest(bytes));
        head.addAll(end);
        return head;
    }

    private static long addTail(String text, int most, List<Segment> end) {
        int points = text.codePointCount(0, text.length());
        int at = text.offsetByCodePoints(0, Math.max(0, points - most));
        while (at < text.length() && Glyph.of(text.codePointAt(at)) == Glyph.COMBINING)
            at += Character.charCount(text.codePointAt(at));
        var plain = new Segment.Plain(text.substring(at));
        end.addFirst(plain);
        return plain.bytes();
    }

    /// Index after at most so many code points, before no mark that belongs to what precedes it.
    private static int safeCut(String text, int most, int kept) {
        int points = text.codePointCount(0, text.length());
        int at = text.offsetByCodePoints(0, Math.max(0, Math.min(most, points - kept)));
        while (at > 0 && at < text.length() && Glyph.of(text.codePointAt(at)) == Glyph.COMBINING)
            at -= Character.charCount(text.codePointBefore(at));
        return at;
    }
}
