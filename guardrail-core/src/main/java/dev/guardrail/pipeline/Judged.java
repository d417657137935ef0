package dev.guardrail.pipeline;

import dev.guardrail.approval.LastVote;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.DecisionRequest;
import dev.guardrail.policy.Decision;
import dev.guardrail.policy.Rule;
import dev.guardrail.policy.RuleId;
import dev.guardrail.policy.Verdict;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A question with its answer.
///
/// @param request as modified: this is bound, shown, journaled and run
/// @param modifiedBy modify rules that changed the arguments; empty where they are as proposed
/// @param policy version of the policy set that answered
/// @param planned what a plan comes to; nothing for any other call
/// @param prepared how it can be taken back, once it may run
/// @param counts true where a rule in force reads how many calls of the session cannot be taken back
record Judged(
        Resolved resolved,
        DecisionRequest request,
        Set<RuleId> modifiedBy,
        Verdict verdict,
        Sha256 policy,
        Planned planned,
        Prepared prepared,
        boolean counts) {
    Judged {
        modifiedBy = Set.copyOf(modifiedBy);
    }

    /// The vote that permits the call, where it is to be written with the permit.
    Optional<LastVote> vote() {
        return resolved.resumed().flatMap(Identified.Resumed::vote);
    }

    /// The same question with another answer.
    Judged answered(Decision decision, Planned plan) {
        return new Judged(
                resolved,
                request,
                modifiedBy,
                new Verdict(decision, verdict.failed(), verdict.shadow()),
                policy,
                plan,
                prepared,
                counts);
    }

    /// The same answer, with how the call can be taken back.
    Judged prepared(Prepared how) {
        return new Judged(resolved, request, modifiedBy, verdict, policy, planned, how, counts);
    }

    /// Text that approvers must type, by rule, where these rules hold the call.
    ///
    /// @return empty where a rule asks for an argument that is not there: such a call cannot be held
    Optional<Map<RuleId, String>> confirm(Collection<Rule> holds) {
        return planned.texts(request, holds);
    }
}
