package dev.guardrail.server.console.audit;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// How many entries there were when, drawn in units of its own: one wide for each span of time, [#HEIGHT] high.
///
/// @param first begin of the first span, RFC 3339
/// @param last end of the last one
/// @param most entries in one span
public record Histogram(List<Bar> bars, String first, String last, long most) {
    public static final int SPANS = 48;
    public static final int HEIGHT = 20;

    public Histogram {
        bars = List.copyOf(bars);
    }

    /// Part of a span's bar.
    ///
    /// @param tone class: `deny`, `wait`, or `rest`
    /// @param y of its upper edge
    public record Bar(String tone, int x, String y, String height) {}

    /// @param lines newest first, at least one
    static Histogram of(List<Line> lines) {
        long first = lines.stream()
                .mapToLong(line -> Told.millis(line.entry()))
                .min()
                .orElseThrow();
        long last = lines.stream()
                .mapToLong(line -> Told.millis(line.entry()))
                .max()
                .orElseThrow();
        long[][] counts = new long[SPANS][3];
        for (Line line : lines) {
            long at = Told.millis(line.entry()) - first;
            int span = (int) Math.min(SPANS - 1, at * SPANS / Math.max(1, last - first));
            counts[span][part(line)]++;
        }
        long most = 1;
        for (long[] span : counts) most = Math.max(most, span[0] + span[1] + span[2]);
        var bars = new ArrayList<Bar>();
        for (int x = 0; x < SPANS; x++) stack(bars, x, counts[x], most);
        return new Histogram(
                bars,
                Instant.ofEpochMilli(first).toString(),
                Instant.ofEpochMilli(last).toString(),
                most);
    }

    private static int part(Line line) {
        return switch (Told.badge(line.entry()).tone()) {
            case "deny" -> 0;
            case "wait" -> 1;
            default -> 2;
        };
    }

    private static void stack(List<Bar> bars, int x, long[] counts, long most) {
        List<String> tones = List.of("deny", "wait", "rest");
        double y = HEIGHT;
        for (int part = 2; part >= 0; part--) {
            if (counts[part] == 0) continue;
            double height = (double) counts[part] * HEIGHT / most;
            y -= height;
            bars.add(new Bar(tones.get(part), x, number(y), number(height)));
        }
    }

    private static String number(double value) {
        return String.format(java.util.Locale.ROOT, "%.2f", value);
    }
}
