package dev.guardrail.server.console.approvals;

import java.time.Duration;

/// Spans of time in words.
final class Spans {
    private static final int DAY = 24;

    private Spans() {}

    /// The two largest units of it, at least a second.
    static String words(Duration span) {
        Duration left = span.isNegative() ? Duration.ZERO : span;
        if (left.toHours() >= 2 * DAY) return left.toDays() + " days";
        if (left.toHours() > 0) return left.toHours() + " h " + left.toMinutesPart() + " min";
        if (left.toMinutes() > 0) return left.toMinutes() + " min " + left.toSecondsPart() + " s";
        return left.toSeconds() + " s";
    }
}
