package dev.guardrail.policy;

import dev.guardrail.base.Sha256;
import java.time.Instant;
import java.util.Set;

/// The result of an approval: an input to a fresh decision, never a way around it.
///
/// @param id ticket that it came from; single use is settled where it is consumed
/// @param fingerprint the one exact call that it is for ([dev.guardrail.call.DecisionRequest#fingerprint])
/// @param answers digests of the hold rules whose quorum was met ([Rule#digest])
/// @param lapses from then on it answers nothing
public record Grant(String id, Sha256 fingerprint, Set<Sha256> answers, Instant lapses) {
    public Grant {
        answers = Set.copyOf(answers);
    }

    /// True where it answers this hold rule for this exact call, now.
    boolean answers(Rule rule, Sha256 asked, Instant now) {
        return fingerprint.equals(asked) && now.isBefore(lapses) && answers.contains(rule.digest());
    }
}
