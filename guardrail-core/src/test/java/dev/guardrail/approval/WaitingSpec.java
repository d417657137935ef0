package dev.guardrail.approval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.Deadlines;
import dev.guardrail.journal.AesSeal;
import dev.guardrail.journal.Journal;
import dev.guardrail.testing.MemoryStore;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Those who wait are woken, and those who want to know are told; the deadlines' own thread.
@Timeout(20)
class WaitingSpec {
    private static final Duration LONG = Duration.ofMinutes(10);

    private final Desk desk = new Desk();
    private final CompletableFuture<String> left = new CompletableFuture<>();

    @Test
    void whoever_waits_is_woken_by_the_last_vote() throws Exception {
        var ticket = desk.held(QuorumDraft.of(2, "role:approver"));
        var waiting = waiting(ticket);
        desk.approve("bob", ticket);
        assertFalse(waiting.isDone());
        desk.approve("carol", ticket);
        assertEquals(TicketState.APPROVED, waiting.get().state());
    }

    @Test
    void whoever_waits_is_woken_by_every_other_end() throws Exception {
        var denied = desk.held("call_1", Desk.hold("hold", QuorumDraft.anyone()));
        var cancelled = desk.held("call_2", Desk.hold("hold", QuorumDraft.anyone()));
        var expired = desk.held("call_3", Desk.hold("hold", QuorumDraft.anyone()));
        var waiting = List.of(waiting(denied), waiting(cancelled), waiting(expired));
        desk.deny("bob", denied);
        desk.desk.cancel(cancelled.id(), "agent");
        desk.pass(Duration.ofHours(1));
        desk.desk.expireDue();
        assertEquals(TicketState.DENIED, waiting.get(0).get().state());
        assertEquals(TicketState.CANCELLED, waiting.get(1).get().state());
        assertEquals(TicketState.EXPIRED, waiting.get(2).get().state());
    }

    @Test
    void all_who_wait_for_one_ticket_are_woken() throws Exception {
        var ticket = desk.held(QuorumDraft.anyone());
        var one = waiting(ticket);
        var other = waiting(ticket);
        desk.approve("bob", ticket);
        assertEquals(TicketState.APPROVED, one.get().state());
        assertEquals(TicketState.APPROVED, other.get().state());
    }

    /// Somebody who is parked for certain when this returns.
    private CompletableFuture<Ticket> waiting(Ticket ticket) throws InterruptedException {
        var outcome = new CompletableFuture<Ticket>();
        var thread = Thread.ofPlatform().daemon().start(() -> {
            try {
                outcome.complete(desk.desk.await(ticket.id(), LONG, left));
            } catch (Throwable fault) {
                outcome.completeExceptionally(fault);
            }
        });
        while (thread.getState() != Thread.State.TIMED_WAITING && !outcome.isDone()) Thread.onSpinWait();
        return outcome;
    }

    @Test
    void what_has_ended_is_not_waited_for() {
        var ticket = desk.held(QuorumDraft.anyone());
        desk.approve("bob", ticket);
        assertEquals(
                TicketState.APPROVED, desk.desk.await(ticket.id(), LONG, left).state());
    }

    @Test
    void a_wait_is_over_when_its_time_is() {
        var ticket = desk.held(QuorumDraft.anyone());
        assertEquals(ticket, desk.desk.await(ticket.id(), Duration.ofMillis(1), left));
        assertEquals(ticket, desk.desk.await(ticket.id(), Duration.ofMillis(-1), left));
        assertEquals(0, left.getNumberOfDependents());
    }

    @Test
    void a_wait_is_over_when_the_waiting_party_left() throws Exception {
        var ticket = desk.held(QuorumDraft.anyone());
        var waiting = waiting(ticket);
        left.complete("closed the window");
        assertEquals(ticket, waiting.get());
        assertEquals(ticket, desk.desk.await(ticket.id(), LONG, left));
        assertEquals(ticket, desk.desk.await(ticket.id(), LONG, CompletableFuture.failedFuture(new Exception("cut"))));
    }

    @Test
    void a_wait_is_over_when_its_thread_is_interrupted() {
        var ticket = desk.held(QuorumDraft.anyone());
        Thread.currentThread().interrupt();
        assertEquals(ticket, desk.desk.await(ticket.id(), LONG, left));
        assertTrue(Thread.interrupted());
    }

