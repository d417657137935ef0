package dev.guardrail.approval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.CallId;
import dev.guardrail.call.Context;
import dev.guardrail.call.DecisionRequest;
import dev.guardrail.call.Purpose;
import dev.guardrail.call.Risk;
import dev.guardrail.call.SessionId;
import dev.guardrail.journal.Draft;
import dev.guardrail.journal.JournalUnavailable;
import dev.guardrail.journal.Kind;
import dev.guardrail.journal.Repeat;
import dev.guardrail.journal.Status;
import dev.guardrail.policy.Rule;
import dev.guardrail.policy.RuleId;
import dev.guardrail.testing.Calls;
import dev.guardrail.testing.MemoryStore;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Tickets and votes, one by one.
class ApprovalSpec {
    private final Desk desk = new Desk();

    @Test
    void a_hold_opens_a_ticket_that_waits_for_people() {
        var ticket = desk.held(QuorumDraft.of(2, "role:approver"));

        assertEquals(ticket, desk.ticket(ticket));
        assertTrue(ticket.id().startsWith("apr_"));
        assertEquals(TicketState.PENDING, ticket.state());
        assertTrue(ticket.pending());
        assertEquals(new CallId("call_1"), ticket.call());
        assertEquals(Desk.SESSION, ticket.session());
        assertEquals("coder", ticket.agent());
        assertEquals(Optional.of("ann"), ticket.user());
        assertEquals("bank.pay", ticket.tool().toString());
        assertEquals(Calls.tool("bank.pay").digest(), ticket.definition());
        assertEquals(2, ticket.required());
        assertEquals(0, ticket.given());
        assertEquals(Set.of(), ticket.approvers());
        assertEquals(List.of("hold-0"), ticket.rules());
        assertEquals(Calls.NOON, ticket.openedAt());
        assertEquals(Calls.NOON.plusSeconds(3_600), ticket.expiresAt());
        assertEquals(Optional.empty(), ticket.usableUntil());
        assertEquals(Optional.empty(), ticket.closing());
    }

    @Test
    void without_the_commit_there_is_no_ticket() {
        var holds = new LinkedHashSet<Rule>(List.of(Desk.hold("hold", QuorumDraft.anyone())));
        var ticket = desk.desk.open(new Draft(), Desk.request("call_1"), Desk.SESSION, holds, Map.of());

        assertEquals(Optional.empty(), desk.desk.find(ticket.id()));
        assertEquals(new VoteResult.Unknown(ticket.id()), desk.approve("bob", ticket));
        assertEquals(new VoteResult.Unknown(ticket.id()), desk.deny("bob", ticket));
        assertEquals(Optional.empty(), desk.desk.cancel(ticket.id(), "agent"));
        assertEquals(0, desk.desk.rearm());
    }

    @Test
    void a_ticket_without_a_hold_is_none() {
        assertThrows(
                IllegalArgumentException.class,
                () -> desk.desk.open(
                        new Draft(), Desk.request("call_1"), Desk.SESSION, new LinkedHashSet<>(), Map.of()));
    }

    @Test
    void the_shortest_expiry_of_all_holds_counts() {
        var ticket = desk.held(
                QuorumDraft.anyone().expiresAfter(Duration.ofMinutes(30)),
                QuorumDraft.anyone().expiresAfter(Duration.ofMinutes(15)),
                QuorumDraft.anyone());
        assertEquals(Calls.NOON.plusSeconds(15 * 60), ticket.expiresAt());
    }

    @Test
    void the_highest_risk_of_holds_and_call_counts() {
        assertEquals(Risk.LOW, desk.held(QuorumDraft.anyone()).risk());
        assertEquals(
                Risk.HIGH,
                desk.held("call_2", risky("a", Risk.LOW), risky("b", Risk.HIGH)).risk());
        var request = Desk.request("call_3");
        var repeated = new DecisionRequest(
                request.call(),
                request.subject(),
                request.action(),
                request.resource(),
                new Context(Calls.NOON, "", Risk.CRITICAL, Purpose.ACT));
        assertEquals(
                Risk.CRITICAL,
                desk.held(repeated, Map.of(), risky("a", Risk.HIGH)).risk());
    }

