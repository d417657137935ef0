package dev.guardrail.pipeline;

import dev.guardrail.base.Sha256;
import dev.guardrail.call.Context;
import dev.guardrail.call.DecisionRequest;
import dev.guardrail.call.Resource;
import dev.guardrail.call.Risk;
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
/// @param plan the calls that it is about, where it is a plan
record Resolved(
        Identified identified,
        DecisionRequest request,
        SessionView view,
        Sha256 repeat,
        Optional<Earlier> earlier,
        Optional<Identified.Resumed> resumed,
        InForce stops,
        Optional<Decision.Deny> unasked,
        Optional<Planned.Question> plan) {

    /// What an identical proposal met before.
    record Earlier(Repeat repeat, long version) {}

    /// The same question, about these calls: as risky as the riskiest of them.
    Resolved about(Planned.Question calls) {
        var fingerprints =
                calls.steps().stream().map(step -> step.request().fingerprint()).toList();
        var resource = new Resource(
                request.resource().tool(),
                request.resource().paths(),
                fingerprints,
                request.resource().confinement());
        Context context = request.context();
        Risk highest = calls.steps().stream()
                .map(step -> step.request().context().risk())
                .reduce(context.risk(), (one, other) -> one.compareTo(other) >= 0 ? one : other);
        var bound = new DecisionRequest(
                request.call(),
                request.subject(),
                request.action(),
                resource,
                new Context(context.time(), context.reason(), highest, context.purpose()));
        return new Resolved(identified, bound, view, repeat, earlier, resumed, stops, unasked, Optional.of(calls));
    }

    /// Another question in the same session, which nobody has proposed.
    Resolved asking(DecisionRequest other) {
        return new Resolved(
                identified,
                other,
                view,
                repeat,
                Optional.empty(),
                Optional.empty(),
                stops,
                Optional.empty(),
                Optional.empty());
    }

    /// The same question, denied before policy is asked.
    Resolved denied(Decision.Deny deny) {
        return new Resolved(
                identified, request, view, repeat, earlier, resumed, stops, Optional.of(deny), Optional.empty());
    }
}
