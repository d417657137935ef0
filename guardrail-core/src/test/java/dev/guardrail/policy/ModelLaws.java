package dev.guardrail.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.guardrail.condition.Facts;
import dev.guardrail.testing.Gen;
import java.util.Collection;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// The decision point says what the model says that was written from the contract alone.
class ModelLaws {
    private static final int POLICIES = 50_000;
    private static final int CALLS = 20;

    @Test
    void the_engine_agrees_with_the_model_on_a_million_cases() {
        for (long seed = 0; seed < POLICIES; seed++) {
            Gen any = Gen.seeded(seed);
            PolicySet policies = any.policies();
            var engine = new DecisionPoint(policies);
            var model = new SimpleModel(policies);
            for (int call = 0; call < CALLS; call++) {
                Facts facts = any.facts();
                var grants = any.grants(facts, policies);
                String world = "seed " + seed + ", call " + call;
                assertEquals(model.decide(facts, grants), answer(engine, facts, grants), world);
                assertEquals(model.amend(facts), amended(engine, facts), world);
            }
        }
    }

    private static SimpleModel.Answer answer(DecisionPoint engine, Facts facts, Collection<Grant> grants) {
        Decision decision = engine.decide(facts, grants).decision();
        var ids = new TreeSet<String>();
        for (RuleId id : decision.determining()) ids.add(id.value());
        return switch (decision) {
            case Decision.Allow allow -> new SimpleModel.Answer(SimpleModel.Say.ALLOW, ids, false);
            case Decision.Hold hold -> new SimpleModel.Answer(SimpleModel.Say.HOLD, ids, false);
            case Decision.Clarify clarify -> new SimpleModel.Answer(SimpleModel.Say.CLARIFY, ids, false);
            case Decision.Deny deny ->
                new SimpleModel.Answer(SimpleModel.Say.DENY, ids, deny.cause() == Cause.GUARD_ERROR);
        };
    }

    private static Optional<dev.guardrail.base.JsonObject> amended(DecisionPoint engine, Facts facts) {
        return switch (engine.amend(facts)) {
            case Amendment.Unchanged same ->
                Optional.of(facts.request().action().arguments());
            case Amendment.Changed changed -> Optional.of(changed.arguments());
            case Amendment.Refused refused -> Optional.empty();
        };
    }
}
