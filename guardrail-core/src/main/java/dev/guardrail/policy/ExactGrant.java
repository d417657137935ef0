package dev.guardrail.policy;

import dev.guardrail.base.Sha256;
import dev.guardrail.condition.Facts;
import java.time.Instant;
import java.util.Set;

/// An approval of one exact call.
///
/// @param id ticket that it came from; single use is settled where it is consumed
/// @param fingerprint the one exact call that it is for ([dev.guardrail.call.DecisionRequest#fingerprint])
/// @param answers digests of the hold rules whose quorum was met ([Rule#digest])
/// @param lapses from then on it answers nothing
public record ExactGrant(String id, Sha256 fingerprint, Set<Sha256> answers, Instant lapses) implements Grant {
    public ExactGrant {
        answers = Set.copyOf(answers);
    }

    @Override
    public boolean answers(Rule hold, Facts facts, Sha256 asked) {
        return fingerprint.equals(asked)
                && facts.request().context().time().isBefore(lapses)
                && answers.contains(hold.digest());
    }
}
