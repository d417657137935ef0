package dev.guardrail.approval;

import java.time.Duration;
import java.util.List;
import java.util.Map;
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
    private final Map<String, Set<CompletableFuture<Void>>> byTicket = new ConcurrentHashMap<>();
    private final List<Consumer<DeskEvent>> listeners = new CopyOnWriteArrayList<>();

    void listen(Consumer<DeskEvent> listener) {
        listeners.add(listener);
    }

    /// Parks until the ticket is told of, `atMost` is over, the waiting party left or all are released.
    ///
    /// @param over asked once, after joining: whoever ends the waiting from then on also wakes us
    void park(String ticket, BooleanSupplier over, Duration atMost, CompletableFuture<?> left) {
        var waiter = join(ticket);
        try {
            if (!over.getAsBoolean())
                CompletableFuture.anyOf(waiter, left).get(Math.max(0, atMost.toMillis()), TimeUnit.MILLISECONDS);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } catch (TimeoutException | ExecutionException | CancellationException gone) {
            // Time is over, or the party left with a fault: no longer waiting is all there is to do.
        } finally {
            leave(ticket, waiter);
        }
    }

    private CompletableFuture<Void> join(String ticket) {
        var waiter = new CompletableFuture<Void>();
        byTicket.compute(ticket, (id, before) -> {
            var waiting = before == null ? ConcurrentHashMap.<CompletableFuture<Void>>newKeySet() : before;
            waiting.add(waiter);
            return waiting;
        });
        return waiter;
    }

    private void leave(String ticket, CompletableFuture<Void> waiter) {
        waiter.complete(null); // lets go of `left`, which may live long
        byTicket.computeIfPresent(ticket, (id, waiting) -> {
            waiting.remove(waiter);
            return waiting.isEmpty() ? null : waiting;
        });
    }

    /// Wakes those who wait for this ticket.
    void wake(String ticket) {
        byTicket.getOrDefault(ticket, Set.of()).forEach(waiter -> waiter.complete(null));
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
