package dev.guardrail.approval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.journal.Draft;
import dev.guardrail.journal.JournalUnavailable;
import dev.guardrail.journal.Kind;
import dev.guardrail.journal.Status;
import dev.guardrail.testing.Calls;
import dev.guardrail.testing.MemoryStore;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Expiry is denial, always: within a boot by monotonic time, across boots by the wall clock where it can be trusted.
class ExpirySpec {
    private final Desk desk = new Desk();

    @Test
    void voting_that_nobody_finished_in_time_ends_in_denial() {
        var ticket = desk.held(QuorumDraft.of(2, "role:approver"));
        desk.approve("bob", ticket);

        desk.pass(Duration.ofHours(1).minusNanos(1));
        assertEquals(0, desk.desk.expireDue());
        assertEquals(TicketState.PENDING, desk.state(ticket));

        desk.pass(Duration.ofNanos(1));
        assertEquals(1, desk.desk.expireDue());
        var expired = desk.ticket(ticket);
        assertEquals(TicketState.EXPIRED, expired.state());
        assertEquals("expired", expired.closing().orElseThrow().why());
        assertEquals(Status.EXPIRED, desk.call(ticket).status());
        assertEquals("expired", desk.call(ticket).cause());
        assertEquals("deny", desk.call(ticket).effect());
        assertEquals(Optional.empty(), desk.repeat(ticket), "an identical call may ask again");
        assertEquals(
                "expired",
                desk.entries("ticket_closed").getFirst().text("outcome").orElseThrow());
        assertEquals(0, desk.desk.expireDue());
    }

    @Test
    void a_vote_after_the_deadline_does_not_count_though_nobody_noticed_it_yet() {
        for (boolean approve : List.of(true, false)) {
            var ticket = desk.held("call_" + approve, Desk.hold("hold", QuorumDraft.anyone()));
            desk.pass(Duration.ofHours(1));
            var late = assertInstanceOf(
                    VoteResult.AlreadyClosed.class, approve ? desk.approve("bob", ticket) : desk.deny("bob", ticket));
            assertEquals(TicketState.EXPIRED, late.ticket().state());
            assertEquals(late.ticket(), desk.ticket(ticket));
        }
        assertEquals(List.of(), desk.entries("voted"));
    }

    @Test
    void a_vote_just_before_the_deadline_counts() {
        var ticket = desk.held(QuorumDraft.anyone());
        desk.pass(Duration.ofHours(1).minusNanos(1));
        assertInstanceOf(VoteResult.Closed.class, desk.approve("bob", ticket));
        desk.pass(Duration.ofNanos(1));
        assertEquals(0, desk.desk.expireDue());
        assertEquals(TicketState.APPROVED, desk.state(ticket));
    }

    @Test
    void an_approval_that_nobody_used_lapses() {
        var ticket = desk.held(QuorumDraft.anyone());
        desk.approve("bob", ticket);
        desk.pass(Duration.ofMinutes(10).minusNanos(1));
        assertEquals(0, desk.desk.expireDue());
        desk.pass(Duration.ofNanos(1));
        assertEquals(1, desk.desk.expireDue());
        assertEquals(TicketState.EXPIRED, desk.state(ticket));
        assertEquals("unused", desk.ticket(ticket).closing().orElseThrow().why());
        assertEquals(Status.EXPIRED, desk.call(ticket).status());
        assertEquals(
                List.of("approved", "expired"),
                desk.entries("ticket_closed").stream()
                        .map(entry -> entry.text("outcome").orElseThrow())
                        .toList());
    }

    @Test
    void a_wall_clock_that_jumps_changes_no_deadline_of_this_boot() {
        var ticket = desk.held(QuorumDraft.anyone());
        desk.now = Calls.NOON.plus(Duration.ofDays(30));
        assertEquals(0, desk.desk.expireDue());
        desk.now = Calls.NOON.minus(Duration.ofDays(30));
        assertEquals(0, desk.desk.expireDue());
        assertInstanceOf(VoteResult.Closed.class, desk.approve("bob", ticket));

        var other = desk.held("call_2", Desk.hold("hold", QuorumDraft.anyone()));
        desk.nanos += Duration.ofHours(1).toNanos();
        assertTrue(desk.desk.expireDue() > 0);
        assertEquals(TicketState.EXPIRED, desk.state(other));
    }

