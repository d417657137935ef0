package dev.guardrail.policy;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.testing.Gen;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// The laws of the decision, each on thousands of seeded worlds. A breach names its seed.
class DecisionLaws {
    private static final int WORLDS = 20_000;

    @Test
    void defaultDeny() {
        obeyed("defaultDeny");
    }

    @Test
    void denyTrumpsEverything() {
        obeyed("denyTrumpsEverything");
    }

    @Test
    void onlyAllowAndGrantWiden() {
        obeyed("onlyAllowAndGrantWiden");
    }

    @Test
    void errorsNarrow() {
        obeyed("errorsNarrow");
    }

    @Test
    void grantLiftsOnlyHolds() {
        obeyed("grantLiftsOnlyHolds");
    }

    @Test
    void orderAndDuplicatesDoNotMatter() {
        obeyed("orderAndDuplicatesDoNotMatter");
    }

    @Test
    void every_kind_of_decision_occurs_in_these_worlds() {
        Map<String, Integer> kinds = new TreeMap<>();
        for (long seed = 0; seed < WORLDS; seed++) {
            Gen any = Gen.seeded(seed);
            var facts = any.facts();
            var policies = any.policies();
            var decision = Decider.of(policies).decide(facts, any.grants(facts, policies));
            String kind = decision.getClass().getSimpleName();
            if (decision instanceof Decision.Deny deny)
                kind += deny.determining().isEmpty()
                        ? " by default"
                        : " " + deny.cause().text();
            kinds.merge(kind, 1, Integer::sum);
        }
        assertTrue(kinds.size() == 6 && kinds.values().stream().allMatch(count -> count >= 100), kinds.toString());
    }

    private static void obeyed(String name) {
        var cells = new LawBook.Cells();
        for (long seed = 0; seed < WORLDS; seed++) {
            try {
                LawBook.LAWS.get(name).check(Decider::of, Gen.seeded(seed), cells);
            } catch (AssertionError breach) {
                throw new AssertionError("seed " + seed + ": " + breach.getMessage(), breach);
            }
        }
        cells.assertEach(100);
    }
}
