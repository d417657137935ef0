package dev.guardrail.pipeline;

import dev.guardrail.base.JsonObject;
import dev.guardrail.call.Proposal;
import dev.guardrail.call.ToolName;
import java.util.Optional;

/// What the path starts from: a proposal, or a call that is decided again.
record Asked(
        Proposal proposal,
        Optional<Guard.IdempotencyKey> idempotencyKey,
        Attendance attendance,
        Optional<Identified.Resumed> resumed,
        Manner manner) {

    /// Asked in order to run it.
    Asked(
            Proposal proposal,
            Optional<Guard.IdempotencyKey> idempotencyKey,
            Attendance attendance,
            Optional<Identified.Resumed> resumed) {
        this(proposal, idempotencyKey, attendance, resumed, new Manner.Proposed());
    }

    /// Carries outcomes from run to run, where it is one of a row.
    Optional<Owed> owed() {
        return manner instanceof Manner.Proposed(Optional<Owed> carried) ? carried : Optional.empty();
    }

    /// The same with other arguments.
    Asked with(JsonObject arguments) {
        return with(proposal.tool(), arguments);
    }

    /// The same with another tool and its arguments.
    Asked with(ToolName tool, JsonObject arguments) {
        return new Asked(
                new Proposal(
                        proposal.caller(),
                        proposal.session(),
                        proposal.door(),
                        tool,
                        arguments,
                        proposal.reason(),
                        proposal.run(),
                        proposal.undoes()),
                idempotencyKey,
                attendance,
                resumed,
                manner);
    }
}
