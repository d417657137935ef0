package dev.guardrail.pipeline;

import dev.guardrail.approval.LastVote;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.DecisionRequest;
import dev.guardrail.policy.RuleId;
import dev.guardrail.policy.Verdict;
import java.util.Optional;
import java.util.Set;

/// A question with its answer.
///
/// @param request as modified: this is bound, shown, journaled and run
/// @param modifiedBy modify rules that changed the arguments; empty where they are as proposed
/// @param policy version of the policy set that answered
record Judged(Resolved resolved, DecisionRequest request, Set<RuleId> modifiedBy, Verdict verdict, Sha256 policy) {
    Judged {
        modifiedBy = Set.copyOf(modifiedBy);
    }

    /// The vote that permits the call, where it is to be written with the permit.
    Optional<LastVote> vote() {
        return resolved.resumed().flatMap(Identified.Resumed::vote);
    }
}