    private static Rule risky(String id, Risk risk) {
        var rule = Desk.hold(id, QuorumDraft.anyone());
        return new Rule(
                rule.id(),
                rule.effect(),
                rule.match(),
                rule.when(),
                rule.quorum(),
                rule.set(),
                rule.text(),
                rule.instead(),
                risk,
                rule.shadow(),
                rule.source(),
                rule.digest(),
                rule.position());
    }

    @Test
    void one_approver_is_enough_where_one_is_required() {
        var ticket = desk.held(QuorumDraft.anyone());

        var closed = assertInstanceOf(VoteResult.Closed.class, desk.approve("bob", ticket));

        assertEquals(TicketState.APPROVED, closed.ticket().state());
        assertEquals(desk.ticket(ticket), closed.ticket());
        assertEquals(Optional.of(Calls.NOON.plusSeconds(600)), closed.ticket().usableUntil());
        assertEquals(Set.of("bob"), closed.ticket().approvers());
        assertEquals(Status.HELD, desk.call(ticket).status());
        assertEquals(Repeat.State.HELD, desk.repeat(ticket).orElseThrow().state());
    }

    @Test
    void an_approval_is_usable_for_the_shortest_time_of_all_holds() {
        var ticket = desk.held(
                QuorumDraft.anyone().validFor(Duration.ofMinutes(5)),
                QuorumDraft.anyone().validFor(Duration.ofMinutes(2)),
                QuorumDraft.anyone());
        desk.approve("bob", ticket);
        assertEquals(
                Optional.of(Calls.NOON.plusSeconds(120)), desk.ticket(ticket).usableUntil());
    }

    @Test
    void two_people_are_two_people() {
        var ticket = desk.held(QuorumDraft.of(2, "role:approver"));

        var counted = assertInstanceOf(VoteResult.Counted.class, desk.approve("bob", ticket));
        assertEquals(1, counted.ticket().given());
        assertEquals(TicketState.PENDING, counted.ticket().state());
        assertEquals(counted.ticket(), desk.ticket(ticket));

        assertInstanceOf(VoteResult.Closed.class, desk.approve("carol", ticket));
        assertEquals(List.of("bob", "carol"), List.copyOf(desk.ticket(ticket).approvers()));
        assertEquals(2, desk.ticket(ticket).given());
    }

    @Test
    void one_person_is_not_two_people() {
        var ticket = desk.held(QuorumDraft.of(2, "role:approver"));
        desk.approve("bob", ticket);
        var before = desk.ticket(ticket);

        assertEquals(new VoteResult.Counted(before), desk.approve("bob", ticket));
        assertEquals(before, desk.ticket(ticket));
        assertEquals(1, desk.entries("voted").size());
    }

    @Test
    void two_credentials_of_one_name_are_one_person() {
        var twice = new ApprovalDesk(
                desk.journal,
                prefix -> prefix + "_x",
                () -> List.of(desk.operators.get("bob"), desk.operators.get("bob"), desk.operators.get("carol")));
        var ticket = desk.held(QuorumDraft.of(2, "role:approver"));
        var digest = Desk.request("call_1").argumentsDigest();

        assertInstanceOf(
                VoteResult.Counted.class,
                twice.approve(desk.operators.get("bob"), ticket.id(), digest, "", Optional.empty()));
        assertInstanceOf(
                VoteResult.Closed.class,
                twice.approve(desk.operators.get("carol"), ticket.id(), digest, "", Optional.empty()));
    }

    @Test
    void every_hold_needs_its_own_quorum() {
        desk.hire("erin", Set.of(), Set.of("payments"));
        var ticket = desk.held(QuorumDraft.of(1, "group:payments"), QuorumDraft.of(2, "role:approver"));
        assertEquals(2, ticket.required());

        assertInstanceOf(VoteResult.Counted.class, desk.approve("bob", ticket));
        assertInstanceOf(VoteResult.Counted.class, desk.approve("carol", ticket));
        assertEquals(TicketState.PENDING, desk.state(ticket));
        assertEquals(1, desk.ticket(ticket).required());
        assertEquals(0, desk.ticket(ticket).given());
        assertInstanceOf(VoteResult.Closed.class, desk.approve("erin", ticket));
        assertEquals(
                2, desk.entries("ticket_closed").getFirst().integer("required").orElseThrow());
    }

