package dev.guardrail.policy;

import dev.guardrail.condition.Facts;
import java.util.Collection;
import java.util.function.Function;

/// What the laws are about: the decision point, or a mutant of it that a law must find.
interface Decider {
    Amendment amend(Facts facts);

    Decision decide(Facts facts, Collection<Grant> grants);

    /// The real one.
    static Decider of(PolicySet policies) {
        var point = new DecisionPoint(policies);
        return new Decider() {
            @Override
            public Amendment amend(Facts facts) {
                return point.amend(facts);
            }

            @Override
            public Decision decide(Facts facts, Collection<Grant> grants) {
                return point.decide(facts, grants).decision();
            }
        };
    }

    /// A way to decide by any policies.
    interface Engine extends Function<PolicySet, Decider> {}
}