    @Test
    void a_wait_is_over_when_the_desk_closes_and_the_ticket_stays() throws Exception {
        var ticket = desk.held(QuorumDraft.anyone());
        var waiting = waiting(ticket);
        desk.desk.close();
        assertEquals(ticket, waiting.get());
        assertEquals(TicketState.PENDING, desk.state(ticket));
    }

    @Test
    void nobody_waits_for_a_ticket_that_is_not_there() {
        assertThrows(NoSuchElementException.class, () -> desk.desk.await("apr_none", LONG, left));
    }

    @Test
    void nothing_is_kept_of_those_who_no_longer_wait() throws Exception {
        var waiters = new Waiters();
        waiters.park("apr_1", () -> true, LONG, left);
        waiters.park("apr_2", () -> false, Duration.ZERO, left);
        assertEquals(0, waiters.size());
        assertThrows(
                IllegalStateException.class,
                () -> waiters.park(
                        "apr_3",
                        () -> {
                            assertEquals(1, waiters.size());
                            throw new IllegalStateException("unreadable");
                        },
                        LONG,
                        left));
        assertEquals(0, waiters.size());
        assertEquals(0, left.getNumberOfDependents());
    }

    @Test
    void whoever_ends_it_between_the_look_and_the_wait_wakes_the_waiter() {
        var waiters = new Waiters();
        waiters.park(
                "apr_1",
                () -> {
                    waiters.wake("apr_1");
                    return false;
                },
                LONG,
                left);
        assertEquals(0, waiters.size());
    }

    @Test
    void an_end_of_unknown_durability_wakes_the_waiter_by_the_deadline() throws Exception {
        var ticket = desk.held(QuorumDraft.anyone());
        var waiting = waiting(ticket);
        desk.store.breakDown(MemoryStore.Fault.UNKNOWN);
        assertThrows(dev.guardrail.journal.JournalUnavailable.class, () -> desk.approve("bob", ticket));
        desk.store.mend();
        desk.nanos += Duration.ofHours(1).toNanos();
        assertEquals(0, desk.desk.expireDue());
        assertEquals(TicketState.APPROVED, waiting.get().state());
    }

    @Test
    void listeners_are_told_of_every_end_once_it_is_durable_on_a_thread_of_their_own() throws Exception {
        record Heard(Ticket told, TicketState durable, boolean virtual) {}
        BlockingQueue<Heard> heard = new ArrayBlockingQueue<>(10);
        desk.desk.onClosed(ticket -> heard.add(
                new Heard(ticket, desk.state(ticket), Thread.currentThread().isVirtual())));

        var approved = desk.held("call_1", Desk.hold("hold", QuorumDraft.anyone()));
        desk.approve("bob", approved);
        assertEquals(new Heard(desk.ticket(approved), TicketState.APPROVED, true), heard.poll(10, TimeUnit.SECONDS));

        var denied = desk.held("call_2", Desk.hold("hold", QuorumDraft.anyone()));
        desk.deny("bob", denied);
        assertEquals(new Heard(desk.ticket(denied), TicketState.DENIED, true), heard.poll(10, TimeUnit.SECONDS));

        desk.pass(Duration.ofMinutes(10));
        desk.desk.expireDue();
        assertEquals(new Heard(desk.ticket(approved), TicketState.EXPIRED, true), heard.poll(10, TimeUnit.SECONDS));
    }

    @Test
    void a_vote_that_failed_is_not_told() throws Exception {
        BlockingQueue<Ticket> heard = new ArrayBlockingQueue<>(10);
        desk.desk.onClosed(heard::add);
        var ticket = desk.held(QuorumDraft.anyone());
        desk.store.breakDown(MemoryStore.Fault.REFUSED);
        assertThrows(dev.guardrail.journal.JournalUnavailable.class, () -> desk.approve("bob", ticket));
        desk.store.mend();
        desk.deny("bob", ticket);
        assertEquals(TicketState.DENIED, heard.take().state());
    }

