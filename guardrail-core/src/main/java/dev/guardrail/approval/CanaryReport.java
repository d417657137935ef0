package dev.guardrail.approval;

import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/// What approvers made of canaries in a span of time, in all and by who was asked. It names no person.
///
/// @param complete false where there were too many to count them all
public record CanaryReport(Instant from, Instant to, boolean complete, Figures total, List<Row> rows) {
    public CanaryReport {
        rows = List.copyOf(rows);
    }

    /// Those that a group was asked about.
    ///
    /// @param people operators who are in it now; 0 where it is no group
    public record Row(String name, int people, Figures figures) {}

    /// Counts of canaries.
    public record Figures(int planted, int missed, int caught, int silent, int handled) {
        /// Of those that somebody approved or denied, the share that was approved.
        public OptionalDouble missRate() {
            int n = missed + caught;
            return n == 0 ? OptionalDouble.empty() : OptionalDouble.of((double) missed / n);
        }

        /// Those that wait.
        public int pending() {
            return planted - missed - caught - silent - handled;
        }

        static Figures of(List<Canary> canaries) {
            Map<Canary.Outcome, Integer> counts = new EnumMap<>(Canary.Outcome.class);
            for (Canary canary : canaries) canary.outcome().ifPresent(how -> counts.merge(how, 1, Integer::sum));
            return new Figures(
                    canaries.size(),
                    counts.getOrDefault(Canary.Outcome.MISSED, 0),
                    counts.getOrDefault(Canary.Outcome.CAUGHT, 0),
                    counts.getOrDefault(Canary.Outcome.SILENT, 0),
                    counts.getOrDefault(Canary.Outcome.HANDLED, 0));
        }
    }
}
