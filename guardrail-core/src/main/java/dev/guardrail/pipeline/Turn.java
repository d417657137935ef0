package dev.guardrail.pipeline;

import dev.guardrail.journal.Queued;
import dev.guardrail.policy.Decision;

/// When a permitted call's turn is.
sealed interface Turn {

    /// It runs, or may be run, from here on.
    record Now() implements Turn {}

    /// It waits in the outbox.
    record Later(Queued queued) implements Turn {}

    /// It waits in the outbox already, and its time has not come.
    record NotYet() implements Turn {}

    /// It is not the call any more that was permitted and put off.
    record Gone() implements Turn {}

    /// It would have to wait and cannot.
    record Never(Decision.Deny denial) implements Turn {}
}
