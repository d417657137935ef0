package dev.guardrail.approval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.journal.Draft;
import dev.guardrail.journal.Status;
import dev.guardrail.journal.StoreConflict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Everybody at once: the journal settles who was first, and only one outcome is ever there.
@Timeout(60)
class ApprovalRaceSpec {
    private final Desk desk = new Desk();

    /// Runs all of them as nearly at once as can be.
    private static <T> List<T> atOnce(List<Callable<T>> parties) throws Exception {
        var go = new CountDownLatch(1);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<T>> running = new ArrayList<>();
            for (Callable<T> party : parties)
                running.add(threads.submit(() -> {
                    go.await();
                    return party.call();
                }));
            go.countDown();
            List<T> outcomes = new ArrayList<>();
            for (Future<T> one : running) outcomes.add(one.get());
            return outcomes;
        }
    }

    @Test
    void of_200_executors_on_one_approval_exactly_one_commits() throws Exception {
        var ticket = desk.held(QuorumDraft.anyone());
        desk.approve("bob", ticket);
        Callable<Boolean> executor = () -> {
            var draft = new Draft();
            try {
                desk.desk.consume(draft, ticket.id());
                desk.journal.commit(draft);
                return true;
            } catch (StoreConflict raced) {
                return false;
            }
        };
        var outcomes = atOnce(IntStream.range(0, 200).mapToObj(i -> executor).toList());
        assertEquals(1, outcomes.stream().filter(won -> won).count());
        assertEquals(TicketState.USED, desk.state(ticket));
    }

    @RepeatedTest(50)
    void of_two_voters_at_once_both_count_and_one_closes() throws Exception {
        var ticket = desk.held(QuorumDraft.of(2, "role:approver"));
        var outcomes = atOnce(
                List.<Callable<VoteResult>>of(() -> desk.approve("bob", ticket), () -> desk.approve("carol", ticket)));
        assertEquals(
                1,
                outcomes.stream().filter(VoteResult.Counted.class::isInstance).count());
        assertEquals(
                1, outcomes.stream().filter(VoteResult.Closed.class::isInstance).count());
        assertEquals(Set.of("bob", "carol"), desk.ticket(ticket).approvers());
        assertEquals(2, desk.entries("voted").size());
        assertEquals(1, desk.entries("ticket_closed").size());
    }

    @Test
    void a_hundred_voters_at_once_all_count() throws Exception {
        List<Callable<VoteResult>> voters = new ArrayList<>();
        var ticket = desk.held(QuorumDraft.of(101, "role:approver"));
        for (int voter = 0; voter < 100; voter++) {
            String name = "voter-" + voter;
            desk.hire(name, Set.of("approver"), Set.of());
            voters.add(() -> desk.approve(name, ticket));
        }
        for (VoteResult outcome : atOnce(voters)) assertInstanceOf(VoteResult.Counted.class, outcome);
        assertEquals(100, desk.ticket(ticket).given());
        assertEquals(100, desk.entries("voted").size());
    }

    @RepeatedTest(50)
    void one_person_at_two_screens_counts_once() throws Exception {
        var ticket = desk.held(QuorumDraft.of(2, "role:approver"));
        var outcomes = atOnce(
                List.<Callable<VoteResult>>of(() -> desk.approve("bob", ticket), () -> desk.approve("bob", ticket)));
        for (VoteResult outcome : outcomes) assertInstanceOf(VoteResult.Counted.class, outcome);
        assertEquals(1, desk.ticket(ticket).given());
        assertEquals(1, desk.entries("voted").size());
    }

    @RepeatedTest(50)
    void of_approval_and_denial_at_once_one_wins() throws Exception {
        var ticket = desk.held(QuorumDraft.anyone());
        var outcomes = atOnce(
                List.<Callable<VoteResult>>of(() -> desk.approve("bob", ticket), () -> desk.deny("carol", ticket)));
        assertEquals(
                1, outcomes.stream().filter(VoteResult.Closed.class::isInstance).count());
        assertEquals(
                1,
                outcomes.stream()
                        .filter(VoteResult.AlreadyClosed.class::isInstance)
                        .count());
        assertEquals(1, desk.entries("ticket_closed").size());
        boolean approved = outcomes.getFirst() instanceof VoteResult.Closed;
        assertEquals(approved ? TicketState.APPROVED : TicketState.DENIED, desk.state(ticket));
        assertEquals(approved ? Status.HELD : Status.DENIED, desk.call(ticket).status());
    }

    @RepeatedTest(50)
    void a_vote_after_time_never_counts_whoever_notices_first() throws Exception {
        var ticket = desk.held(QuorumDraft.anyone());
        desk.pass(Duration.ofHours(1));
        atOnce(List.<Callable<Object>>of(() -> desk.approve("bob", ticket), () -> desk.desk.expireDue()));
        assertEquals(TicketState.EXPIRED, desk.state(ticket));
        assertEquals(Status.EXPIRED, desk.call(ticket).status());
        assertEquals(List.of(), desk.entries("voted"));
        assertEquals(1, desk.entries("ticket_closed").size());
    }

    @RepeatedTest(50)
    void of_use_and_lapse_at_once_one_wins() throws Exception {
        var ticket = desk.held(QuorumDraft.anyone());
        desk.approve("bob", ticket);
        var draft = new Draft();
        desk.desk.consume(draft, ticket.id());
        desk.pass(Duration.ofMinutes(10));
        var outcomes = atOnce(List.<Callable<Boolean>>of(
                () -> {
                    try {
                        desk.journal.commit(draft);
                        return true;
                    } catch (StoreConflict raced) {
                        return false;
                    }
                },
                () -> desk.desk.expireDue() == 1));
        assertTrue(outcomes.get(0) ^ outcomes.get(1), outcomes.toString());
        assertEquals(outcomes.get(0) ? TicketState.USED : TicketState.EXPIRED, desk.state(ticket));
    }

    @RepeatedTest(50)
    void of_vote_and_cancellation_at_once_the_call_never_stays_runnable_by_mistake() throws Exception {
        var ticket = desk.held(QuorumDraft.anyone());
        atOnce(List.<Callable<Object>>of(
                () -> desk.approve("bob", ticket), () -> desk.desk.cancel(ticket.id(), "client_left")));
        assertEquals(TicketState.CANCELLED, desk.state(ticket));
        assertEquals(Status.CANCELLED, desk.call(ticket).status());
        assertEquals(List.of(), desk.desk.grants(desk.ticket(ticket), Desk.request("call_1")));
    }

    @RepeatedTest(20)
    void two_processes_on_one_store_give_one_outcome() throws Exception {
        var ticket = desk.held(QuorumDraft.of(2, "role:approver"));
        var elsewhere = new ApprovalDesk(desk.journal, prefix -> prefix, desk.operators::values);
        var digest = Desk.request("call_1").argumentsDigest();
        atOnce(List.<Callable<VoteResult>>of(
                () -> desk.approve("bob", ticket),
                () -> elsewhere.approve(desk.operators.get("carol"), ticket.id(), digest, "", Optional.empty())));
        assertEquals(TicketState.APPROVED, desk.state(ticket));
        Callable<Boolean> here = () -> used(desk.desk, ticket);
        Callable<Boolean> there = () -> used(elsewhere, ticket);
        assertEquals(
                1,
                atOnce(List.of(here, there, here, there)).stream()
                        .filter(won -> won)
                        .count());
    }

    private boolean used(ApprovalDesk some, Ticket ticket) {
        var draft = new Draft();
        try {
            some.consume(draft, ticket.id());
            desk.journal.commit(draft);
            return true;
        } catch (StoreConflict raced) {
            return false;
        }
    }
}
