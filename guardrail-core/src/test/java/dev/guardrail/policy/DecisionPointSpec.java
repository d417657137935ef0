package dev.guardrail.policy;

import static dev.guardrail.testing.Calls.facts;
import static dev.guardrail.testing.RuleDraft.allow;
import static dev.guardrail.testing.RuleDraft.clarify;
import static dev.guardrail.testing.RuleDraft.deny;
import static dev.guardrail.testing.RuleDraft.hold;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Sha256;
import dev.guardrail.condition.CelConditions;
import dev.guardrail.condition.Condition;
import dev.guardrail.condition.Expression;
import dev.guardrail.condition.Facts;
import dev.guardrail.testing.Calls;
import dev.guardrail.testing.RuleDraft;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Section 3 of the contract as examples; each denial beside a call that is permitted.
class DecisionPointSpec {
    private static final CelConditions CEL = new CelConditions();
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Facts READ = facts("files.read");
    private static final Facts ONE =
            facts("files.read", JsonObject.with("n", JsonNumber.of(1)).build());

    @Test
    void nothing_matched_means_deny_and_so_does_no_policy() {
        var none = assertInstanceOf(Decision.Deny.class, decide(PolicySet.EMPTY, READ));
        assertEquals(new Decision.Deny(Set.of(), Cause.POLICY, "", List.of(), true), none);
        assertInstanceOf(Decision.Deny.class, decide(main(allow("other").on("files.write")), READ));
        assertInstanceOf(Decision.Deny.class, decide(main(when(allow("no"), "args.n == 2")), ONE));
        assertInstanceOf(Decision.Allow.class, decide(main(when(allow("this"), "args.n == 1")), ONE));
    }

    @Test
    void deny_trumps_clarify_trumps_hold_trumps_allow() {
        var allow = allow("a").on("files.*");
        var hold = hold("h").on("files.*");
        var clarify = clarify("c").on("files.*").text("Which?");
        var deny = deny("d").on("files.*").text("No.");
        assertEquals(new Decision.Allow(ids("a"), Set.of()), decide(main(allow), READ));
        assertEquals(
                ids("h"),
                assertInstanceOf(Decision.Hold.class, decide(main(allow, hold), READ))
                        .determining());
        assertEquals(new Decision.Clarify(ids("c"), "Which?"), decide(main(allow, hold, clarify), READ));
        assertEquals(
                new Decision.Deny(ids("d"), Cause.POLICY, "No.", List.of(), true),
                decide(main(allow, hold, clarify, deny), READ));
    }

    @Test
    void a_hold_with_its_grant_permits() {
        var policies = main(hold("h").on("files.*"));
        assertInstanceOf(Decision.Hold.class, decide(policies, READ));
        assertEquals(new Decision.Allow(ids("h"), Set.of("g")), decide(policies, READ, grant("g", READ, policies)));
    }

    @Test
    void a_grant_is_good_for_its_call_its_rules_and_its_time_alone() {
        var policies = main(hold("h").on("files.*"));
        var other = main(hold("h").on("files.*").text("changed").labels("x"));
        assertInstanceOf(Decision.Hold.class, decide(policies, READ, grant("g", ONE, policies)));
        assertInstanceOf(Decision.Hold.class, decide(policies, READ, grant("g", READ, other)));
        assertInstanceOf(Decision.Hold.class, decide(policies, READ, grant("g", READ, policies, Calls.NOON)));
        assertInstanceOf(
                Decision.Allow.class, decide(policies, READ, grant("g", READ, policies, Calls.NOON.plusNanos(1))));
    }

    @Test
    void of_all_rules_that_permit_or_hold_the_longest_delay_counts() {
        var hold = hold("h").on("files.*").delay(MINUTE.multipliedBy(3));
        var held = main(allow("a").on("files.*").delay(MINUTE), hold);
        var grant = grant("g", READ, held);
        assertEquals(
                MINUTE,
                delay(decide(
                        main(allow("a").on("files.*").delay(MINUTE), allow("b").on("*.*")), READ)));
        assertEquals(MINUTE.multipliedBy(3), delay(decide(held, READ, grant)));
        var layers = layers(
                layer("main", false, allow("a").on("files.*").delay(MINUTE)),
                layer("z", true, allow("b").on("files.read").delay(MINUTE.multipliedBy(2))));
        assertEquals(MINUTE.multipliedBy(2), delay(decide(layers, READ)));
        var other = main(allow("a").on("files.*"), allow("b").on("mail.*").delay(MINUTE));
        assertEquals(Duration.ZERO, delay(decide(other, READ)));
        var shadow = main(
                allow("a").on("files.*"), allow("b").on("files.*").delay(MINUTE).shadow());
        assertEquals(Duration.ZERO, delay(decide(shadow, READ)));
    }