    @Test
    void one_vote_counts_for_every_hold_on_which_the_voter_has_one() {
        desk.hire("erin", Set.of("approver"), Set.of("payments"));
        var ticket = desk.held(QuorumDraft.of(1, "group:payments"), QuorumDraft.anyone());
        assertInstanceOf(VoteResult.Closed.class, desk.approve("erin", ticket));
        assertEquals(Set.of("erin"), desk.ticket(ticket).approvers());
        assertEquals(1, desk.entries("voted").size());
    }

    @Test
    void one_denial_settles_it_whatever_was_approved() {
        var ticket = desk.held(QuorumDraft.of(3, "role:approver"));
        desk.approve("bob", ticket);
        desk.approve("carol", ticket);

        var closed = assertInstanceOf(
                VoteResult.Closed.class,
                desk.desk.deny(desk.operators.get("dave"), ticket.id(), "not before the audit"));

        assertEquals(TicketState.DENIED, closed.ticket().state());
        var closing = closed.ticket().closing().orElseThrow();
        assertEquals("dave", closing.by());
        assertEquals("denied", closing.why());
        assertEquals(Calls.NOON, closing.at());
        assertEquals(Optional.of("not before the audit"), desk.desk.reason(closed.ticket()));
    }

    @Test
    void somebody_who_approved_may_still_deny() {
        var ticket = desk.held(QuorumDraft.of(2, "role:approver"));
        desk.approve("bob", ticket);
        assertInstanceOf(VoteResult.Closed.class, desk.deny("bob", ticket));
        assertEquals(TicketState.DENIED, desk.state(ticket));
        assertEquals(Optional.empty(), desk.desk.reason(desk.ticket(ticket)));
    }

    @Test
    void a_denial_denies_the_call_and_its_repeats_in_the_same_batch() {
        var ticket = desk.held(QuorumDraft.anyone());
        long before = desk.store.size();
        desk.deny("bob", ticket);

        var call = desk.call(ticket);
        assertEquals(Status.DENIED, call.status());
        assertEquals("person", call.cause());
        assertEquals("deny", call.effect());
        assertEquals(
                Optional.of(new Repeat(Repeat.State.REFUSED, call.id(), Optional.of(ticket.id()))),
                desk.repeat(ticket));
        assertEquals(before + 2, desk.store.size());
    }

    @Test
    void after_the_end_nobody_votes() {
        var denied = desk.held(QuorumDraft.anyone());
        desk.deny("bob", denied);
        assertEquals(new VoteResult.AlreadyClosed(desk.ticket(denied)), desk.approve("carol", denied));
        assertEquals(new VoteResult.AlreadyClosed(desk.ticket(denied)), desk.deny("carol", denied));

        var approved = desk.held("call_2", Desk.hold("hold", QuorumDraft.anyone()));
        desk.approve("bob", approved);
        assertEquals(new VoteResult.AlreadyClosed(desk.ticket(approved)), desk.deny("carol", approved));
        assertEquals(TicketState.APPROVED, desk.state(approved));
    }

    @Test
    void a_vote_on_other_arguments_does_not_count() {
        var ticket = desk.held(QuorumDraft.anyone());
        var seen = Sha256.of(JsonObject.builder().with("amount", 75).build());

        assertEquals(
                new VoteResult.ArgumentsChanged(ticket),
                desk.desk.approve(desk.operators.get("bob"), ticket.id(), seen, "", Optional.empty()));
        assertEquals(List.of(), desk.entries("voted"));
        assertInstanceOf(VoteResult.Closed.class, desk.approve("bob", ticket));
    }

    @Test
    void the_value_to_confirm_is_typed_exactly() {
        var rule = Desk.hold("hold", QuorumDraft.anyone().confirm("args.amount"));
        var ticket = desk.held(Desk.request("call_1"), Map.of(rule.id(), "75000"), rule);

        for (String wrong : List.of("", "7500", "75000 ", "75,000", "075000"))
            assertEquals(new VoteResult.ConfirmMismatch(ticket), desk.approve("bob", ticket, Optional.of(wrong)));
        assertEquals(new VoteResult.ConfirmMismatch(ticket), desk.approve("bob", ticket));
        assertEquals(List.of(), desk.entries("voted"));
        assertInstanceOf(VoteResult.Closed.class, desk.approve("bob", ticket, Optional.of("75000")));
    }

