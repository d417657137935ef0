package dev.guardrail.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.Sha256;
import dev.guardrail.condition.Facts;
import dev.guardrail.condition.Truth;
import dev.guardrail.testing.Gen;
import dev.guardrail.testing.RuleDraft;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The laws of the decision, each as a check of one engine on one seeded world; a breach is an [AssertionError].
final class LawBook {

    /// One law on one world.
    interface Law {
        void check(Decider.Engine engine, Gen any, Cells cells);
    }

    /// The laws by their names, in their order.
    static final Map<String, Law> LAWS = new LinkedHashMap<>();

    static {
        LAWS.put("defaultDeny", LawBook::defaultDeny);
        LAWS.put("denyTrumpsEverything", LawBook::denyTrumpsEverything);
        LAWS.put("onlyAllowAndGrantWiden", LawBook::onlyAllowAndGrantWiden);
        LAWS.put("errorsNarrow", LawBook::errorsNarrow);
        LAWS.put("grantLiftsOnlyHolds", LawBook::grantLiftsOnlyHolds);
        LAWS.put("orderAndDuplicatesDoNotMatter", LawBook::orderAndDuplicatesDoNotMatter);
    }

    private LawBook() {}

    /// No satisfied allow rule and no granted hold, no call. An empty policy set denies.
    static void defaultDeny(Decider.Engine engine, Gen any, Cells cells) {
        Facts facts = any.facts();
        PolicySet policies = any.policies();
        var grants = any.grants(facts, policies);
        cells.count(policies, facts, grants);
        assertInstanceOf(
                Decision.Deny.class,
                engine.apply(PolicySet.EMPTY).decide(facts, grants),
                "an empty policy set permits");

        boolean permitted = false;
        for (Rule rule : enforced(policies, facts)) {
            boolean satisfied = rule.when().test(facts) == Truth.TRUE;
            permitted |= satisfied && rule.effect() == Effect.ALLOW;
            permitted |= satisfied && rule.effect() == Effect.REQUIRE_APPROVAL && answered(rule, facts, grants);
        }
        Decision decision = engine.apply(policies).decide(facts, grants);
        if (!permitted) assertTrue(!(decision instanceof Decision.Allow), "nothing permits it: " + decision);
    }

    /// No allow, grant or approver overrides a satisfied deny, in whichever layer it stands.
    static void denyTrumpsEverything(Decider.Engine engine, Gen any, Cells cells) {
        Facts facts = any.facts();
        Rule deny = any.satisfied(Effect.DENY);
        PolicySet policies = any.with(any.policies(), any.layer(), deny);
        var grants = any.grants(facts, policies);
        cells.count(policies, facts, grants);
        var denied =
                assertInstanceOf(Decision.Deny.class, engine.apply(policies).decide(facts, grants));
        assertEquals(Cause.POLICY, denied.cause());
        assertTrue(denied.determining().contains(deny.id()), "the deny does not determine its denial");
    }

    /// Adding a deny or clarify never widens; adding a require_approval lets nothing run without its grant. What is
    /// in shadow, and a modify once the call is amended, changes nothing.
    static void onlyAllowAndGrantWiden(Decider.Engine engine, Gen any, Cells cells) {
        Facts facts = any.facts();
        PolicySet policies = any.policies();
        var grants = any.grants(facts, policies);
        cells.count(policies, facts, grants);
        Decision before = engine.apply(policies).decide(facts, grants);
        for (Effect effect : List.of(Effect.DENY, Effect.CLARIFY, Effect.REQUIRE_APPROVAL)) {
            var more = any.with(policies, any.layer(), any.matching(effect));
            Decision after = engine.apply(more).decide(facts, grants);
            int widest = effect == Effect.REQUIRE_APPROVAL ? Math.max(reach(before), 1) : reach(before);
            assertTrue(reach(after) <= widest, effect + " widens " + before + " to " + after);
        }
        var shadow = RuleDraft.of("shadow", any.oneOf(List.of(Effect.values())))
                .on("*.*", "*.mcp:*")
                .shadow();
        for (Rule idle : List.of(shadow.rule(), any.matching(Effect.MODIFY))) {
            var more = any.with(policies, policies.layers().getFirst().name(), idle);
            assertEquals(brief(before), brief(engine.apply(more).decide(facts, grants)));
        }
        assertTrue(
                reach(engine.apply(policies).decide(facts, List.of())) <= reach(before),
                "taking the grants away widens");
    }

