package dev.guardrail.pipeline;

import dev.guardrail.journal.CallRecord;
import dev.guardrail.policy.Verdict;
import dev.guardrail.undo.UndoStep;

/// Is told what the guard did, after it is durable; counts and logs it. It must not throw and must not wait.
public interface Witness {
    /// Looks away.
    Witness NONE = new Witness() {};

    /// A decision was journaled.
    default void decided(CallRecord call, Verdict verdict) {}

    /// An outcome was journaled.
    ///
    /// @param nanos from the lease to the outcome
    default void executed(CallRecord call, long nanos) {}

    /// A call was to be taken back, and this came of it. What was taken back before, or is left for later, is not told.
    default void undone(UndoStep step) {}

    /// A fault was turned into a refusal.
    default void faulted(String stage, Throwable fault) {}
}