    @Test
    void a_value_that_is_not_asked_for_changes_nothing() {
        var rule = Desk.hold("hold", QuorumDraft.anyone());
        var ticket = desk.held(Desk.request("call_1"), Map.of(rule.id(), "75000"), rule);
        assertInstanceOf(VoteResult.Closed.class, desk.approve("bob", ticket, Optional.of("anything")));
    }

    @Test
    void a_hold_whose_value_to_confirm_is_missing_is_not_opened() {
        var rule = Desk.hold("hold", QuorumDraft.anyone().confirm("args.amount"));
        assertThrows(IllegalArgumentException.class, () -> desk.held("call_1", rule));
    }

    @Test
    void holds_that_ask_for_different_values_are_confirmed_one_by_one() {
        var amount = Desk.hold("amount", QuorumDraft.anyone().confirm("args.amount"));
        var payee = Desk.hold("payee", QuorumDraft.anyone().confirm("args.to"));
        var plain = Desk.hold("plain", QuorumDraft.anyone());
        var ticket = desk.held(
                Desk.request("call_1"), Map.of(amount.id(), "75000", payee.id(), "eve"), amount, payee, plain);

        assertEquals(new VoteResult.ConfirmMismatch(ticket), desk.approve("bob", ticket, Optional.of("mallory")));
        var counted = assertInstanceOf(VoteResult.Counted.class, desk.approve("bob", ticket, Optional.of("75000")));
        assertEquals(
                List.of(true, false, true),
                counted.ticket().holds().stream()
                        .map(hold -> hold.hasVoteOf("bob"))
                        .toList());
        assertEquals(
                new VoteResult.ConfirmMismatch(counted.ticket()), desk.approve("bob", ticket, Optional.of("75000")));
        assertInstanceOf(VoteResult.Closed.class, desk.approve("bob", ticket, Optional.of("eve")));
    }

    @Test
    void a_vote_is_durable_before_it_is_answered() {
        var ticket = desk.held(QuorumDraft.anyone());
        desk.store.breakDown(MemoryStore.Fault.REFUSED);
        assertThrows(JournalUnavailable.class, () -> desk.approve("bob", ticket));
        assertThrows(JournalUnavailable.class, () -> desk.deny("bob", ticket));
        desk.store.mend();

        assertEquals(TicketState.PENDING, desk.state(ticket));
        assertEquals(List.of(), desk.entries("voted"));
        assertInstanceOf(VoteResult.Closed.class, desk.approve("bob", ticket));
        desk.reboot();
        assertEquals(TicketState.APPROVED, desk.state(ticket));
    }

    @Test
    void an_approval_of_unknown_durability_counts_once_it_turns_out_to_be_there() {
        var ticket = desk.held(QuorumDraft.anyone());
        desk.store.breakDown(MemoryStore.Fault.UNKNOWN);
        assertThrows(JournalUnavailable.class, () -> desk.approve("bob", ticket));
        desk.store.mend();

        assertEquals(TicketState.APPROVED, desk.state(ticket));
        assertEquals(
                1, desk.desk.grants(desk.ticket(ticket), Desk.request("call_1")).size());
        desk.pass(Duration.ofMinutes(10));
        assertEquals(List.of(), desk.desk.grants(desk.ticket(ticket), Desk.request("call_1")));
        assertEquals(1, desk.desk.expireDue());
        assertEquals(TicketState.EXPIRED, desk.state(ticket));
    }

