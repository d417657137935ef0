package dev.guardrail.approval;

import dev.guardrail.base.Deadlines;
import dev.guardrail.journal.Journal;
import java.time.Duration;
import java.time.Instant;
import java.util.OptionalLong;

/// How much time is left to what waits for people or was agreed by them.
record Remaining(Journal journal, Deadlines<TicketState> deadlines) {

    /// Nanoseconds until the end, on monotonic time. What this boot has not armed yet is armed by the wall clock; where
    /// that stands before the log's latest entry it cannot be trusted, and nothing is left.
    ///
    /// @param state what the deadline ends
    /// @param end by the wall clock
    long of(String id, TicketState state, Instant end) {
        OptionalLong armed = deadlines.left(id, state);
        if (armed.isPresent()) return armed.getAsLong();
        Instant now = journal.now();
        Duration left = now.isBefore(journal.highWater()) ? Duration.ZERO : Duration.between(now, end);
        return deadlines.arm(id, state, left);
    }
}
