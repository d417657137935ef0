package dev.guardrail.approval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.call.CallId;
import dev.guardrail.call.Caller;
import dev.guardrail.call.DecisionRequest;
import dev.guardrail.call.Subject;
import dev.guardrail.testing.Calls;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Who has a vote. Every refusal stands beside a vote that differs in that one thing and counts.
class EligibilitySpec {
    private final Desk desk = new Desk();

    @Test
    void agents_and_hosts_never_vote() {
        var ticket = desk.held(QuorumDraft.anyone());
        for (var kind : List.of(Caller.Kind.AGENT, Caller.Kind.HOST)) {
            var caller = new Caller(kind, "bob", Set.of("approver"), Set.of(), Set.of(), Optional.empty());
            var digest = Desk.request("call_1").argumentsDigest();
            var refused = assertInstanceOf(
                    VoteResult.NotEligible.class, desk.desk.approve(caller, ticket.id(), digest, "", Optional.empty()));
            assertTrue(refused.why().contains("never votes"));
            assertEquals(List.of("bob", "carol", "dave"), refused.who());
            assertInstanceOf(VoteResult.NotEligible.class, desk.desk.deny(caller, ticket.id(), ""));
        }
        assertEquals(TicketState.PENDING, desk.state(ticket));
        assertInstanceOf(VoteResult.Closed.class, desk.approve("bob", ticket));
    }

    @Test
    void an_agent_among_the_operators_is_no_voter_either() {
        desk.operators.put(
                "robot",
                new Caller(Caller.Kind.AGENT, "robot", Set.of("approver"), Set.of(), Set.of(), Optional.empty()));
        var ticket = desk.held(QuorumDraft.anyone());
        var refused = assertInstanceOf(VoteResult.NotEligible.class, desk.approve("robot", ticket));
        assertEquals(List.of("bob", "carol", "dave"), refused.who());
        var posing =
                new Caller(Caller.Kind.OPERATOR, "robot", Set.of("approver"), Set.of(), Set.of(), Optional.empty());
        assertInstanceOf(VoteResult.NotEligible.class, desk.desk.deny(posing, ticket.id(), ""));
        assertInstanceOf(VoteResult.Closed.class, desk.approve("bob", ticket));
    }

    @Test
    void somebody_whom_the_configuration_does_not_know_has_no_vote() {
        var ticket = desk.held(QuorumDraft.anyone());
        var refused = assertInstanceOf(VoteResult.NotEligible.class, desk.approve("erin", ticket));
        assertTrue(refused.why().contains("`erin`"));
        desk.hire("erin", Set.of("approver"), Set.of());
        assertInstanceOf(VoteResult.Closed.class, desk.approve("erin", ticket));
    }

    @Test
    void roles_count_as_configured_not_as_the_credential_says() {
        desk.hire("erin", Set.of("auditor"), Set.of());
        var ticket = desk.held(QuorumDraft.anyone());
        var claiming =
                new Caller(Caller.Kind.OPERATOR, "erin", Set.of("approver"), Set.of(), Set.of(), Optional.empty());
        assertInstanceOf(VoteResult.NotEligible.class, desk.desk.deny(claiming, ticket.id(), ""));
        desk.hire("erin", Set.of("approver"), Set.of());
        assertInstanceOf(VoteResult.Closed.class, desk.desk.deny(claiming, ticket.id(), ""));
    }

    @Test
    void a_role_is_asked_for_exactly() {
        assertNoVote(QuorumDraft.of(1, "role:lead"), Set.of("leads", "Lead", "role:lead"), Set.of("lead"));
        assertVote(QuorumDraft.of(1, "role:lead"), Set.of("lead"), Set.of());
    }

    @Test
    void a_group_is_asked_for_exactly() {
        assertNoVote(QuorumDraft.of(1, "group:payments"), Set.of("payments", "approver"), Set.of("payment"));
        assertVote(QuorumDraft.of(1, "group:payments"), Set.of(), Set.of("payments"));
    }