    @Test
    void the_log_says_who_voted_what_and_how_it_ended() {
        var ticket = desk.held(QuorumDraft.of(2, "role:approver"));
        var digest = Desk.request("call_1").argumentsDigest();
        desk.desk.approve(desk.operators.get("bob"), ticket.id(), digest, "fine by me", Optional.empty());
        desk.desk.approve(desk.operators.get("carol"), ticket.id(), digest, "by me too", Optional.empty());

        var votes = desk.entries("voted");
        assertEquals(
                List.of("bob", "carol"),
                votes.stream().map(vote -> text(vote, "voter")).toList());
        for (JsonObject vote : votes) {
            assertEquals("approve", text(vote, "vote"));
            assertEquals(ticket.id(), text(vote, "ticket"));
            assertEquals("call_1", text(vote, "call"));
            assertEquals(ticket.binding().toString(), text(vote, "binding"));
        }
        assertEquals(
                List.of(ticket.id() + "/reason/1", ticket.id() + "/reason/2"),
                votes.stream()
                        .map(vote -> text(vote.object("reason").orElseThrow(), "body"))
                        .toList());
        assertEquals(
                "\"fine by me\"",
                desk.journal.body(ticket.id() + "/reason/1").orElseThrow().toString());
        var closed = desk.entries("ticket_closed").getFirst();
        assertEquals("approved", text(closed, "outcome"));
        assertEquals(2, closed.integer("required").orElseThrow());
        assertEquals("[\"hold-0\"]", closed.array("rules").orElseThrow().toString());
        assertEquals(Calls.NOON.plusSeconds(600).toString(), text(closed, "usableUntil"));
    }

    @Test
    void a_denial_is_in_the_log_with_its_reason_sealed() {
        var ticket = desk.held(QuorumDraft.anyone());
        desk.desk.deny(desk.operators.get("bob"), ticket.id(), "ZORRO");

        var vote = desk.entries("voted").getFirst();
        assertEquals("deny", text(vote, "vote"));
        assertEquals("bob", text(vote, "voter"));
        assertEquals("denied", text(desk.entries("ticket_closed").getFirst(), "outcome"));
        assertFalse(desk.disk().contains("ZORRO"));
        assertEquals(Optional.of("ZORRO"), desk.desk.reason(desk.ticket(ticket)));
    }

    private static String text(JsonObject json, String name) {
        return json.text(name).orElseThrow();
    }

    @Test
    void nothing_on_disk_can_be_guessed() {
        var rule = Desk.hold("hold", QuorumDraft.anyone().confirm("args.amount"));
        var request = Desk.request("call_1");
        var ticket = desk.held(request, Map.of(rule.id(), "75000"), rule);
        desk.approve("bob", ticket, Optional.of("75000"));

        String disk = desk.disk();
        assertTrue(disk.contains(ticket.id()));
        assertTrue(disk.contains(ticket.argumentsDigest().hex()));
        assertFalse(disk.contains("75000"));
        assertFalse(disk.contains(request.argumentsDigest().hex()));
        assertFalse(disk.contains(request.fingerprint().hex()));
        assertFalse(disk.contains(Sha256.of("75000".getBytes(java.nio.charset.StandardCharsets.UTF_8))
                .hex()));
    }

    @Test
    void equal_values_to_confirm_look_different_on_every_ticket_and_hold() {
        var one = Desk.hold("one", QuorumDraft.anyone().confirm("args.amount"));
        var two = Desk.hold("two", QuorumDraft.anyone().confirm("args.amount"));
        var first = desk.held(Desk.request("call_1"), Map.of(one.id(), "5", two.id(), "5"), one, two);
        var second = desk.held(Desk.request("call_2"), Map.of(one.id(), "5", two.id(), "5"), one, two);
        assertEquals(
                4,
                java.util.stream.Stream.of(first, second)
                        .flatMap(ticket -> ticket.holds().stream())
                        .map(hold -> hold.confirm().orElseThrow())
                        .distinct()
                        .count());
    }

    @Test
    void a_ticket_reads_back_as_it_was_written() {
        var rule = Desk.hold(
                "hold",
                QuorumDraft.of(2, "group:a", "bob").eachGroup().requesterToo().confirm("args.amount"));
        var ticket = desk.held(
                Desk.request("call_1"), Map.of(rule.id(), "1"), rule, Desk.hold("other", QuorumDraft.of(2, "bob")));
        desk.approve("bob", ticket, Optional.of("1"));
        var voted = desk.ticket(ticket);
        assertEquals(
                2, voted.holds().stream().filter(hold -> hold.hasVoteOf("bob")).count());
        assertEquals(voted, Ticket.of(voted.json()));
        desk.desk.deny(desk.operators.get("bob"), ticket.id(), "no");
        var denied = desk.ticket(ticket);
        assertEquals(denied, Ticket.of(denied.json()));
        assertEquals(rule.quorum(), Optional.of(denied.holds().getFirst().quorum()));
    }

