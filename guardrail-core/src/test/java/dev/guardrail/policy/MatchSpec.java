package dev.guardrail.policy;

import static dev.guardrail.policy.DecisionPointSpec.decide;
import static dev.guardrail.policy.DecisionPointSpec.main;
import static dev.guardrail.testing.Calls.facts;
import static dev.guardrail.testing.RuleDraft.allow;
import static dev.guardrail.testing.RuleDraft.deny;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.condition.Facts;
import dev.guardrail.testing.Calls;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Where a rule looks, and how its tools are found.
class MatchSpec {
    private static final Facts READ = facts("files.read");

    @Test
    void a_match_is_all_its_keys_and_any_of_their_values() {
        var coder = facts("files.read");
        assertInstanceOf(Decision.Allow.class, decide(main(allow("a").on("x.y", "files.read")), coder));
        assertInstanceOf(Decision.Allow.class, decide(main(allow("a").agents("clerk", "coder")), coder));
        assertInstanceOf(Decision.Deny.class, decide(main(allow("a").agents("clerk")), coder));
        assertInstanceOf(Decision.Allow.class, decide(main(allow("a").roles("developer")), coder));
        assertInstanceOf(Decision.Allow.class, decide(main(allow("a").roles("lead", "developer")), coder));
        assertInstanceOf(Decision.Deny.class, decide(main(allow("a").roles("lead", "clerk")), coder));
        assertInstanceOf(Decision.Deny.class, decide(main(allow("a").roles("lead")), coder));
        assertInstanceOf(Decision.Allow.class, decide(main(allow("a").users("ann")), coder));
        assertInstanceOf(Decision.Deny.class, decide(main(allow("a").users("bob")), coder));
        assertInstanceOf(
                Decision.Deny.class, decide(main(allow("a").roles("developer").users("bob")), coder), "keys AND");
        var nobody = new dev.guardrail.call.Subject("coder", Set.of(), java.util.Optional.empty());
        var without = facts(Calls.request(Calls.tool("files.read"), nobody, JsonObject.EMPTY));
        assertInstanceOf(Decision.Deny.class, decide(main(allow("a").users("ann")), without));
    }

    @Test
    void labels_decide_and_a_tool_that_is_relabelled_is_matched_again() {
        var point = new DecisionPoint(main(allow("a").on("*.*"), deny("d").labels("secret", "network-write")));
        var plain = facts(Calls.request(Calls.tool("mail.send"), Calls.CODER, JsonObject.EMPTY));
        var labelled = facts(Calls.request(Calls.tool("mail.send", "network-write"), Calls.CODER, JsonObject.EMPTY));
        for (int again = 0; again < 2; again++) {
            assertInstanceOf(
                    Decision.Allow.class, point.decide(plain, List.of()).decision());
            assertInstanceOf(
                    Decision.Deny.class, point.decide(labelled, List.of()).decision());
        }
    }

    @Test
    void only_patterns_that_say_mcp_match_requests_that_are_no_tool_calls() {
        var read = facts("files.mcp:resources/read");
        assertInstanceOf(
                Decision.Deny.class,
                decide(main(allow("a").on("*.*"), allow("b").agents("coder")), read));
        assertInstanceOf(Decision.Allow.class, decide(main(allow("a").on("files.mcp:resources/*")), read));
        assertInstanceOf(Decision.Deny.class, decide(main(allow("a").on("files.mcp:*")), facts("files.mcp")));
    }

    @Test
    void the_candidates_of_a_tool_are_worked_out_once_and_forgotten_when_too_many() {
        var index = new RuleIndex(main(allow("a").on("*.*")));
        var first = index.of(Calls.tool("files.t"));
        assertSame(first, index.of(Calls.tool("files.t")));
        for (int i = 0; i < RuleIndex.KEPT - 1; i++) index.of(Calls.tool("files.t" + i));
        assertSame(first, index.of(Calls.tool("files.t")));
        index.of(Calls.tool("files.one-more"));
        assertNotSame(first, index.of(Calls.tool("files.t")));
    }

    @Test
    void a_match_says_of_a_whole_request_what_it_says_of_its_parts() {
        var match = allow("a").on("files.*").roles("developer").rule().match();
        assertTrue(match.matches(READ.request()));
        assertFalse(match.matches(facts("mail.send").request()));
        assertFalse(allow("a").on("files.*").roles("lead").rule().match().matches(READ.request()));
    }

    @Test
    void more_tools_than_are_kept_are_still_decided() {
        var point = new DecisionPoint(main(allow("a").on("files.*7")));
        for (int i = 0; i < RuleIndex.KEPT + 10; i++)
            assertEquals(
                    i % 10 == 7, point.decide(facts("files.t" + i), List.of()).decision() instanceof Decision.Allow);
    }
}
