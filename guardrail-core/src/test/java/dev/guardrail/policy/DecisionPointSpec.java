package dev.guardrail.policy;

import static dev.guardrail.testing.Calls.facts;
import static dev.guardrail.testing.RuleDraft.allow;
import static dev.guardrail.testing.RuleDraft.clarify;
import static dev.guardrail.testing.RuleDraft.deny;
import static dev.guardrail.testing.RuleDraft.hold;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.guardrail.base.Sha256;
import dev.guardrail.condition.Facts;
import dev.guardrail.testing.Calls;
import dev.guardrail.testing.RuleDraft;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Section 3 of the contract as examples; each denial beside a call that is permitted.
class DecisionPointSpec {
    private static final Facts READ = facts("files.read");

    @Test
    void nothing_matched_means_deny_and_so_does_no_policy() {
        var none = assertInstanceOf(Decision.Deny.class, decide(PolicySet.EMPTY, READ));
        assertEquals(new Decision.Deny(Set.of(), Cause.POLICY, "", List.of(), true), none);
        assertInstanceOf(Decision.Deny.class, decide(main(allow("other").on("files.write")), READ));
        assertInstanceOf(Decision.Allow.class, decide(main(allow("this").on("files.read")), READ));
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

    static PolicySet main(RuleDraft... drafts) {
        return new PolicySet(List.of(layer("main", false, drafts)), Sha256.of(new byte[0]));
    }

    static Layer layer(String name, boolean abstains, RuleDraft... drafts) {
        return new Layer(
                name, abstains, Arrays.stream(drafts).map(RuleDraft::rule).toList());
    }

    static PolicySet layers(Layer... layers) {
        return new PolicySet(List.of(layers), Sha256.of(new byte[0]));
    }

    static Decision decide(PolicySet policies, Facts facts, Grant... grants) {
        return new DecisionPoint(policies).decide(facts, List.of(grants)).decision();
    }

    static Set<RuleId> ids(String... ids) {
        return Arrays.stream(ids).map(RuleId::new).collect(java.util.stream.Collectors.toSet());
    }

    /// A grant that answers every hold of the policies for exactly this call until an hour from now.
    static Grant grant(String id, Facts facts, PolicySet policies) {
        return grant(id, facts, policies, Calls.NOON.plusSeconds(3_600));
    }

    static Grant grant(String id, Facts facts, PolicySet policies, Instant lapses) {
        var digests = policies.layers().stream()
                .flatMap(layer -> layer.rules().stream())
                .map(Rule::digest)
                .collect(java.util.stream.Collectors.toSet());
        return new Grant(id, facts.request().fingerprint(), digests, lapses);
    }
}
