package dev.guardrail.pipeline;

import dev.guardrail.call.CallId;
import dev.guardrail.stop.Target;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;

/// The calls that this process runs or is about to run: known here before their intent is committed and until their
/// outcome is, so that recovery never takes a running call for a lost one.
final class Running {
    private final Map<CallId, Held> calls = new ConcurrentHashMap<>();

    /// How many hold a call: of those who race for it only one gets the lease, and the others must not end its run.
    ///
    /// @param stopped completes when an operator stops the call
    private record Held(int holders, Target target, CompletableFuture<Void> done, CompletableFuture<String> stopped) {
        Held(Target target) {
            this(1, target, new CompletableFuture<>(), new CompletableFuture<>());
        }

        Held of(int count) {
            return new Held(count, target, done, stopped);
        }
    }

    void begin(CallId call, Target target) {
        calls.merge(call, new Held(target), (held, one) -> held.of(held.holders() + 1));
    }

    void end(CallId call) {
        calls.computeIfPresent(call, (id, held) -> {
            if (held.holders() > 1) return held.of(held.holders() - 1);
            held.done().complete(null);
            return null;
        });
    }

    /// Completes when an operator stops the call while it is known here.
    CompletableFuture<String> stopped(CallId call) {
        Held held = calls.get(call);
        return held == null ? new CompletableFuture<>() : held.stopped();
    }

    /// Tells calls to end.
    ///
    /// @return how many were told so now
    int stop(Predicate<Target> bound) {
        int told = 0;
        for (Held held : calls.values())
            if (bound.test(held.target()) && held.stopped().complete("an operator stopped it")) told++;
        return told;
    }

    boolean has(CallId call) {
        return calls.containsKey(call);
    }

    int count() {
        return calls.size();
    }

    /// Parks until the call has ended here, or `atMost` is over.
    void await(CallId call, Duration atMost) {
        Held held = calls.get(call);
        if (held == null) return;
        try {
            held.done().get(Math.max(0, atMost.toMillis()), TimeUnit.MILLISECONDS);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } catch (TimeoutException | ExecutionException over) {
            // What the caller reads next says where the call stands.
            return;
        }
    }
}
