package dev.guardrail.policy;

import static dev.guardrail.testing.Calls.facts;
import static dev.guardrail.testing.RuleDraft.allow;
import static dev.guardrail.testing.RuleDraft.clarify;
import static dev.guardrail.testing.RuleDraft.deny;
import static dev.guardrail.testing.RuleDraft.hold;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.guardrail.base.JsonText;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.Confinement;
import dev.guardrail.call.SessionId;
import dev.guardrail.condition.CelConditions;
import dev.guardrail.condition.Facts;
import dev.guardrail.testing.RuleDraft;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// `sandbox:` of a rule: under which profile a call is asked, and that it is decided under no other.
class ConfinementSpec {
    private static final Facts CALL = facts("workspace.shell_exec");

    private static RuleDraft strict() {
        return allow("a").on("workspace.*").sandbox("strict");
    }

    @Test
    void a_call_is_asked_under_the_profile_of_the_rule_that_permits_it() {
        assertEquals(Optional.of("strict"), profile(strict()));
        assertInstanceOf(Decision.Allow.class, decided(strict()));
        assertEquals(Optional.empty(), profile(allow("a").on("workspace.*")));
        assertEquals(Optional.empty(), profile(allow("a").on("files.*").sandbox("strict")));
    }

    @Test
    void one_rule_with_a_sandbox_is_enough_and_a_failing_one_too() {
        assertEquals(Optional.of("strict"), profile(strict(), allow("plain").on("workspace.*")));
        assertEquals(Optional.of("strict"), profile(hold("h").on("workspace.*").sandbox("strict")));
        var failing = broken(allow("fails").on("workspace.*").sandbox("strict"));
        assertEquals(Optional.of("strict"), profile(failing, allow("plain").on("workspace.*")));
        assertInstanceOf(Decision.Allow.class, decided(failing, allow("plain").on("workspace.*")));
        assertInstanceOf(Decision.Deny.class, decided(failing));
        assertEquals(Optional.empty(), profile(strict().shadow(), allow("plain").on("workspace.*")));
    }

    @Test
    void two_profiles_deny_what_either_alone_permits() {
        var other = allow("b").on("workspace.*").sandbox("build");
        var strict = allow("a").on("workspace.*").sandbox("strict");
        assertInstanceOf(Decision.Allow.class, decided(other));
        var torn = assertInstanceOf(Decision.Deny.class, decided(strict, other));
        assertEquals(Cause.POLICY, torn.cause());
        assertEquals(Set.of(new RuleId("a"), new RuleId("b")), torn.determining());
        assertInstanceOf(
                Decision.Deny.class, decided(strict, hold("h").on("workspace.*").sandbox("build")));
        assertInstanceOf(
                Decision.Clarify.class, decided(strict, other, clarify("c").on("workspace.*")));
        assertEquals(
                Set.of(new RuleId("d")),
                decided(strict, other, deny("d").on("workspace.*")).determining());
    }

    @Test
    void a_call_that_is_asked_under_another_profile_than_its_rules_name_is_not_permitted() {
        var strict = allow("a").on("workspace.*").sandbox("strict");
        var point = point(strict);
        assertInstanceOf(
                Decision.Allow.class, point.decide(under("strict"), List.of()).decision());
        for (Facts asked : List.of(
                CALL,
                under("build"),
                new Facts(
                        CALL.request().under(new Confinement("strict", Sha256.of(new JsonText("as it was")))),
                        CALL.session()))) {
            var deny = assertInstanceOf(
                    Decision.Deny.class, point.decide(asked, List.of()).decision());
            assertEquals(Cause.GUARD_ERROR, deny.cause());
        }
        assertInstanceOf(
                Decision.Deny.class,
                point(allow("a").on("workspace.*"))
                        .decide(under("strict"), List.of())
                        .decision());
    }

    @Test
    void what_people_agree_to_is_bound_to_the_profile() {
        var session = new SessionId("ses_1");
        var bare = CALL.request();
        var strict = under("strict").request();
        var build = under("build").request();
        assertNotEquals(bare.fingerprint(), strict.fingerprint());
        assertNotEquals(strict.fingerprint(), build.fingerprint());
        assertEquals(strict.fingerprint(), under("strict").request().fingerprint());
        assertNotEquals(Reach.REPEATS.binding(bare, session), Reach.REPEATS.binding(strict, session));
        assertNotEquals(Reach.REPEATS.binding(strict, session), Reach.REPEATS.binding(build, session));
    }

    private static Facts under(String profile) {
        return new Facts(
                CALL.request().under(new Confinement(profile, Sha256.of(new JsonText(profile)))), CALL.session());
    }

    private static RuleDraft broken(RuleDraft draft) {
        return draft.when(
                new CelConditions()
                        .compile("args.missing == 1", List.of())
                        .condition()
                        .orElseThrow(),
                "args.missing == 1");
    }

    private static Optional<String> profile(RuleDraft... drafts) {
        return point(drafts).confined(CALL).request().resource().confinement().map(Confinement::profile);
    }

    private static Decision decided(RuleDraft... drafts) {
        var point = point(drafts);
        return point.decide(point.confined(CALL), List.of()).decision();
    }

    private static DecisionPoint point(RuleDraft... drafts) {
        var rules = Arrays.stream(drafts).map(RuleDraft::rule).toList();
        return new DecisionPoint(
                new PolicySet(List.of(new Layer("main", false, rules)), Sha256.of(new JsonText("test"))));
    }
}
