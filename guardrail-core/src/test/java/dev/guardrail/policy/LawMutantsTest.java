package dev.guardrail.policy;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.Sha256;
import dev.guardrail.condition.Condition;
import dev.guardrail.condition.Facts;
import dev.guardrail.condition.Truth;
import dev.guardrail.testing.Calls;
import dev.guardrail.testing.Gen;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Guards that are wrong on purpose: each breaks one law, and the check of that law must find it.
class LawMutantsTest {
    private static final int WORLDS = 20_000;

    /// What a mutant makes of the policies or the grants before it decides, or of the decision after.
    private record Mutant(
            String law,
            String bug,
            BiFunction<PolicySet, Facts, PolicySet> policies,
            BiFunction<Facts, Collection<Grant>, Collection<Grant>> grants,
            UnaryOperator<Decision> decision) {

        static Mutant policies(String law, String bug, BiFunction<PolicySet, Facts, PolicySet> change) {
            return new Mutant(law, bug, change, (facts, grants) -> grants, UnaryOperator.identity());
        }

        static Mutant grants(String law, String bug, BiFunction<Facts, Collection<Grant>, Collection<Grant>> change) {
            return new Mutant(law, bug, (policies, facts) -> policies, change, UnaryOperator.identity());
        }

        static Mutant decision(String law, String bug, UnaryOperator<Decision> change) {
            return new Mutant(law, bug, (policies, facts) -> policies, (facts, grants) -> grants, change);
        }

        Decider decider(PolicySet original) {
            return new Decider() {
                @Override
                public Amendment amend(Facts facts) {
                    return Decider.of(policies.apply(original, facts)).amend(facts);
                }

                @Override
                public Decision decide(Facts facts, Collection<Grant> some) {
                    return decision.apply(
                            Decider.of(policies.apply(original, facts)).decide(facts, grants.apply(facts, some)));
                }
            };
        }
    }