    @Test
    void a_slow_listener_delays_nobody() throws Exception {
        var go = new CountDownLatch(1);
        var done = new CountDownLatch(1);
        desk.desk.onClosed(ticket -> {
            try {
                go.await();
                done.countDown();
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
        });
        var ticket = desk.held(QuorumDraft.anyone());
        desk.approve("bob", ticket);
        assertEquals(TicketState.APPROVED, desk.state(ticket));
        go.countDown();
        assertTrue(done.await(10, TimeUnit.SECONDS));
    }

    /// From here on the clocks are real, and the desk's own thread keeps its deadlines.
    private final MemoryStore store = new MemoryStore();

    private ApprovalDesk real(BlockingQueue<Ticket> heard) {
        var journal = new Journal(
                store, new AesSeal(new byte[32], new SecureRandom()), InstantSource.system(), System::nanoTime);
        desk.journal = journal;
        desk.store = store;
        desk.desk = new ApprovalDesk(journal, prefix -> prefix + "_1", desk.operators::values);
        desk.desk.onClosed(heard::add);
        desk.desk.start();
        return desk.desk;
    }

    @Test
    void the_desks_own_thread_ends_what_is_due() throws Exception {
        BlockingQueue<Ticket> heard = new ArrayBlockingQueue<>(10);
        try (var real = real(heard)) {
            var ticket = desk.held(QuorumDraft.anyone().expiresAfter(Duration.ofMillis(40)));
            assertEquals(
                    TicketState.EXPIRED, real.await(ticket.id(), LONG, left).state());
            assertEquals(ticket.id(), heard.take().id());
        }
    }

    @Test
    void a_deadline_that_comes_sooner_is_served_sooner() throws Exception {
        BlockingQueue<Ticket> heard = new ArrayBlockingQueue<>(10);
        try (var real = real(heard)) {
            var ticket = desk.held(
                    QuorumDraft.anyone().expiresAfter(Duration.ofDays(1)).validFor(Duration.ofMillis(40)));
            desk.approve("bob", ticket);
            assertEquals(TicketState.APPROVED, heard.take().state());
            assertEquals(TicketState.EXPIRED, heard.take().state());
        }
    }

    @Test
    void a_closed_desk_keeps_no_deadlines_and_answers_still() throws Exception {
        BlockingQueue<Ticket> heard = new ArrayBlockingQueue<>(10);
        var real = real(heard);
        real.close();
        var ticket = desk.held(QuorumDraft.anyone().expiresAfter(Duration.ofMillis(1)));
        assertNull(heard.poll(200, TimeUnit.MILLISECONDS));
        assertEquals(TicketState.PENDING, desk.state(ticket));
        assertEquals(1, real.expireDue());
        assertEquals(TicketState.EXPIRED, heard.take().state());
    }

    @Test
    void after_a_fault_of_the_store_the_desks_own_thread_goes_on() throws Exception {
        BlockingQueue<Ticket> heard = new ArrayBlockingQueue<>(10);
        try (var real = real(heard)) {
            var ticket = desk.held(QuorumDraft.anyone().expiresAfter(Duration.ofMillis(100)));
            store.breakDown(MemoryStore.Fault.REFUSED);
            assertEquals(ticket, real.await(ticket.id(), Duration.ofMillis(400), left));
            store.mend();
            assertEquals(TicketState.EXPIRED, heard.take().state());
        }
    }

    @Test
    void the_desks_own_thread_ends_with_the_desk() throws Exception {
        var deadlines = new Deadlines<TicketState>(System::nanoTime);
        var idle = ending(deadlines, Duration.ofDays(1));
        var empty = ending(new Deadlines<TicketState>(System::nanoTime), Duration.ZERO);
        assertTrue(idle.get(10, TimeUnit.SECONDS));
        assertTrue(empty.get(10, TimeUnit.SECONDS));
        assertFalse(deadlines.awaitDue());
        deadlines.keep(() -> assertTrue(false, "nothing is kept once closed"));
    }

    private static CompletableFuture<Boolean> ending(Deadlines<TicketState> deadlines, Duration life)
            throws InterruptedException {
        if (!life.isZero()) deadlines.arm("apr_1", TicketState.PENDING, life);
        var ended = new CompletableFuture<Boolean>();
        var thread = Thread.ofPlatform().daemon().start(() -> {
            try {
                ended.complete(!deadlines.awaitDue());
            } catch (InterruptedException stopped) {
                ended.completeExceptionally(stopped);
            }
        });
        while (thread.getState() != Thread.State.TIMED_WAITING && thread.getState() != Thread.State.WAITING)
            Thread.onSpinWait();
        deadlines.close();
        return ended;
    }
}
