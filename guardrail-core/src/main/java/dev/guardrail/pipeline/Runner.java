package dev.guardrail.pipeline;

import dev.guardrail.call.DecisionRequest;
import dev.guardrail.journal.Lease;

/// Runs permitted calls. Needs a [Lease], which only the journal mints, and which the guard has taken.
/// Safe for concurrent use; returns by the attendance's timeout and never throws for anything an upstream does.
@FunctionalInterface
public interface Runner {
    Outcome run(Lease lease, DecisionRequest request, Attendance attendance);
}