    /// A rule that fails may narrow access, never widen it: a failing rule gives no more than the same rule satisfied,
    /// and no more than without it.
    static void errorsNarrow(Decider.Engine engine, Gen any, Cells cells) {
        Facts facts = any.facts();
        PolicySet policies = any.policies();
        for (Effect effect : Effect.values()) policies = any.with(policies, any.layer(), any.matching(effect));
        var grants = any.grants(facts, policies);
        cells.count(policies, facts, grants);
        Decider decider = engine.apply(policies);
        int reached = reach(decider.decide(facts, grants));
        for (Rule failing : enforced(policies, facts)) {
            if (failing.when().test(facts) != Truth.ERROR) continue;
            var without = engine.apply(replaced(policies, failing, List.of()));
            var satisfied = engine.apply(replaced(policies, failing, List.of(always(failing))));
            assertTrue(reached <= reach(without.decide(facts, grants)), failing.effect() + " failing widens");
            assertTrue(
                    reached <= reach(satisfied.decide(facts, grants)),
                    failing.effect() + " failing permits more than met");
            if (failing.effect() == Effect.MODIFY)
                assertInstanceOf(Amendment.Refused.class, decider.amend(facts), "a failing modify is passed over");
        }
    }

    /// Approval is an input to a fresh decision: it turns a hold into less of a hold, and nothing else into anything.
    static void grantLiftsOnlyHolds(Decider.Engine engine, Gen any, Cells cells) {
        Facts facts = any.facts();
        PolicySet policies = any.policies();
        for (int i = any.number(3); i > 0; i--)
            policies = any.with(policies, any.layer(), any.matching(Effect.REQUIRE_APPROVAL));
        var grants = any.grants(facts, policies);
        cells.count(policies, facts, grants);
        Decider decider = engine.apply(policies);
        Decision without = decider.decide(facts, List.of());
        Decision with = decider.decide(facts, grants);
        if (!(without instanceof Decision.Hold hold)) {
            assertEquals(brief(without), brief(with), "a grant lifts what is no hold");
            return;
        }
        var open = new HashSet<RuleId>();
        for (Rule rule : hold.holds()) if (!answered(rule, facts, grants)) open.add(rule.id());
        if (open.isEmpty()) {
            var allow = assertInstanceOf(Decision.Allow.class, with, "every hold is answered");
            assertTrue(!allow.grants().isEmpty(), "a hold is lifted by no grant");
        } else {
            assertEquals(
                    open,
                    assertInstanceOf(Decision.Hold.class, with, "a hold is not answered")
                            .determining());
        }
    }

    /// A policy set is a set, and so are its layers and the grants.
    static void orderAndDuplicatesDoNotMatter(Decider.Engine engine, Gen any, Cells cells) {
        Facts facts = any.facts();
        PolicySet policies = any.policies();
        var grants = any.grants(facts, policies);
        cells.count(policies, facts, grants);
        var layers = new ArrayList<Layer>();
        for (Layer layer : policies.layers()) {
            var rules = new ArrayList<>(layer.rules());
            for (Rule rule : layer.rules()) if (any.chance(2)) rules.add(rule);
            int cut = any.number(rules.size() + 1);
            var mixed = any.shuffled(rules);
            layers.add(new Layer(layer.name(), layer.abstains(), mixed.subList(0, cut)));
            layers.add(new Layer(layer.name(), layer.abstains(), mixed.subList(cut, mixed.size())));
        }
        var twice = new ArrayList<>(grants);
        twice.addAll(grants);
        Decider one = engine.apply(policies);
        Decider other = engine.apply(Gen.policies(any.shuffled(layers)));
        assertEquals(one.decide(facts, grants), other.decide(facts, any.shuffled(twice)));
        assertEquals(one.amend(facts), other.amend(facts));
    }