    @Test
    void the_queue_is_listed_by_state_in_order_of_opening() {
        var first = desk.held("call_1", Desk.hold("hold", QuorumDraft.anyone()));
        var second = desk.held("call_2", Desk.hold("hold", QuorumDraft.anyone()));
        var third = desk.held("call_3", Desk.hold("hold", QuorumDraft.anyone()));
        desk.approve("bob", second);

        var pending = Optional.of(TicketState.PENDING);
        assertEquals(List.of(first, third), desk.desk.list(pending, "", 10));
        assertEquals(List.of(third), desk.desk.list(pending, first.id(), 10));
        assertEquals(List.of(first), desk.desk.list(pending, "", 1));
        assertEquals(List.of(desk.ticket(second)), desk.desk.list(Optional.of(TicketState.APPROVED), "", 10));
        assertEquals(3, desk.desk.list(Optional.empty(), "", 10).size());
    }

    @Test
    void a_cancelled_hold_never_runs() {
        var ticket = desk.held(QuorumDraft.anyone());

        var cancelled = desk.desk.cancel(ticket.id(), "client_left").orElseThrow();

        assertEquals(TicketState.CANCELLED, cancelled.state());
        assertEquals(desk.ticket(ticket), cancelled);
        assertEquals("client_left", cancelled.closing().orElseThrow().why());
        assertEquals(Status.CANCELLED, desk.call(ticket).status());
        assertEquals("client_left", desk.call(ticket).error());
        assertEquals(Optional.empty(), desk.repeat(ticket));
        assertEquals("cancelled", text(desk.entries("ticket_closed").getFirst(), "outcome"));
        assertEquals(new VoteResult.AlreadyClosed(cancelled), desk.approve("bob", ticket));
    }

    @Test
    void an_approval_that_is_not_used_can_be_cancelled() {
        var ticket = desk.held(QuorumDraft.anyone());
        desk.approve("bob", ticket);
        desk.desk.cancel(ticket.id(), "agent");
        assertEquals(TicketState.CANCELLED, desk.state(ticket));
        assertEquals(Status.CANCELLED, desk.call(ticket).status());
        assertEquals(List.of(), desk.desk.grants(desk.ticket(ticket), Desk.request("call_1")));
    }

    @Test
    void what_has_ended_is_not_cancelled() {
        var ticket = desk.held(QuorumDraft.anyone());
        desk.deny("bob", ticket);
        assertEquals(Optional.of(desk.ticket(ticket)), desk.desk.cancel(ticket.id(), "agent"));
        assertEquals(TicketState.DENIED, desk.state(ticket));
        assertEquals(Status.DENIED, desk.call(ticket).status());
    }

    @Test
    void the_end_of_a_session_cancels_what_it_holds_and_nothing_else() {
        var pending = desk.held("call_1", Desk.hold("hold", QuorumDraft.anyone()));
        var approved = desk.held("call_2", Desk.hold("hold", QuorumDraft.anyone()));
        desk.approve("bob", approved);

        desk.desk.cancelAll(new SessionId("ses_2"), "session_ended");
        assertEquals(TicketState.PENDING, desk.state(pending));

        desk.desk.cancelAll(Desk.SESSION, "session_ended");
        assertEquals(TicketState.CANCELLED, desk.state(pending));
        assertEquals(TicketState.CANCELLED, desk.state(approved));
        assertEquals(Status.CANCELLED, desk.call(pending).status());
    }

    @Test
    void a_call_that_moved_on_stays_where_it_is() throws Exception {
        var ticket = desk.held(QuorumDraft.anyone());
        var denied = desk.call(ticket).moved(Status.DENIED, "", "elsewhere");
        desk.journal.commit(new Draft().change(denied.put(1)));

        desk.desk.cancel(ticket.id(), "agent");
        assertEquals(TicketState.CANCELLED, desk.state(ticket));
        assertEquals(denied, desk.call(ticket));
        assertEquals(Repeat.State.HELD, desk.repeat(ticket).orElseThrow().state());
    }