    @Test
    void a_name_is_asked_for_exactly() {
        assertNoVote(QuorumDraft.of(1, "Erin"), Set.of("approver", "Erin"), Set.of("Erin"));
        assertVote(QuorumDraft.of(1, "erin"), Set.of(), Set.of());
    }

    private void assertVote(QuorumDraft quorum, Set<String> roles, Set<String> groups) {
        desk.hire("erin", roles, groups);
        var ticket = desk.held("call_vote", Desk.hold("hold", quorum));
        assertInstanceOf(VoteResult.Closed.class, desk.approve("erin", ticket));
    }

    private void assertNoVote(QuorumDraft quorum, Set<String> roles, Set<String> groups) {
        desk.hire("erin", roles, groups);
        var ticket = desk.held("call_none", Desk.hold("hold", quorum));
        assertInstanceOf(VoteResult.NotEligible.class, desk.approve("erin", ticket));
        assertInstanceOf(VoteResult.NotEligible.class, desk.deny("erin", ticket));
        assertEquals(TicketState.PENDING, desk.state(ticket));
    }

    @Test
    void where_nobody_has_a_vote_the_forms_are_named() {
        var ticket = desk.held(QuorumDraft.of(1, "group:payments", "zoe"), QuorumDraft.of(1, "group:payments"));
        var refused = assertInstanceOf(VoteResult.NotEligible.class, desk.approve("bob", ticket));
        assertEquals(List.of("group:payments", "zoe"), refused.who());
        assertTrue(refused.why().contains("name others"));
    }

    @Test
    void whoever_has_a_vote_on_any_hold_is_named() {
        desk.hire("erin", Set.of(), Set.of("payments"));
        desk.hire("fred", Set.of(), Set.of());
        var ticket = desk.held(QuorumDraft.of(1, "group:payments"), QuorumDraft.of(1, "carol"));
        var refused = assertInstanceOf(VoteResult.NotEligible.class, desk.approve("fred", ticket));
        assertEquals(List.of("carol", "erin"), refused.who());
    }

    @Test
    void nobody_votes_on_a_call_that_is_made_for_them() {
        desk.hire("ann", Set.of("approver"), Set.of());
        var ticket = desk.held(QuorumDraft.anyone());
        var refused = assertInstanceOf(VoteResult.NotEligible.class, desk.approve("ann", ticket));
        assertTrue(refused.why().contains("made for you"));
        assertEquals(List.of("bob", "carol", "dave"), refused.who());
        assertInstanceOf(VoteResult.NotEligible.class, desk.deny("ann", ticket));

        var open = desk.held("call_2", Desk.hold("hold", QuorumDraft.anyone().requesterToo()));
        assertInstanceOf(VoteResult.Closed.class, desk.approve("ann", open));
    }

    @Test
    void the_requester_counts_only_on_holds_that_let_requesters_vote() {
        desk.hire("ann", Set.of("approver"), Set.of());
        var ticket = desk.held(QuorumDraft.anyone(), QuorumDraft.anyone().requesterToo());
        var counted = assertInstanceOf(VoteResult.Counted.class, desk.approve("ann", ticket));
        assertFalse(counted.ticket().holds().getFirst().hasVoteOf("ann"));
        assertTrue(counted.ticket().holds().getLast().hasVoteOf("ann"));
        assertInstanceOf(VoteResult.Closed.class, desk.approve("bob", ticket));
    }

    @Test
    void nobody_votes_on_a_call_that_is_made_by_their_namesake() {
        desk.hire("coder", Set.of("approver"), Set.of());
        var ticket = desk.held(QuorumDraft.anyone());
        assertInstanceOf(VoteResult.NotEligible.class, desk.approve("coder", ticket));
        assertInstanceOf(VoteResult.Closed.class, desk.approve("bob", ticket));
    }