    /// How far a call gets: not at all, to people, or to its tool.
    private static int reach(Decision decision) {
        return switch (decision) {
            case Decision.Deny deny -> 0;
            case Decision.Clarify clarify -> 0;
            case Decision.Hold hold -> 1;
            case Decision.Allow allow -> 2;
        };
    }

    private static String brief(Decision decision) {
        return decision.getClass().getSimpleName() + new java.util.TreeSet<>(decision.determining());
    }

    /// Rules that match the call and are not in shadow, by the model's own matching.
    static List<Rule> enforced(PolicySet policies, Facts facts) {
        return policies.layers().stream()
                .flatMap(layer -> layer.rules().stream())
                .filter(rule -> !rule.shadow() && SimpleModel.applies(rule.match(), facts.request()))
                .toList();
    }

    static boolean answered(Rule rule, Facts facts, Collection<Grant> grants) {
        return !grants.isEmpty()
                && answered(rule, facts, grants, facts.request().fingerprint());
    }

    private static boolean answered(Rule rule, Facts facts, Collection<Grant> grants, Sha256 asked) {
        return grants.stream().anyMatch(grant -> SimpleModel.isAnswer(grant, rule, facts, asked));
    }

    private static Rule always(Rule rule) {
        return new Rule(
                rule.id(),
                rule.effect(),
                rule.match(),
                dev.guardrail.condition.Condition.ALWAYS,
                rule.quorum(),
                rule.set(),
                rule.text(),
                rule.instead(),
                rule.risk(),
                rule.shadow(),
                rule.source(),
                rule.digest(),
                rule.position());
    }

    static PolicySet replaced(PolicySet policies, Rule rule, List<Rule> others) {
        var layers = new ArrayList<Layer>();
        for (Layer layer : policies.layers()) {
            var rules = new ArrayList<Rule>();
            for (Rule each : layer.rules()) {
                if (each == rule) rules.addAll(others);
                else rules.add(each);
            }
            layers.add(new Layer(layer.name(), layer.abstains(), rules));
        }
        return Gen.policies(layers);
    }

    /// How often each kind of rule was met: effect × truth × layer × grant.
    static final class Cells {
        private final Map<String, Integer> met = new java.util.TreeMap<>();

        void count(PolicySet policies, Facts facts, Collection<Grant> grants) {
            for (Layer layer : policies.layers()) {
                for (Rule rule : layer.rules()) {
                    if (rule.shadow() || !SimpleModel.applies(rule.match(), facts.request())) continue;
                    String grant = grants.isEmpty() ? "no grant" : "grants";
                    if (rule.effect() == Effect.REQUIRE_APPROVAL && answered(rule, facts, grants)) grant = "answered";
                    String say = layer.abstains() ? "abstaining" : "denying";
                    met.merge(
                            String.join(
                                    " / ",
                                    rule.effect().text(),
                                    rule.when().test(facts).name(),
                                    say,
                                    grant),
                            1,
                            Integer::sum);
                }
            }
        }

        /// Every cell that there can be, at least so often.
        void assertEach(int atLeast) {
            for (Effect effect : Effect.values())
                for (Truth truth : Truth.values())
                    for (String layer : Set.of("abstaining", "denying"))
                        for (String grant : grants(effect)) {
                            String cell = String.join(" / ", effect.text(), truth.name(), layer, grant);
                            int count = met.getOrDefault(cell, 0);
                            assertTrue(count >= atLeast, cell + " was met only " + count + " times");
                        }
        }

        private static Set<String> grants(Effect effect) {
            return effect == Effect.REQUIRE_APPROVAL
                    ? Set.of("no grant", "grants", "answered")
                    : Set.of("no grant", "grants");
        }
    }
}