    @Test
    void a_call_that_waits_for_a_later_ticket_stays_held() throws Exception {
        var ticket = desk.held(QuorumDraft.anyone());
        var draft = new Draft();
        var later = desk.desk.open(
                draft,
                Desk.request("call_1"),
                Desk.SESSION,
                new LinkedHashSet<>(List.of(Desk.hold("other", QuorumDraft.anyone()))),
                Map.of());
        draft.change(Desk.record(Desk.request("call_1"), later, Status.HELD).put(1));
        desk.journal.commit(draft);

        desk.desk.cancel(ticket.id(), "agent");
        assertEquals(Status.HELD, desk.call(ticket).status());
        desk.desk.cancel(later.id(), "agent");
        assertEquals(Status.CANCELLED, desk.call(ticket).status());
    }

    @Test
    void what_another_call_repeats_stays() throws Exception {
        var ticket = desk.held(QuorumDraft.anyone());
        var doubt = new Repeat(Repeat.State.IN_DOUBT, ticket.call(), Optional.empty());
        desk.journal.commit(new Draft().change(doubt.put(desk.call(ticket).repeat(), 1)));
        desk.deny("bob", ticket);
        assertEquals(Optional.of(doubt), desk.repeat(ticket));

        var second = desk.held("call_2", Desk.hold("hold", QuorumDraft.anyone()));
        var other = new Repeat(Repeat.State.HELD, new CallId("call_9"), Optional.of("apr_9"));
        desk.journal.commit(new Draft().change(other.put(desk.call(second).repeat(), 1)));
        desk.deny("bob", second);
        assertEquals(Optional.of(other), desk.repeat(second));
    }

    @Test
    void a_ticket_without_its_call_or_repeat_still_ends() throws Exception {
        var ticket = desk.held(QuorumDraft.anyone());
        desk.journal.commit(new Draft()
                .change(new dev.guardrail.journal.Change.Remove(
                        Kind.REPEAT, Repeat.key(desk.call(ticket).repeat()), 1)));
        desk.deny("bob", ticket);
        assertEquals(Status.DENIED, desk.call(ticket).status());

        var second = desk.held("call_2", Desk.hold("hold", QuorumDraft.anyone()));
        desk.journal.commit(new Draft().change(new dev.guardrail.journal.Change.Remove(Kind.CALL, "call_2", 1)));
        assertInstanceOf(VoteResult.Closed.class, desk.deny("bob", second));
        assertEquals(TicketState.DENIED, desk.state(second));
    }

    @Test
    void a_vote_that_was_cast_counts_no_longer_once_the_voter_is_removed() {
        var ticket = desk.held(QuorumDraft.of(2, "role:approver"));
        desk.approve("bob", ticket);
        desk.operators.remove("bob");

        var counted = assertInstanceOf(VoteResult.Counted.class, desk.approve("carol", ticket));
        assertEquals(Set.of("carol"), counted.ticket().approvers());
        assertInstanceOf(VoteResult.Closed.class, desk.approve("dave", ticket));
    }

    @Test
    void a_vote_that_was_cast_counts_no_longer_once_the_voter_lost_the_role() {
        var ticket = desk.held(QuorumDraft.of(2, "role:approver"));
        desk.approve("bob", ticket);
        desk.hire("bob", Set.of("auditor"), Set.of());
        assertInstanceOf(VoteResult.Counted.class, desk.approve("carol", ticket));
        desk.hire("bob", Set.of("approver"), Set.of());
        assertInstanceOf(VoteResult.Closed.class, desk.approve("bob", ticket));
    }

    @Test
    void a_hold_names_its_rule_as_it_was() {
        var rule = Desk.hold("hold", QuorumDraft.anyone());
        var hold = desk.held("call_1", rule).holds().getFirst();
        assertEquals(new RuleId("hold"), hold.rule());
        assertEquals(rule.digest(), hold.digest());
    }
}
