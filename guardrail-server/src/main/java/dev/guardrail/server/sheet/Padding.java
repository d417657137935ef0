package dev.guardrail.server.sheet;

import dev.guardrail.base.Glyph;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// A run of what leaves a gap: spaces of any kind, tabs, line breaks and characters without width. A long one could
/// push
/// what follows out of sight, so it is counted.
///
/// @param from index of its first code point
/// @param to index after its last
record Padding(int[] points, int from, int to) {
    /// More spaces in a row than indentation needs.
    private static final int SPACES = 16;

    /// Line breaks in a row that stay line breaks.
    private static final int BREAKS = 3;

    /// Changes of kind in one run, after which it is summed up.
    private static final int CHANGES = 12;

    /// Kinds that are named of it then.
    private static final int KINDS = 6;

    static boolean isPad(int point) {
        return switch (point) {
            case ' ', '\t', '\n', '\r', 0x0B, 0x0C, 0x85, 0x2028, 0x2029 -> true;
            case 0xAD, 0x115F, 0x1160, 0x200B, 0x2060, 0x2800, 0x3164, 0xFEFF, 0xFFA0 -> true;
            default -> Glyph.of(point) == Glyph.BLANK;
        };
    }

    /// @param whole whether it must not be summed up where it is of several kinds
    List<Segment> segments(boolean whole) {
        var runs = new ArrayList<List<Segment>>();
        long breaks = 0;
        for (int at = from; at < to; ) {
            int end = at;
            while (end < to && points[end] == points[at]) end++;
            if (points[at] == '\n') breaks += end - at;
            runs.add(run(points[at], end - at));
            at = end;
        }
        return !whole && (runs.size() > CHANGES || runs.size() > 1 && breaks > 2 * BREAKS)
                ? List.of(sum(breaks))
                : runs.stream().flatMap(List::stream).toList();
    }

    Set<Finding> findings() {
        var findings = EnumSet.noneOf(Finding.class);
        int same = 0;
        int changes = 0;
        for (int i = from; i < to; i++) {
            int point = points[i];
            boolean first = i == from || points[i - 1] != point;
            if (first) changes++;
            same = first ? 1 : same + 1;
            if (Glyph.of(point) == Glyph.BLANK) findings.add(Finding.SPACES);
            if (Glyph.of(point) == Glyph.HIDDEN && point != '\n' && point != '\t' && !isCarriage(i))
                findings.add(Finding.HIDDEN);
            if (same > (point == '\n' ? BREAKS : SPACES) || changes > CHANGES) findings.add(Finding.PADDING);
        }
        return findings;
    }

    /// The first half of a line break as some systems write it.
    private boolean isCarriage(int at) {
        return points[at] == '\r' && at + 1 < points.length && points[at + 1] == '\n';
    }

    private static List<Segment> run(int point, int count) {
        long bytes = Reading.bytes(point) * count;
        if (point == ' ')
            return List.of(
                    count <= SPACES
                            ? new Segment.Plain(" ".repeat(count))
                            : new Segment.Mark(count + " spaces", bytes));
        if (point == '\n' && count > BREAKS) return List.of(new Segment.Break(count + " line breaks", bytes));
        if (point == '\n') return java.util.Collections.nCopies(count, new Segment.Break("", 1));
        if (point == '\t') return List.of(new Segment.Mark(count == 1 ? "tab" : count + " tabs", bytes));
        String escape = Reading.escape(point);
        return count > BREAKS
                ? List.of(new Segment.Mark(count + " × " + escape, bytes))
                : java.util.Collections.nCopies(count, new Segment.Mark(escape, Reading.bytes(point)));
    }

    private Segment sum(long breaks) {
        Map<String, Integer> kinds = new LinkedHashMap<>();
        long bytes = 0;
        for (int i = from; i < to; i++) {
            kinds.merge(kind(points[i]), 1, Integer::sum);
            bytes += Reading.bytes(points[i]);
        }
        String named = kinds.entrySet().stream()
                .limit(KINDS)
                .map(kind -> kind.getValue() + " " + kind.getKey())
                .collect(Collectors.joining(", "));
        String label = "padding of " + (to - from) + ": " + named
                + (kinds.size() > KINDS ? " and " + (kinds.size() - KINDS) + " kinds more" : "");
        return breaks > 0 ? new Segment.Break(label, bytes) : new Segment.Mark(label, bytes);
    }

    private static String kind(int point) {
        return switch (point) {
            case ' ' -> "spaces";
            case '\t' -> "tabs";
            case '\n' -> "line breaks";
            default -> "× " + Reading.escape(point);
        };
    }
}