    @Test
    void a_failing_rule_delays_all_the_same() {
        var policies = main(allow("a").on("files.*"), when(allow("b").delay(MINUTE), "args.n == 1"));
        assertEquals(MINUTE, delay(decide(policies, READ)), "it fails for want of the argument");
        assertEquals(MINUTE, delay(decide(policies, ONE)));
        assertEquals(Duration.ZERO, delay(decide(policies, facts("files.read", number(2)))));
    }

    private static Duration delay(Decision decision) {
        return assertInstanceOf(Decision.Allow.class, decision).delay();
    }

    @Test
    void every_hold_needs_its_own_grant() {
        var policies = main(
                hold("h1").on("files.*"), hold("h2").on("*.read"), allow("a").on("*.*"));
        var one = grant("g", READ, main(hold("h1").on("files.*")));
        assertEquals(
                ids("h2"),
                assertInstanceOf(Decision.Hold.class, decide(policies, READ, one))
                        .determining());
        assertEquals(
                new Decision.Allow(ids("a", "h1", "h2"), Set.of("g")),
                decide(policies, READ, grant("g", READ, policies)));
    }

    @Test
    void no_more_grants_are_used_than_are_needed() {
        var h1 = hold("h1").on("files.*");
        var h2 = hold("h2").on("*.read");
        var policies = main(h1, h2);
        var both = grant("g2", READ, policies);
        var first = grant("g1", READ, main(h1));
        var again = grant("g3", READ, policies);
        assertEquals(Set.of("g2"), used(decide(policies, READ, again, both)));
        assertEquals(Set.of("g1", "g2"), used(decide(policies, READ, both, again, first)));
        assertEquals(Set.of(), used(decide(main(allow("a").on("*.*")), READ, both)));
    }

    @Test
    void holds_stand_in_order_of_id_whatever_their_layer() {
        var policies = layers(
                layer("main", false, hold("b").on("*.*"), hold("d").on("*.*")),
                layer("z", true, hold("a").on("*.*")));
        var hold = assertInstanceOf(Decision.Hold.class, decide(policies, READ));
        assertEquals(
                List.of("a", "b", "d"),
                hold.holds().stream().map(Rule::toString).toList());
    }

    @Test
    void a_failing_deny_or_clarify_denies_as_a_fault_of_the_guard() {
        var allow = allow("a").on("*.*");
        for (RuleDraft failing : List.of(when(deny("d"), "args.n == 1"), when(clarify("d"), "args.n == 1"))) {
            assertEquals(
                    new Decision.Deny(ids("d"), Cause.GUARD_ERROR, "", List.of(), false),
                    decide(main(allow, failing), READ));
            assertInstanceOf(
                    Decision.Allow.class,
                    decide(main(allow, failing), facts("files.read", number(2))),
                    "it holds for others");
        }
    }

    @Test
    void a_deny_speaks_before_a_fault_and_a_fault_before_silence_and_questions() {
        var fails = when(deny("x"), "args.n == 1");
        assertEquals(Cause.POLICY, cause(decide(main(fails, deny("d").on("*.*")), READ)));
        assertEquals(ids("x"), decide(main(fails), READ).determining());
        assertEquals(Cause.GUARD_ERROR, cause(decide(main(fails, clarify("c").on("*.*")), READ)));
        assertEquals(Cause.GUARD_ERROR, cause(decide(layers(layer("main", false), layer("z", true, fails)), READ)));
    }

    @Test
    void a_failing_hold_holds_and_permits_nothing() {
        var fails = when(hold("h"), "args.n == 1");
        assertEquals(
                Set.of(),
                assertInstanceOf(Decision.Deny.class, decide(main(fails), READ)).determining());
        var withAllow = main(fails, allow("a").on("*.*"));
        assertEquals(
                ids("h"),
                assertInstanceOf(Decision.Hold.class, decide(withAllow, READ)).determining());
        assertEquals(new Decision.Allow(ids("a"), Set.of("g")), decide(withAllow, READ, grant("g", READ, withAllow)));
        assertInstanceOf(Decision.Deny.class, decide(main(fails), READ, grant("g", READ, withAllow)));
    }

    @Test
    void a_failing_allow_does_not_match() {
        var fails = when(allow("a"), "args.n == 1");
        assertInstanceOf(Decision.Deny.class, decide(main(fails), READ));
        assertInstanceOf(Decision.Allow.class, decide(main(fails), ONE));
    }

