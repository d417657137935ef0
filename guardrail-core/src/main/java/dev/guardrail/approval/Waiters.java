package dev.guardrail.approval;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// Who wants to know of what happens to tickets. Safe for concurrent use.
final class Waiters {
    private final Map<String, Set<Waiter>> byTicket = new ConcurrentHashMap<>();
    private final List<Consumer<DeskEvent>> listeners = new CopyOnWriteArrayList<>();

    /// Somebody who waits for a ticket.
    ///
    /// @param runs true where the vote that completes its quorum may be handed over
    /// @param told completes with that vote, or with none when it is time to look
    private record Waiter(boolean runs, CompletableFuture<Optional<LastVote>> told) {
        void wake() {
            told.complete(Optional.empty());
        }
    }

    void listen(Consumer<DeskEvent> listener) {
        listeners.add(listener);
    }

    /// Parks until the ticket is told of, `atMost` is over, the waiting party left or all are released.
    ///
    /// @param over asked once, after joining: whoever ends the waiting from then on also wakes us
    void park(String ticket, BooleanSupplier over, Duration atMost, CompletableFuture<?> left) {
        park(ticket, false, over, atMost, left);
    }

    /// The same for somebody who runs the call once it is approved.
    ///
    /// @return a vote that is the waiting party's now: to be written, or left to its voter, at once
    Optional<LastVote> parkToRun(String ticket, BooleanSupplier over, Duration atMost) {
        return park(ticket, true, over, atMost, new CompletableFuture<>());
    }

    private Optional<LastVote> park(
            String ticket, boolean runs, BooleanSupplier over, Duration atMost, CompletableFuture<?> left) {
        var waiter = join(ticket, runs);
        try {
            if (!over.getAsBoolean())
                CompletableFuture.anyOf(waiter.told(), left).get(Math.max(0, atMost.toMillis()), TimeUnit.MILLISECONDS);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } catch (TimeoutException | ExecutionException | CancellationException gone) {
            // Time is over, or the party left with a fault: no longer waiting is all there is to do.
        } finally {
            leave(ticket, waiter);
        }
        // Whatever ended the waiting, a vote that was handed over meanwhile is not lost.
        return waiter.told().getNow(Optional.empty());
    }

    /// Hands a vote to one who waits to run the call, and waits for what becomes of it.
    ///
    /// @return true where it is written; else it is its voter's
    boolean hand(LastVote vote) {
        for (Waiter waiter : byTicket.getOrDefault(vote.ticket().id(), Set.of()))
            if (waiter.runs() && waiter.told().complete(Optional.of(vote))) return vote.awaitWritten();
        return false;
    }

    private Waiter join(String ticket, boolean runs) {
        var waiter = new Waiter(runs, new CompletableFuture<>());
        byTicket.compute(ticket, (id, before) -> {
            var waiting = before == null ? ConcurrentHashMap.<Waiter>newKeySet() : before;
            waiting.add(waiter);
            return waiting;
        });
        return waiter;
    }

    private void leave(String ticket, Waiter waiter) {
        waiter.wake(); // lets go of `left`, which may live long
        byTicket.computeIfPresent(ticket, (id, waiting) -> {
            waiting.remove(waiter);
            return waiting.isEmpty() ? null : waiting;
        });
    }

    /// Wakes those who wait for this ticket.
    void wake(String ticket) {
        byTicket.getOrDefault(ticket, Set.of()).forEach(Waiter::wake);
    }

    /// Wakes those who wait for such a ticket.
    void wakeIf(Predicate<String> ended) {
        byTicket.keySet().stream().filter(ended).forEach(this::wake);
    }

    /// Tells everybody, without waiting for anybody.
    void tell(DeskEvent event) {
        if (event instanceof DeskEvent.Closed(Ticket ticket)) wake(ticket.id());
        for (Consumer<DeskEvent> listener : listeners)
            Thread.ofVirtual().name("approval-listener").start(() -> listener.accept(event));
    }

    /// Wakes everybody who waits, though nothing has ended.
    void release() {
        byTicket.keySet().forEach(this::wake);
    }

    /// Number of tickets that somebody waits for.
    int size() {
        return byTicket.size();
    }
}
