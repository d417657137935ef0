package dev.guardrail.pipeline;

import dev.guardrail.base.Sha256;
import dev.guardrail.call.DecisionRequest;
import dev.guardrail.journal.Repeat;
import dev.guardrail.policy.Decision;
import dev.guardrail.session.SessionView;
import dev.guardrail.stop.InForce;
import java.util.Optional;

/// The canonical question, as far as it can be asked.
///
/// @param repeat blinded digest under which an identical proposal is recognised
/// @param earlier what an identical proposal met before, and the version of that document
/// @param resumed the call that is decided again, where it is no new one
/// @param stops in force when the question was made; what is permitted or held is committed only under the same
/// @param unasked the denial that stands before policy is asked; empty where it is asked
record Resolved(
        Identified identified,
        DecisionRequest request,
        SessionView view,
        Sha256 repeat,
        Optional<Earlier> earlier,
        Optional<Identified.Resumed> resumed,
        InForce stops,
        Optional<Decision.Deny> unasked) {

    /// What an identical proposal met before.
    record Earlier(Repeat repeat, long version) {}
}
