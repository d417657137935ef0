package dev.guardrail.server.sheet;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonText;
import java.util.ArrayList;
import java.util.List;

/// One place where two calls' arguments differ, line by line.
///
/// @param place as warnings name it
public record Comparison(String place, List<Line> lines) {
    /// Lines of one value that are compared; the arguments themselves are shown whole elsewhere.
    private static final int MOST = 60;

    /// Lines that are the same and stand beside a change.
    private static final int AROUND = 2;

    private static final Room LINE = new Room(400, 400, 1);

    public Comparison {
        lines = List.copyOf(lines);
    }

    /// What became of a line.
    public enum Change {
        SAME,
        GONE,
        NEW,
        /// Lines that are not shown.
        REST
    }

    public record Line(Change change, List<Segment> text) {
        public Line {
            text = List.copyOf(text);
        }
    }

    /// All of them, in the order of what was there before.
    public static List<Comparison> between(String name, Json before, Json after) {
        return Difference.between(name, before, after).stream()
                .map(difference -> new Comparison(
                        difference.place(),
                        lines(
                                difference.before().map(Comparison::text).orElse(List.of()),
                                difference.after().map(Comparison::text).orElse(List.of()))))
                .toList();
    }

    private static List<String> text(Json value) {
        return value instanceof JsonText(String text) ? List.of(text.split("\n", -1)) : List.of(value.toString());
    }

    private static List<Line> lines(List<String> before, List<String> after) {
        int same = 0;
        while (same < before.size() && same < after.size() && before.get(same).equals(after.get(same))) same++;
        int tail = 0;
        while (tail < before.size() - same
                && tail < after.size() - same
                && before.get(before.size() - 1 - tail).equals(after.get(after.size() - 1 - tail))) tail++;
        var lines = new ArrayList<Line>();
        add(lines, Change.SAME, before.subList(Math.max(0, same - AROUND), same));
        add(lines, Change.GONE, before.subList(same, before.size() - tail));
        add(lines, Change.NEW, after.subList(same, after.size() - tail));
        int end = after.size() - tail;
        add(lines, Change.SAME, after.subList(end, Math.min(after.size(), end + AROUND)));
        return lines;
    }

    private static void add(List<Line> lines, Change change, List<String> texts) {
        texts.stream()
                .limit(MOST)
                .forEach(text ->
                        lines.add(new Line(change, Legible.of(text, LINE).segments())));
        if (texts.size() > MOST)
            lines.add(new Line(
                    Change.REST,
                    List.of(new Segment.Note((texts.size() - MOST) + " more lines, all of them in the arguments"))));
    }
}
