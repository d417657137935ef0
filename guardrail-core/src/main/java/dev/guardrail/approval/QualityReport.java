package dev.guardrail.approval;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/// How people reviewed the tickets of a span of time, in all and by group. It names nobody who voted.
///
/// @param from tickets opened from here on are counted: later than asked for where there were too many
/// @param complete false where there were too many
/// @param rows of the most tickets first
public record QualityReport(Instant from, Instant to, boolean complete, Figures total, List<Row> rows) {
    public QualityReport {
        rows = List.copyOf(rows);
    }

    /// What the tickets of a report are grouped by. A ticket counts once in every group that it is in.
    public enum Axis {
        /// The rules that held the call.
        RULE,
        TOOL,
        /// Who was asked, as the rules say it.
        GROUP,
        AGENT,
        /// Channels that people were told through.
        CHANNEL
    }

    /// One group of tickets.
    ///
    /// @param people operators who are in it now; empty where it is no group of people
    public record Row(String name, OptionalInt people, Figures figures) {}

    /// Counts of tickets.
    ///
    /// @param repeats whose identical call people had decided before, in the same span
    /// @param afterDenial of those, whose identical call was denied once
    /// @param quick approved sooner than it takes to read
    /// @param median time from opening to the deciding vote, of half of those decided at most; empty where none is
    /// @param slow the same of 95 of a hundred
    public record Figures(
            int opened,
            int pending,
            int approved,
            int denied,
            int expired,
            int cancelled,
            int repeats,
            int afterDenial,
            int quick,
            Optional<Duration> median,
            Optional<Duration> slow) {

        /// By people, either way.
        public int decided() {
            return approved + denied;
        }

        /// Of those decided, the share that was denied.
        public OptionalDouble rejectRate() {
            return share(denied, decided());
        }

        /// Of those that ran their course, the share that nobody decided in time.
        public OptionalDouble expiredShare() {
            return share(expired, decided() + expired);
        }

        public OptionalDouble repeatShare() {
            return share(repeats, opened);
        }

        private static OptionalDouble share(int part, int whole) {
            return whole == 0 ? OptionalDouble.empty() : OptionalDouble.of((double) part / whole);
        }
    }
}
