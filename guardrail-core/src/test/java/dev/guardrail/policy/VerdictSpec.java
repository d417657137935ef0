package dev.guardrail.policy;

import static dev.guardrail.policy.DecisionPointSpec.decide;
import static dev.guardrail.policy.DecisionPointSpec.ids;
import static dev.guardrail.policy.DecisionPointSpec.layer;
import static dev.guardrail.policy.DecisionPointSpec.layers;
import static dev.guardrail.policy.DecisionPointSpec.main;
import static dev.guardrail.policy.DecisionPointSpec.number;
import static dev.guardrail.policy.DecisionPointSpec.value;
import static dev.guardrail.policy.DecisionPointSpec.when;
import static dev.guardrail.testing.Calls.facts;
import static dev.guardrail.testing.RuleDraft.allow;
import static dev.guardrail.testing.RuleDraft.clarify;
import static dev.guardrail.testing.RuleDraft.deny;
import static dev.guardrail.testing.RuleDraft.hold;
import static dev.guardrail.testing.RuleDraft.modify;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.condition.Facts;
import dev.guardrail.session.SessionView;
import dev.guardrail.session.Trajectory;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// What is told with a decision: words, finality, faults, shadows.
class VerdictSpec {
    private static final Facts READ = facts("files.read");
    private static final Facts ONE = facts("files.read", number(1));

    @Test
    void texts_of_several_rules_are_joined_in_order_of_their_ids() {
        var b = deny("b").on("*.*").text("Second.").instead("two", "both");
        var a = deny("a").on("*.*").text("First.").instead("one", "both");
        var c = deny("c").on("*.*").text("First.");
        assertEquals(
                new Decision.Deny(
                        ids("a", "b", "c"), Cause.POLICY, "First. Second.", List.of("one", "both", "two"), false),
                decide(main(b, a, c), READ));
        assertEquals(
                new Decision.Clarify(ids("q", "p"), "What? Who?"),
                decide(
                        layers(
                                layer("main", false, clarify("q").on("*.*").text("Who?")),
                                layer("z", true, clarify("p").on("*.*").text("What?"))),
                        READ));
    }

    @Test
    void a_denial_is_final_only_where_nothing_can_turn() {
        assertTrue(isFixed(decide(main(deny("d").on("*.*")), READ)));
        var tainted = new Facts(
                READ.request(),
                new SessionView(
                        READ.session().id(), "", false, Set.of("web"), Set.of(), 0, Trajectory.EMPTY, List.of(), 1));
        assertTrue(isFixed(decide(main(when(deny("d"), "\"web\" in session.taints")), tainted)), "taints stay");
        assertFalse(isFixed(decide(main(deny("d").on("*.*").instead("other")), READ)));
        assertFalse(isFixed(decide(main(when(deny("d"), "!session.calls.exists(c, c.ok)")), READ)));
        assertFalse(isFixed(decide(
                main(
                        when(deny("d"), "!session.calls.exists(c, c.ok)"),
                        deny("e").on("*.*")),
                READ)));
        assertFalse(isFixed(decide(main(when(deny("d"), "call.time < timestamp(\"2027-01-01T00:00:00Z\")")), READ)));
    }

    @Test
    void a_denial_by_silence_is_final_unless_what_would_permit_can_turn_or_failed() {
        assertTrue(isFixed(decide(main(when(allow("a"), "args.n == 2")), ONE)));
        assertFalse(isFixed(decide(main(when(allow("a"), "session.calls.exists(c, c.ok)")), ONE)));
        assertFalse(isFixed(decide(main(when(hold("a"), "session.calls.exists(c, c.ok)")), ONE)));
        assertFalse(isFixed(decide(main(when(allow("a"), "args.missing == 2")), ONE)));
        assertTrue(
                isFixed(decide(main(when(allow("a").roles("clerk"), "session.calls.exists(c, c.ok)")), ONE)),
                "a rule about others turns nothing");
    }

    @Test
    void what_is_in_shadow_is_told_and_has_no_effect() {
        var policies = main(
                allow("a").on("*.*"),
                deny("d").on("*.*").shadow(),
                when(hold("h"), "args.n == 1").shadow(),
                when(allow("f"), "args.n == 1").shadow(),
                when(clarify("c"), "has(args.n)").shadow(),
                modify("m").on("*.*").set("args.x", value("1")).shadow(),
                deny("other").on("mail.*").shadow());
        var verdict = new DecisionPoint(policies).decide(READ, List.of());
        assertEquals(new Decision.Allow(ids("a"), Set.of()), verdict.decision());
        assertEquals(
                Map.of(
                        new RuleId("d"), Effect.DENY,
                        new RuleId("h"), Effect.REQUIRE_APPROVAL,
                        new RuleId("m"), Effect.MODIFY),
                verdict.shadow());
        assertEquals(ids("h", "f"), verdict.failed());
        assertEquals(Amendment.UNCHANGED, new DecisionPoint(policies).amend(READ));
    }

    @Test
    void failing_rules_are_told_even_where_they_change_nothing() {
        var policies = main(allow("a").on("*.*"), when(allow("f"), "args.n == 1"), when(hold("g"), "args.n == 1"));
        assertEquals(
                ids("f", "g"),
                new DecisionPoint(policies).decide(READ, List.of()).failed());
        assertEquals(
                Set.of(), new DecisionPoint(policies).decide(ONE, List.of()).failed());
    }

    @Test
    void rules_are_found_by_id_and_holds_by_digest() {
        var hold = hold("h").on("*.*").rule();
        var allow = allow("a").on("*.*").rule();
        var policies = layers(new Layer("main", false, List.of(hold, allow)));
        var point = new DecisionPoint(policies);
        assertEquals(hold, point.hold(hold.digest()).orElseThrow());
        assertTrue(point.hold(allow.digest()).isEmpty(), "an allow is no hold");
        assertEquals(allow, point.rule(new RuleId("a")).orElseThrow());
        assertTrue(point.rule(new RuleId("b")).isEmpty());
        assertEquals(policies, point.policies());
    }

    @Test
    void a_quorum_has_somebody_in_it() {
        var byDefault = Quorum.DEFAULT;
        assertEquals(1, byDefault.required());
        assertThrows(IllegalArgumentException.class, () -> quorum(List.of("ann"), 0));
        assertThrows(IllegalArgumentException.class, () -> quorum(List.of(), 1));
        assertEquals(2, quorum(List.of("ann"), 2).required());
    }

    private static Quorum quorum(List<String> approvers, int required) {
        var hour = java.time.Duration.ofHours(1);
        return new Quorum(
                approvers, required, false, true, hour, hour, java.util.Optional.empty(), java.util.Optional.empty());
    }

    @Test
    void words_are_written_as_users_write_them() {
        assertEquals("require_approval", Effect.REQUIRE_APPROVAL.text());
        assertEquals("guard_error", Cause.GUARD_ERROR.text());
        assertEquals("r", new RuleId("r").toString());
        assertEquals("r", deny("r").rule().toString());
    }

    private static boolean isFixed(Decision decision) {
        return assertInstanceOf(Decision.Deny.class, decision).fixed();
    }
}