    private static final List<Mutant> MUTANTS = List.of(
            Mutant.decision(
                    "defaultDeny",
                    "silence allows",
                    decision -> decision instanceof Decision.Deny deny
                                    && deny.determining().isEmpty()
                            ? new Decision.Allow(Set.of(), Set.of())
                            : decision),
            Mutant.policies(
                    "defaultDeny",
                    "a failing hold permits once it is granted",
                    (policies, facts) ->
                            changed(policies, rule -> fails(rule, facts, Effect.REQUIRE_APPROVAL) ? met(rule) : rule)),
            Mutant.policies(
                    "denyTrumpsEverything",
                    "the most lenient layer wins",
                    (policies, facts) -> policies.layers().stream()
                            .filter(layer ->
                                    Decider.of(Gen.policies(List.of(layer))).decide(facts, List.of())
                                            instanceof Decision.Allow)
                            .findFirst()
                            .map(layer -> Gen.policies(List.of(layer)))
                            .orElse(policies)),
            Mutant.decision(
                    "denyTrumpsEverything",
                    "a deny without words only asks",
                    decision -> decision instanceof Decision.Deny deny
                                    && deny.cause() == Cause.POLICY
                                    && deny.message().isEmpty()
                            ? new Decision.Clarify(deny.determining(), "Sure?")
                            : decision),
            Mutant.policies(
                    "onlyAllowAndGrantWiden",
                    "a hold permits by itself",
                    (policies, facts) -> changed(
                            policies, rule -> rule.effect() == Effect.REQUIRE_APPROVAL ? allowing(rule) : rule)),
            Mutant.policies(
                    "onlyAllowAndGrantWiden",
                    "a clarify silences the rules of its layer",
                    (policies, facts) -> Gen.policies(policies.layers().stream()
                            .map(layer -> silencedByClarify(layer, facts))
                            .toList())),
            Mutant.policies(
                    "onlyAllowAndGrantWiden",
                    "shadow rules are enforced",
                    (policies, facts) -> changed(policies, LawMutantsTest::enforced)),
            Mutant.policies(
                    "errorsNarrow",
                    "a failing deny is passed over",
                    (policies, facts) -> changed(policies, rule -> fails(rule, facts, Effect.DENY) ? null : rule)),
            Mutant.policies(
                    "errorsNarrow",
                    "a failing clarify is passed over",
                    (policies, facts) -> changed(policies, rule -> fails(rule, facts, Effect.CLARIFY) ? null : rule)),
            Mutant.policies(
                    "errorsNarrow",
                    "a failing hold is passed over",
                    (policies, facts) ->
                            changed(policies, rule -> fails(rule, facts, Effect.REQUIRE_APPROVAL) ? null : rule)),
            Mutant.policies(
                    "errorsNarrow",
                    "a failing allow allows",
                    (policies, facts) ->
                            changed(policies, rule -> fails(rule, facts, Effect.ALLOW) ? met(rule) : rule)),
            Mutant.policies(
                    "errorsNarrow",
                    "a failing modify is passed over",
                    (policies, facts) -> changed(policies, rule -> fails(rule, facts, Effect.MODIFY) ? null : rule)),
            Mutant.grants(
                    "grantLiftsOnlyHolds",
                    "a grant is good for any call",
                    (facts, grants) -> exact(
                            grants,
                            grant -> new ExactGrant(
                                    grant.id(), facts.request().fingerprint(), grant.answers(), grant.lapses()))),
            Mutant.grants(
                    "grantLiftsOnlyHolds",
                    "a grant never lapses",
                    (facts, grants) -> exact(
                            grants,
                            grant -> new ExactGrant(grant.id(), grant.fingerprint(), grant.answers(), Instant.MAX))),
            Mutant.grants(
                    "grantLiftsOnlyHolds",
                    "a grant outlives its end by an instant",
                    (facts, grants) -> exact(
                            grants,
                            grant -> new ExactGrant(
                                    grant.id(),
                                    grant.fingerprint(),
                                    grant.answers(),
                                    grant.lapses().equals(Calls.NOON) ? Calls.NOON.plusNanos(1) : grant.lapses()))),
            Mutant.grants(
                    "grantLiftsOnlyHolds",
                    "a standing grant is good for any call",
                    (facts, grants) -> standing(
                            grants,
                            grant -> with(
                                    grant,
                                    grant.reach(),
                                    grant.reach()
                                            .binding(
                                                    facts.request(),
                                                    facts.session().id()),
                                    grant.left()))),
            Mutant.grants(
                    "grantLiftsOnlyHolds",
                    "a standing grant outlives its end by an instant",
                    (facts, grants) -> standing(
                            grants,
                            grant -> new StandingGrant(
                                    grant.id(),
                                    grant.reach(),
                                    grant.binding(),
                                    grant.answers(),
                                    grant.left(),
                                    grant.lapses().equals(Calls.NOON) ? Calls.NOON.plusNanos(1) : grant.lapses()))),
            Mutant.grants(
                    "grantLiftsOnlyHolds",
                    "a sum gives one more than is left of it",
                    (facts, grants) -> standing(
                            grants,
                            grant -> with(
                                    grant,
                                    grant.reach(),
                                    grant.binding(),
                                    grant.left().map(left -> left.add(BigDecimal.ONE))))),
            new Mutant(
                    "grantLiftsOnlyHolds",
                    "one grant lifts every hold",
                    (policies, facts) -> policies,
                    (facts, grants) -> grants,
                    decision -> decision instanceof Decision.Hold hold
                                    && hold.holds().size() == 1
                            ? new Decision.Allow(hold.determining(), Set.of("grt_any"))
                            : decision),
            Mutant.policies(
                    "orderAndDuplicatesDoNotMatter",
                    "the first rule that applies decides its layer",
                    (policies, facts) -> Gen.policies(policies.layers().stream()
                            .map(layer -> firstOnly(layer, facts))
                            .toList())),
            Mutant.policies(
                    "orderAndDuplicatesDoNotMatter",
                    "of layers with one name the last counts",
                    (policies, facts) -> lastOfName(policies)),
            Mutant.grants(
                    "orderAndDuplicatesDoNotMatter",
                    "only the first grant is looked at",
                    (facts, grants) -> grants.stream().limit(1).toList()));

    @TestFactory
    Stream<DynamicTest> each_law_finds_its_mutants() {
        return MUTANTS.stream()
                .map(mutant -> DynamicTest.dynamicTest(
                        mutant.law() + " finds: " + mutant.bug(),
                        () -> assertTrue(isFound(mutant), mutant.bug() + " breaks no law that is checked")));
    }

