package dev.guardrail.pipeline;

import dev.guardrail.base.ProblemType;
import dev.guardrail.call.DecisionRequest;
import java.time.Duration;

/// Asks a server something on the guard's own way, beside the client's session and without a lease: only what the
/// operator's catalogue says `effect: read` of is ever asked so. Safe for concurrent use; returns after `atMost` at the
/// latest, and never throws for anything that a server does.
@FunctionalInterface
public interface Looks {
    /// Nobody can be asked: no call can be undone then.
    Looks NOWHERE = (question, atMost) ->
            new Outcome.NotRun(ProblemType.UPSTREAM_FAILED, "there is no way to look at what a call changes here");

    Outcome look(DecisionRequest question, Duration atMost);
}
