package dev.guardrail.approval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.policy.Quorum;
import dev.guardrail.policy.Rule;
import dev.guardrail.testing.RuleDraft;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// What people do with a ticket beside voting: call others in, hand their vote on, ask.
class DealingsSpec {
    private static final Duration SOON = Duration.ofMinutes(10);

    private final Desk desk = new Desk();

    private static Quorum quorum(int required, List<String> approvers, List<Quorum.Escalation> escalate) {
        return new Quorum(
                approvers,
                required,
                false,
                true,
                Duration.ofHours(1),
                Duration.ofMinutes(10),
                Optional.empty(),
                Optional.empty(),
                escalate,
                List.of("ops"));
    }

    private static Rule escalating() {
        return RuleDraft.hold("hold")
                .on("*.*")
                .quorum(quorum(1, List.of("bob"), List.of(new Quorum.Escalation(SOON, List.of("group:leads")))))
                .rule();
    }

    private Ticket waiting() {
        desk.hire("lea", Set.of("approver"), Set.of("leads"));
        return desk.held("call_1", escalating());
    }

    @Test
    void people_who_are_called_in_later_have_no_vote_before_and_one_after() {
        var ticket = waiting();
        desk.pass(SOON.minusMillis(1));
        desk.desk.passMilestones();
        assertInstanceOf(VoteResult.NotEligible.class, desk.approve("lea", ticket));

        desk.pass(Duration.ofMillis(1));
        assertEquals(1, desk.desk.passMilestones());
        assertEquals(List.of("bob", "lea"), desk.desk.eligible(desk.ticket(ticket)));
        assertInstanceOf(VoteResult.Closed.class, desk.approve("lea", ticket));
        assertEquals(TicketState.APPROVED, desk.state(ticket));
        assertEquals(
                "escalated",
                desk.entries("ticket_changed").getFirst().text("change").orElseThrow());
    }

    @Test
    void who_is_called_in_is_journaled_whatever_the_order_of_the_holds() {
        for (String ids : List.of("ab", "ba")) {
            var life = new Desk();
            life.hire("lea", Set.of("approver"), Set.of("leads"));
            var escalates = RuleDraft.hold(ids.substring(0, 1))
                    .on("*.*")
                    .quorum(quorum(1, List.of("bob"), List.of(new Quorum.Escalation(SOON, List.of("group:leads")))))
                    .rule();
            var theirs = Desk.hold(ids.substring(1), QuorumDraft.of(1, "group:leads"));
            if (ids.equals("ab")) life.held("call_1", escalates, theirs);
            else life.held("call_1", theirs, escalates);
            life.pass(SOON);
            life.desk.passMilestones();
            assertEquals(
                    List.of("group:leads"),
                    life.entries("ticket_changed")
                            .getFirst()
                            .array("to")
                            .orElseThrow()
                            .texts(),
                    ids);
        }
    }

    @Test
    void calling_people_in_survives_a_restart_and_is_made_up_for_where_it_came_due_meanwhile() {
        var ticket = waiting();
        desk.pass(SOON);
        desk.reboot();
        desk.desk.rearm();
        assertEquals(1, desk.desk.passMilestones());
        assertInstanceOf(VoteResult.Closed.class, desk.approve("lea", ticket));
    }

    @Test
    void an_approver_calls_them_in_before_their_time_and_nobody_beyond_them() {
        var ticket = waiting();
        assertInstanceOf(
                VoteResult.NotEligible.class, desk.desk.escalate(desk.operators.get("carol"), ticket.id(), ""));
        assertInstanceOf(
                VoteResult.Changed.class, desk.desk.escalate(desk.operators.get("bob"), ticket.id(), "on leave"));
        assertInstanceOf(VoteResult.NotPossible.class, desk.desk.escalate(desk.operators.get("bob"), ticket.id(), ""));
        assertInstanceOf(VoteResult.Closed.class, desk.approve("lea", ticket));
    }

    @Test
    void escalation_gives_no_more_time() {
        var ticket = waiting();
        desk.pass(Duration.ofHours(1));
        desk.desk.passMilestones();
        desk.desk.expireDue();
        assertEquals(TicketState.EXPIRED, desk.state(ticket));
    }

    @Test
    void a_vote_that_is_handed_on_is_the_others_and_no_longer_ones_own() {
        var ticket = desk.held(QuorumDraft.of(1, "bob"));
        assertInstanceOf(VoteResult.NotEligible.class, desk.approve("carol", ticket));
        assertInstanceOf(
                VoteResult.Changed.class, desk.desk.delegate(desk.operators.get("bob"), ticket.id(), "carol", ""));
        assertInstanceOf(VoteResult.NotEligible.class, desk.approve("bob", ticket));
        assertInstanceOf(
                VoteResult.NotPossible.class, desk.desk.delegate(desk.operators.get("carol"), ticket.id(), "dave", ""));
        assertInstanceOf(VoteResult.Closed.class, desk.approve("carol", ticket));
    }

