package dev.guardrail.pipeline;

import dev.guardrail.journal.CallRecord;
import dev.guardrail.policy.Verdict;

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

    /// A fault was turned into a refusal.
    default void faulted(String stage, Throwable fault) {}
}
