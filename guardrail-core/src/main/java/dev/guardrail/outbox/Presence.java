package dev.guardrail.outbox;

import dev.guardrail.call.CallId;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/// Which calls of each agent this process knows to be in the outbox, and who waits for one of them to leave it.
/// Agents with nothing queued take no memory. Safe for concurrent use.
final class Presence {
    private final Map<String, Set<CallId>> byAgent = new HashMap<>();
    private final Map<CallId, CompletableFuture<Void>> waiters = new ConcurrentHashMap<>();

    synchronized void enter(String agent, CallId call) {
        byAgent.computeIfAbsent(agent, first -> new HashSet<>()).add(call);
    }

    void leave(String agent, CallId call) {
        remove(agent, call);
        wake(call);
    }

    private synchronized void remove(String agent, CallId call) {
        byAgent.computeIfPresent(agent, (same, calls) -> {
            calls.remove(call);
            return calls.isEmpty() ? null : calls;
        });
    }

    /// A call that somebody else, on the same store, brought out.
    void forget(CallId call) {
        Set<String> agents;
        synchronized (this) {
            agents = Set.copyOf(byAgent.keySet());
        }
        agents.forEach(agent -> remove(agent, call));
        wake(call);
    }

    synchronized int of(String agent) {
        return byAgent.getOrDefault(agent, Set.of()).size();
    }

    private void wake(CallId call) {
        var waiter = waiters.remove(call);
        if (waiter != null) waiter.complete(null);
    }

    /// @param over asked once, after joining: whoever brings the call out from then on also wakes us
    void await(CallId call, BooleanSupplier over, Duration atMost) {
        var waiter = waiters.computeIfAbsent(call, first -> new CompletableFuture<>());
        try {
            if (over.getAsBoolean()) wake(call);
            else waiter.get(Math.max(0, atMost.toMillis()), TimeUnit.MILLISECONDS);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } catch (TimeoutException | ExecutionException gone) {
            // What the caller reads next says where the call stands.
            return;
        }
    }

    void release() {
        Set.copyOf(waiters.keySet()).forEach(this::wake);
    }
}
