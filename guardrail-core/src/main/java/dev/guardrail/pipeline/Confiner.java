package dev.guardrail.pipeline;

import dev.guardrail.call.DecisionRequest;
import dev.guardrail.policy.Cause;
import java.util.Optional;

/// Says what can be held to a sandbox profile here. Safe for concurrent use.
@FunctionalInterface
public interface Confiner {

    /// Confines nothing: what has to run in a sandbox does not run.
    Confiner NONE = request -> request.resource()
            .confinement()
            .map(asked -> new Objection(
                    Cause.SANDBOX_UNAVAILABLE,
                    "Policy has `" + request.action().tool() + "` run in a sandbox (`" + asked.profile()
                            + "`), and nothing here confines it."));

    /// Why the guard cannot run a call as it was decided: under its profile, or without any where a command has none.
    Optional<Objection> objection(DecisionRequest request);

    /// @param message a sentence for the agent
    record Objection(Cause cause, String message) {}
}
