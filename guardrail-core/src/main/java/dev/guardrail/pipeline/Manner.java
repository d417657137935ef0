package dev.guardrail.pipeline;

import dev.guardrail.journal.Repeat;
import java.util.Optional;

/// What somebody who names a call wants of it: to run it, to know whether it may run, or to have people asked. Policy
/// never sees it; what a hold becomes, and whether an approval is used, hangs on it.
sealed interface Manner {

    /// To run it, or to wait until it may.
    ///
    /// @param owed takes its outcome to the next run of a row, and has that of the one before
    record Proposed(Optional<Owed> owed) implements Manner {
        /// By itself.
        Proposed() {
            this(Optional.empty());
        }
    }

    /// To know whether it may run now. A hold is then a denial that people can be asked to lift.
    ///
    /// @param approval id of the ticket whose approval is to be used; without it none is
    record Evaluated(Optional<String> approval) implements Manner {}

    /// To have people asked. It permits nothing, whatever they said.
    record Requested() implements Manner {}

    /// True where an identical call that waits, approved, is decided again in place of a new one. Naming its ticket
    /// gives nothing: the approval counts because it is there, for exactly this call.
    default boolean joins(Repeat earlier) {
        return switch (this) {
            case Proposed proposed -> true;
            case Evaluated(Optional<String> approval) -> approval.isPresent() && approval.equals(earlier.ticket());
            case Requested requested -> false;
        };
    }
}
