package dev.guardrail.server.console.approvals;

import dev.guardrail.approval.QualityReport;
import dev.guardrail.approval.QualityReport.Figures;
import dev.guardrail.approval.ReviewQuality;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/// How people review, in figures that name nobody.
///
/// @param complete false where there were too many requests to count all
/// @param quickSeconds who approves sooner has not read it
public record QualityPage(String from, boolean complete, long quickSeconds, Line total, List<Line> lines) {
    public QualityPage {
        lines = List.copyOf(lines);
    }

    /// Figures of one rule, or of all, as they are shown.
    public record Line(
            String name,
            int opened,
            int decided,
            String rejected,
            String expired,
            String repeated,
            int quick,
            String median,
            String slow) {
        static Line of(String name, Figures figures) {
            return new Line(
                    name,
                    figures.opened(),
                    figures.decided(),
                    share(figures.rejectRate()),
                    share(figures.expiredShare()),
                    share(figures.repeatShare()),
                    figures.quick(),
                    span(figures.median()),
                    span(figures.slow()));
        }

        private static String share(OptionalDouble share) {
            return share.isEmpty() ? "–" : Math.round(share.getAsDouble() * 100) + " %";
        }

        private static String span(Optional<Duration> span) {
            return span.map(Spans::words).orElse("–");
        }
    }

    static QualityPage of(QualityReport report) {
        return new QualityPage(
                report.from().toString(),
                report.complete(),
                ReviewQuality.READING.toSeconds(),
                Line.of("All", report.total()),
                report.rows().stream()
                        .map(row -> Line.of(row.name(), row.figures()))
                        .toList());
    }
}
