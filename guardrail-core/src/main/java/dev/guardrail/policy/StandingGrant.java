package dev.guardrail.policy;

import dev.guardrail.base.Sha256;
import dev.guardrail.condition.Facts;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/// An approval that reaches further than one call: it answers for calls that differ from the approved one in nothing
/// but what its approvers named.
///
/// @param reach what may differ
/// @param binding what the calls have in common ([Reach#binding])
/// @param answers digests of the hold rules whose quorum was met ([Rule#digest])
/// @param left of the sum, where there is one; how many calls are left is settled where it is debited
/// @param lapses from then on it answers nothing
public record StandingGrant(
        String id, Reach reach, Sha256 binding, Set<Sha256> answers, Optional<BigDecimal> left, Instant lapses)
        implements Grant {
    public StandingGrant {
        answers = Set.copyOf(answers);
        if (reach.sum().isPresent() != left.isPresent())
            throw new IllegalArgumentException("exactly a grant with a sum has something left of it");
    }

    @Override
    public boolean answers(Rule hold, Facts facts, Sha256 fingerprint) {
        return facts.request().context().time().isBefore(lapses)
                && answers.contains(hold.digest())
                && binding.equals(reach.binding(facts.request(), facts.session().id()))
                && isWithinSum(facts);
    }

    private boolean isWithinSum(Facts facts) {
        Optional<BigDecimal> amount = reach.amount(facts.request().action().arguments());
        return amount.isPresent()
                && left.map(rest -> amount.get().compareTo(rest) <= 0).orElse(true);
    }
}