    @Test
    void no_alias_of_the_requester_votes() {
        for (String alias :
                List.of("Ann", "ANN", " ann", "ann@corp.example", "Ann@x", "a\u200bnn", "\uff41nn", "Coder"))
            assertTrue(excluded(alias, "ann"), alias);
        for (String other : List.of("anna", "an", "ann.b", "joann", "bob@ann", "coder2"))
            assertFalse(excluded(other, "ann"), other);
        assertTrue(excluded("ann", "ann@corp.example"));
        assertTrue(excluded("ann@corp.example", "Ann@Corp.example"));
        assertFalse(excluded("ann@corp.example", "ann@other.example"));
        assertFalse(excluded("@", "ann"));
        assertFalse(excluded("@ann", "@bob"));
        assertTrue(excluded("stra\u00dfe", "STRASSE"));
    }

    @Test
    void nor_does_somebody_whom_the_requesters_provider_knows_by_another_name() {
        for (String user : List.of("auth0|7", "Ann.Smith@corp.example", "ann.smith")) {
            desk.operators.put(
                    "ann",
                    Caller.operator("ann", Set.of("approver"), Set.of(), Set.of("auth0|7", "ann.smith@corp.example")));
            var ticket = desk.held(requestFor(Optional.of(user), "call_" + user), Map.of(), approvers());
            assertInstanceOf(VoteResult.NotEligible.class, desk.approve("ann", ticket), user);
            assertInstanceOf(VoteResult.ArgumentsChanged.class, desk.approve("bob", ticket), user);
        }
        assertFalse(excluded("ann", "auth0|8"), "somebody else of the same provider");
    }

    private boolean excluded(String voter, String user) {
        desk.hire(voter, Set.of("approver"), Set.of());
        var ticket = desk.held(requestFor(Optional.of(user), "call_" + voter + user), Map.of(), approvers());
        return switch (desk.approve(voter, ticket)) {
            case VoteResult.NotEligible refused -> true;
            case VoteResult.ArgumentsChanged reached -> false;
            case VoteResult.Closed counted -> false;
            case VoteResult other -> throw new AssertionError(other);
        };
    }

    private static dev.guardrail.policy.Rule approvers() {
        return Desk.hold("hold", QuorumDraft.anyone());
    }

    private static DecisionRequest requestFor(Optional<String> user, String call) {
        var request = Calls.request(
                Calls.tool("bank.pay"), new Subject("coder", Set.of("developer"), user), JsonObject.EMPTY);
        return new DecisionRequest(
                new CallId(call), request.subject(), request.action(), request.resource(), request.context());
    }

    @Test
    void the_users_own_confirmation_is_the_users_alone() {
        desk.hire("ann", Set.of(), Set.of());
        desk.hire("Ann", Set.of("approver"), Set.of());
        var ticket = desk.held(QuorumDraft.of(1, "session.user").requesterToo());
        assertInstanceOf(VoteResult.NotEligible.class, desk.approve("bob", ticket));
        assertInstanceOf(VoteResult.NotEligible.class, desk.approve("Ann", ticket));
        assertInstanceOf(VoteResult.Closed.class, desk.approve("ann", ticket));
    }

    @Test
    void where_the_requester_is_excluded_the_users_own_confirmation_is_not_enough() {
        desk.hire("ann", Set.of(), Set.of());
        var ticket = desk.held(QuorumDraft.of(1, "session.user"));
        assertInstanceOf(VoteResult.NotEligible.class, desk.approve("ann", ticket));
    }

    @Test
    void a_call_for_nobody_has_no_user_to_confirm_it() {
        desk.hire("session.user", Set.of(), Set.of());
        var rule = Desk.hold("hold", QuorumDraft.of(1, "session.user").requesterToo());
        var ticket = desk.held(requestFor(Optional.empty(), "call_1"), Map.of(), rule);
        assertInstanceOf(VoteResult.NotEligible.class, desk.approve("session.user", ticket));
    }
}
