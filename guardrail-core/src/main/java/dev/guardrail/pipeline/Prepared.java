package dev.guardrail.pipeline;

import dev.guardrail.call.Exactness;
import dev.guardrail.journal.Reversal;
import dev.guardrail.undo.RestorePoint;
import java.util.Optional;

/// How a call that may run can be taken back, said before it runs.
///
/// @param point what is kept for it; empty where it cannot be taken back
record Prepared(Reversal reversal, Optional<RestorePoint> point) {
    /// Nobody said how to take it back, and nobody asks.
    static final Prepared NOTHING = new Prepared(Reversal.NONE, Optional.empty());

    static Prepared of(Exactness exactness, RestorePoint point) {
        return new Prepared(Reversal.of(exactness, "").keptUntil(point.until()), Optional.of(point));
    }

    /// @param why one word
    static Prepared cannot(String why) {
        return new Prepared(Reversal.of(Exactness.NONE, why), Optional.empty());
    }

    boolean isExact() {
        return reversal.exactness().equals(Optional.of(Exactness.EXACT));
    }
}