    @Test
    void a_deadline_survives_a_restart() {
        var pending = desk.held("call_1", Desk.hold("hold", QuorumDraft.anyone()));
        var approved = desk.held("call_2", Desk.hold("hold", QuorumDraft.anyone()));
        desk.pass(Duration.ofMinutes(54));
        desk.approve("bob", approved);
        desk.reboot();

        desk.now = desk.now.plusSeconds(240);
        assertEquals(2, desk.desk.rearm());
        desk.pass(Duration.ofMinutes(2).minusNanos(1));
        assertEquals(0, desk.desk.expireDue());
        assertEquals(
                1,
                desk.desk.grants(desk.ticket(approved), Desk.request("call_2")).size());
        desk.pass(Duration.ofNanos(1));
        assertEquals(1, desk.desk.expireDue());
        assertEquals(TicketState.EXPIRED, desk.state(pending));
        desk.pass(Duration.ofMinutes(4));
        assertEquals(1, desk.desk.expireDue());
        assertEquals(TicketState.EXPIRED, desk.state(approved));
    }

    @Test
    void what_ran_out_while_the_process_was_down_ends_at_the_start() {
        var pending = desk.held("call_1", Desk.hold("hold", QuorumDraft.anyone()));
        var approved = desk.held("call_2", Desk.hold("hold", QuorumDraft.anyone()));
        desk.approve("bob", approved);
        desk.reboot();
        desk.now = Calls.NOON.plus(Duration.ofHours(1));

        assertEquals(0, desk.desk.rearm());
        assertEquals(TicketState.EXPIRED, desk.state(pending));
        assertEquals(TicketState.EXPIRED, desk.state(approved));
    }

    @Test
    void after_a_restart_a_ticket_counts_even_before_it_is_armed_again() {
        var ticket = desk.held(QuorumDraft.anyone());
        desk.reboot();
        assertInstanceOf(VoteResult.Closed.class, desk.approve("bob", ticket));
        assertEquals(
                1, desk.desk.grants(desk.ticket(ticket), Desk.request("call_1")).size());

        var late = desk.held("call_2", Desk.hold("hold", QuorumDraft.anyone()));
        desk.reboot();
        desk.now = desk.now.plus(Duration.ofHours(1));
        assertInstanceOf(VoteResult.AlreadyClosed.class, desk.approve("bob", late));
        assertEquals(TicketState.EXPIRED, desk.state(late));
    }

    @Test
    void a_clock_set_back_over_a_restart_ends_everything_that_was_open() {
        var pending = desk.held("call_1", Desk.hold("hold", QuorumDraft.anyone()));
        var approved = desk.held("call_2", Desk.hold("hold", QuorumDraft.anyone()));
        desk.approve("bob", approved);
        desk.reboot();
        desk.now = Calls.NOON.minusMillis(1);

        assertEquals(0, desk.desk.rearm());
        assertEquals(TicketState.EXPIRED, desk.state(pending));
        assertEquals(TicketState.EXPIRED, desk.state(approved));
        assertEquals(Status.EXPIRED, desk.call(approved).status());
    }

    @Test
    void a_clock_that_stands_where_it_stood_ends_nothing() {
        var approved = desk.held(QuorumDraft.anyone());
        desk.approve("bob", approved);
        desk.reboot();
        assertEquals(1, desk.desk.rearm());
        assertEquals(TicketState.APPROVED, desk.state(approved));
    }

    @Test
    void more_tickets_than_a_page_are_armed_again() {
        var rule = Desk.hold("hold", QuorumDraft.anyone());
        for (int call = 0; call < 1_001; call++) desk.held("call_" + call, rule);
        desk.reboot();
        assertEquals(1_001, desk.desk.rearm());
        desk.pass(Duration.ofHours(1));
        assertEquals(1_001, desk.desk.expireDue());
    }

    @Test
    void more_tickets_than_a_page_end_with_their_session() {
        var rule = Desk.hold("hold", QuorumDraft.anyone());
        for (int call = 0; call < 1_001; call++) desk.held("call_" + call, rule);
        desk.desk.cancelAll(Desk.SESSION, "session_ended");
        assertEquals(List.of(), desk.desk.list(Optional.of(TicketState.PENDING), "", 10));
    }