    @Test
    void every_layer_is_decided_by_itself_and_the_strictest_wins() {
        var allows = layer("main", false, allow("a").on("*.*"));
        assertInstanceOf(Decision.Deny.class, decide(layers(allows, layer("z", false)), READ));
        assertInstanceOf(Decision.Allow.class, decide(layers(allows, layer("z", true)), READ));
        assertInstanceOf(Decision.Deny.class, decide(layers(layer("y", true), layer("z", true)), READ));
        assertInstanceOf(
                Decision.Deny.class,
                decide(layers(allows, layer("z", true, deny("d").on("*.*"))), READ));
        assertInstanceOf(
                Decision.Clarify.class,
                decide(layers(allows, layer("z", true, clarify("c").on("*.*"))), READ));
        assertInstanceOf(
                Decision.Hold.class,
                decide(layers(allows, layer("z", true, hold("h").on("*.*"))), READ));
        assertInstanceOf(
                Decision.Allow.class, decide(layers(layer("y", true, allow("b").on("*.*")), layer("z", true)), READ));
        assertInstanceOf(
                Decision.Deny.class,
                decide(
                        layers(
                                layer("main", false),
                                layer("z", true, clarify("c").on("*.*"))),
                        READ),
                "silence of a layer that must permit is stricter than another's question");
    }

    @Test
    void a_layer_in_which_only_a_hold_fails_permits_nothing_even_where_it_abstains() {
        var policies =
                layers(layer("main", false, allow("a").on("*.*")), layer("z", true, when(hold("h"), "args.n == 1")));
        assertInstanceOf(Decision.Deny.class, decide(policies, READ));
        assertInstanceOf(Decision.Hold.class, decide(policies, ONE));
        assertInstanceOf(Decision.Allow.class, decide(policies, facts("files.read", number(2))));
    }

    @Test
    void parts_of_a_layer_are_one_set_and_a_deny_by_default_among_them_counts() {
        var split = layers(layer("main", false, allow("a").on("*.*")), layer("main", true));
        assertInstanceOf(Decision.Allow.class, decide(split, READ));
        assertInstanceOf(Decision.Deny.class, decide(layers(layer("main", false), layer("main", true)), READ));
        assertInstanceOf(
                Decision.Deny.class,
                decide(
                        layers(
                                layer("z", false),
                                layer("z", true),
                                layer("main", false, allow("a").on("*.*"))),
                        READ));
    }

    static PolicySet main(RuleDraft... drafts) {
        return layers(layer("main", false, drafts));
    }

    static Layer layer(String name, boolean abstains, RuleDraft... drafts) {
        return new Layer(
                name, abstains, Arrays.stream(drafts).map(RuleDraft::rule).toList());
    }

    static PolicySet layers(Layer... layers) {
        return new PolicySet(List.of(layers), Sha256.of(new byte[0]));
    }

    /// The draft on every tool, under a condition.
    static RuleDraft when(RuleDraft draft, String cel) {
        return draft.on("*.*").when(condition(cel), cel);
    }

    static Condition condition(String cel) {
        return CEL.compile(cel, List.of()).condition().orElseThrow();
    }

    static Expression value(String cel) {
        return CEL.compileValue(cel, List.of()).expression().orElseThrow();
    }

    static JsonObject number(long n) {
        return JsonObject.with("n", JsonNumber.of(n)).build();
    }

    static Decision decide(PolicySet policies, Facts facts, Grant... grants) {
        return new DecisionPoint(policies).decide(facts, List.of(grants)).decision();
    }

    static Set<RuleId> ids(String... ids) {
        return Arrays.stream(ids).map(RuleId::new).collect(java.util.stream.Collectors.toSet());
    }

    private static Cause cause(Decision decision) {
        return assertInstanceOf(Decision.Deny.class, decision).cause();
    }

    private static Set<String> used(Decision decision) {
        return assertInstanceOf(Decision.Allow.class, decision).grants();
    }

    /// A grant that answers every hold of the policies for exactly this call until an hour from now.
    static Grant grant(String id, Facts facts, PolicySet policies) {
        return grant(id, facts, policies, Calls.NOON.plusSeconds(3_600));
    }

    static Grant grant(String id, Facts facts, PolicySet policies, Instant lapses) {
        var digests = new ArrayList<Sha256>();
        for (Layer layer : policies.layers()) for (Rule rule : layer.rules()) digests.add(rule.digest());
        return new ExactGrant(id, facts.request().fingerprint(), Set.copyOf(digests), lapses);
    }
}