    @TestFactory
    Stream<DynamicTest> each_law_has_a_mutant() {
        var laws = new HashSet<String>();
        for (Mutant mutant : MUTANTS) laws.add(mutant.law());
        return LawBook.LAWS.keySet().stream()
                .map(law -> DynamicTest.dynamicTest(law, () -> assertTrue(laws.contains(law))));
    }

    private static boolean isFound(Mutant mutant) {
        for (long seed = 0; seed < WORLDS; seed++) {
            try {
                LawBook.LAWS.get(mutant.law()).check(mutant::decider, Gen.seeded(seed), new LawBook.Cells());
            } catch (AssertionError breach) {
                return true;
            }
        }
        return false;
    }

    private static boolean fails(Rule rule, Facts facts, Effect effect) {
        return rule.effect() == effect && rule.when().test(facts) == Truth.ERROR;
    }

    /// @param change gives null where the rule goes
    private static PolicySet changed(PolicySet policies, UnaryOperator<Rule> change) {
        var layers = new ArrayList<Layer>();
        for (Layer layer : policies.layers()) {
            var rules = layer.rules().stream()
                    .flatMap(rule -> Stream.ofNullable(change.apply(rule)))
                    .toList();
            layers.add(new Layer(layer.name(), layer.abstains(), rules));
        }
        return Gen.policies(layers);
    }

    private static Rule met(Rule rule) {
        return rule(rule, rule.effect(), Condition.ALWAYS, rule.shadow());
    }

    private static Rule allowing(Rule rule) {
        return rule(rule, Effect.ALLOW, rule.when(), rule.shadow());
    }

    private static Rule enforced(Rule rule) {
        return rule(rule, rule.effect(), rule.when(), false);
    }

    private static Rule rule(Rule rule, Effect effect, Condition when, boolean shadow) {
        Sha256 digest = rule.digest();
        return new Rule(
                rule.id(),
                effect,
                rule.match(),
                when,
                effect == Effect.REQUIRE_APPROVAL ? rule.quorum() : Optional.empty(),
                rule.set(),
                rule.text(),
                rule.instead(),
                rule.risk(),
                shadow,
                rule.source(),
                digest,
                rule.position());
    }

    private static boolean applies(Rule rule, Facts facts) {
        return !rule.shadow()
                && SimpleModel.applies(rule.match(), facts.request())
                && rule.when().test(facts) == Truth.TRUE;
    }

    private static Layer silencedByClarify(Layer layer, Facts facts) {
        boolean clarifies =
                layer.rules().stream().anyMatch(rule -> rule.effect() == Effect.CLARIFY && applies(rule, facts));
        if (!clarifies) return layer;
        return new Layer(
                layer.name(),
                layer.abstains(),
                layer.rules().stream()
                        .filter(rule -> rule.effect() == Effect.ALLOW)
                        .toList());
    }

    private static Layer firstOnly(Layer layer, Facts facts) {
        return new Layer(
                layer.name(),
                layer.abstains(),
                layer.rules().stream()
                        .filter(rule -> applies(rule, facts))
                        .limit(1)
                        .toList());
    }

    private static PolicySet lastOfName(PolicySet policies) {
        var byName = new java.util.LinkedHashMap<String, Layer>();
        for (Layer layer : policies.layers()) byName.put(layer.name(), layer);
        return Gen.policies(List.copyOf(byName.values()));
    }

    /// Changes exact grants alone.
    private static Collection<Grant> exact(Collection<Grant> grants, UnaryOperator<ExactGrant> change) {
        return grants.stream()
                .<Grant>map(grant -> grant instanceof ExactGrant exact ? change.apply(exact) : grant)
                .toList();
    }

    /// Changes standing grants alone.
    private static Collection<Grant> standing(Collection<Grant> grants, UnaryOperator<StandingGrant> change) {
        return grants.stream()
                .<Grant>map(grant -> grant instanceof StandingGrant standing ? change.apply(standing) : grant)
                .toList();
    }

    private static StandingGrant with(StandingGrant grant, Reach reach, Sha256 binding, Optional<BigDecimal> left) {
        return new StandingGrant(grant.id(), reach, binding, grant.answers(), left, grant.lapses());
    }
}