    @Test
    void whoever_holds_two_votes_is_still_one_person() {
        var ticket = desk.held(QuorumDraft.of(2, "role:approver"));
        desk.desk.delegate(desk.operators.get("bob"), ticket.id(), "carol", "");
        assertInstanceOf(VoteResult.Counted.class, desk.approve("carol", ticket));
        assertInstanceOf(VoteResult.Counted.class, desk.approve("carol", ticket));
        assertEquals(TicketState.PENDING, desk.state(ticket));
        assertInstanceOf(VoteResult.Closed.class, desk.approve("dave", ticket));
    }

    @Test
    void a_vote_is_handed_neither_to_the_requester_nor_to_a_stranger_nor_after_it_was_cast() {
        desk.hire("ANN", Set.of("approver"), Set.of());
        desk.hire("sam", Set.of("auditor"), Set.of());
        var ticket = desk.held(QuorumDraft.of(2, "role:approver"));
        for (String to : List.of("ANN", "sam", "nobody", "bob"))
            assertInstanceOf(
                    VoteResult.NotPossible.class,
                    desk.desk.delegate(desk.operators.get("bob"), ticket.id(), to, ""),
                    to);
        desk.approve("bob", ticket);
        assertInstanceOf(
                VoteResult.NotPossible.class, desk.desk.delegate(desk.operators.get("bob"), ticket.id(), "carol", ""));
        assertInstanceOf(
                VoteResult.Changed.class, desk.desk.delegate(desk.operators.get("carol"), ticket.id(), "dave", ""));
    }

    @Test
    void a_handed_vote_falls_with_whoever_handed_it_on() {
        var ticket = desk.held(QuorumDraft.of(1, "bob"));
        desk.desk.delegate(desk.operators.get("bob"), ticket.id(), "carol", "");
        desk.operators.remove("bob");
        assertInstanceOf(VoteResult.NotEligible.class, desk.approve("carol", ticket));
    }

    @Test
    void a_question_is_answered_and_both_are_kept_and_journaled_without_their_words() {
        var ticket = desk.held(QuorumDraft.anyone());
        assertInstanceOf(VoteResult.NotPossible.class, desk.desk.answer("agent:coder", ticket.id(), "unasked"));
        assertInstanceOf(
                VoteResult.Changed.class,
                desk.desk.ask(desk.operators.get("bob"), ticket.id(), "which invoice is this for?"));
        assertInstanceOf(VoteResult.Changed.class, desk.desk.answer("agent:coder", ticket.id(), "number 77123"));

        var said = desk.ticket(ticket).dialogue();
        assertEquals(
                List.of("which invoice is this for?", "number 77123"),
                said.stream().map(each -> desk.desk.words(each).orElseThrow()).toList());
        assertEquals(2, desk.entries("ticket_changed").size());
        assertTrue(!desk.disk().contains("77123"), "words lie in bodies alone");
        assertInstanceOf(VoteResult.Closed.class, desk.approve("bob", ticket));
        assertInstanceOf(VoteResult.AlreadyClosed.class, desk.desk.answer("agent:coder", ticket.id(), "late"));
    }

    @Test
    void people_are_reminded_once_when_half_of_the_time_is_over() throws InterruptedException {
        BlockingQueue<DeskEvent> events = new LinkedBlockingQueue<>();
        desk.desk.listen(events::add);
        var ticket = desk.held(QuorumDraft.anyone());
        assertInstanceOf(DeskEvent.Opened.class, events.poll(10, TimeUnit.SECONDS));

        desk.pass(Duration.ofMinutes(30));
        desk.desk.passMilestones();
        assertInstanceOf(DeskEvent.Reminded.class, events.poll(10, TimeUnit.SECONDS));
        desk.pass(Duration.ofMinutes(10));
        desk.desk.passMilestones();
        desk.approve("bob", ticket);
        assertInstanceOf(DeskEvent.Closed.class, events.poll(10, TimeUnit.SECONDS), "and not again");
    }

    @Test
    void an_agents_share_of_the_queue_is_bounded_and_people_are_told_once() throws Exception {
        BlockingQueue<DeskEvent> events = new LinkedBlockingQueue<>();
        desk.desk.listen(events::add);
        var rules = List.of(escalating());
        for (int i = 0; i < ApprovalDesk.SHARE; i++)
            desk.desk.enter("coder", rules).orElseThrow().take();

        for (int i = 0; i < 10_000; i++)
            assertTrue(desk.desk.enter("coder", rules).isEmpty(), "denied beyond the share");
        try (var place = desk.desk.enter("other", rules).orElseThrow()) {
            assertEquals(1, desk.desk.waiting("other"), "another agent has a share of its own");
        }
        assertEquals(0, desk.desk.waiting("other"), "a place that was not taken is given back");
        assertEquals(
                new DeskEvent.Flooded("coder", ApprovalDesk.SHARE, Set.of("ops")), events.poll(10, TimeUnit.SECONDS));
        assertTrue(events.isEmpty(), "one notice");
    }
}
