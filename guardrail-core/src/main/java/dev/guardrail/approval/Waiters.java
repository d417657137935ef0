package dev.guardrail.approval;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/// Who wants to know of a ticket's end. Safe for concurrent use.
final class Waiters {
    private final Map<String, Set<CompletableFuture<Void>>> byTicket = new ConcurrentHashMap<>();
    private final List<Consumer<Ticket>> listeners = new CopyOnWriteArrayList<>();

    void listen(Consumer<Ticket> listener) {
        listeners.add(listener);
    }

    /// @return completes when voting on the ticket ends, if it has not yet; to be given back to [#leave]
    CompletableFuture<Void> join(String ticket) {
        var waiter = new CompletableFuture<Void>();
        byTicket.compute(ticket, (id, before) -> {
            var waiting = before == null ? ConcurrentHashMap.<CompletableFuture<Void>>newKeySet() : before;
            waiting.add(waiter);
            return waiting;
        });
        return waiter;
    }

    void leave(String ticket, CompletableFuture<Void> waiter) {
        waiter.cancel(false);
        byTicket.computeIfPresent(ticket, (id, waiting) -> {
            waiting.remove(waiter);
            return waiting.isEmpty() ? null : waiting;
        });
    }

    /// Wakes those who wait for this ticket.
    void wake(String ticket) {
        byTicket.getOrDefault(ticket, Set.of()).forEach(waiter -> waiter.complete(null));
    }

    /// Tells everybody, without waiting for anybody.
    void tell(Ticket ticket) {
        wake(ticket.id());
        for (Consumer<Ticket> listener : listeners)
            Thread.ofVirtual().name("approval-listener").start(() -> listener.accept(ticket));
    }

    /// Wakes everybody who waits, though nothing has ended.
    void release() {
        byTicket.values().forEach(waiting -> waiting.forEach(waiter -> waiter.cancel(false)));
    }

    /// Number of tickets that somebody waits for.
    int size() {
        return byTicket.size();
    }
}