    @Test
    void a_deadline_that_cannot_be_written_stays_due_and_grants_nothing() {
        var approved = desk.held("call_1", Desk.hold("hold", QuorumDraft.anyone()));
        desk.approve("bob", approved);
        desk.pass(Duration.ofMinutes(10));
        desk.store.breakDown(MemoryStore.Fault.REFUSED);

        assertThrows(JournalUnavailable.class, desk.desk::expireDue);
        assertEquals(List.of(), desk.desk.grants(desk.ticket(approved), Desk.request("call_1")));
        desk.store.mend();
        assertEquals(1, desk.desk.expireDue());
        assertEquals(TicketState.EXPIRED, desk.state(approved));
    }

    @Test
    void one_ticket_that_cannot_be_read_does_not_keep_others_open() throws Exception {
        var broken = desk.held("call_1", Desk.hold("hold", QuorumDraft.anyone()));
        var other = desk.held("call_2", Desk.hold("hold", QuorumDraft.anyone()));
        desk.journal.commit(new Draft()
                .change(new dev.guardrail.journal.Change.Put(
                        Kind.TICKET,
                        broken.id(),
                        1,
                        broken.tags(),
                        broken.json().without("agent"))));
        desk.pass(Duration.ofHours(1));
        assertThrows(java.util.NoSuchElementException.class, desk.desk::expireDue);
        assertEquals(TicketState.EXPIRED, desk.state(other));
    }

    @Test
    void a_ticket_that_another_process_ended_is_let_go() throws Exception {
        var ticket = desk.held(QuorumDraft.anyone());
        var elsewhere = new ApprovalDesk(desk.journal, prefix -> prefix, desk.operators::values);
        elsewhere.deny(desk.operators.get("bob"), ticket.id(), "");
        desk.pass(Duration.ofHours(1));
        assertEquals(0, desk.desk.expireDue());
        assertEquals(TicketState.DENIED, desk.state(ticket));
        assertEquals(0, desk.desk.rearm());
    }

    @Test
    void a_ticket_that_another_process_approved_keeps_that_approvals_life() {
        var ticket = desk.held(QuorumDraft.anyone().expiresAfter(Duration.ofMinutes(5)));
        desk.pass(Duration.ofMinutes(4));
        var elsewhere = new ApprovalDesk(desk.journal, prefix -> prefix, desk.operators::values);
        elsewhere.approve(
                desk.operators.get("bob"), ticket.id(), Desk.request("call_1").argumentsDigest(), "", Optional.empty());

        desk.pass(Duration.ofMinutes(1));
        assertEquals(0, desk.desk.expireDue());
        assertEquals(
                1, desk.desk.grants(desk.ticket(ticket), Desk.request("call_1")).size());
        desk.pass(Duration.ofMinutes(9));
        assertEquals(1, desk.desk.expireDue());
        assertEquals(TicketState.EXPIRED, desk.state(ticket));
    }

    @Test
    void a_life_without_end_ends_after_a_hundred_years_at_most() {
        var ticket = desk.held(QuorumDraft.anyone().expiresAfter(Duration.ofDays(365_000)));
        assertInstanceOf(VoteResult.Closed.class, desk.approve("bob", ticket));
        var waiting =
                desk.held("call_2", Desk.hold("hold", QuorumDraft.anyone().expiresAfter(Duration.ofDays(365_000))));
        desk.nanos += Duration.ofDays(36_500).toNanos();
        desk.desk.expireDue();
        assertEquals(TicketState.EXPIRED, desk.state(waiting));
    }

    @Test
    void deadlines_keep_their_order_where_monotonic_time_wraps() {
        desk.nanos = Long.MAX_VALUE - Duration.ofMinutes(30).toNanos();
        var later = desk.held("call_1", Desk.hold("hold", QuorumDraft.anyone()));
        var sooner = desk.held("call_2", Desk.hold("hold", QuorumDraft.anyone().expiresAfter(Duration.ofMinutes(1))));
        desk.pass(Duration.ofMinutes(1));
        assertEquals(1, desk.desk.expireDue());
        assertEquals(TicketState.EXPIRED, desk.state(sooner));
        desk.pass(Duration.ofMinutes(59));
        assertEquals(1, desk.desk.expireDue());
        assertEquals(TicketState.EXPIRED, desk.state(later));
    }

    @Test
    void a_draft_that_is_not_committed_arms_nothing() throws Exception {
        var draft = new Draft();
        desk.desk.open(
                draft,
                Desk.request("call_1"),
                Desk.SESSION,
                new LinkedHashSet<>(List.of(Desk.hold("hold", QuorumDraft.anyone()))),
                Map.of());
        assertEquals(0, desk.desk.rearm());
        desk.journal.commit(draft);
        assertEquals(1, desk.desk.rearm());
    }
}
