package dev.guardrail.pipeline;

import dev.guardrail.call.CallId;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// The calls that this process runs or is about to run: known here before their intent is committed and until their
/// outcome is, so that recovery never takes a running call for a lost one.
final class Running {
    private final Map<CallId, Held> calls = new ConcurrentHashMap<>();

    /// How many hold a call: of those who race for it only one gets the lease, and the others must not end its run.
    private record Held(int holders, CompletableFuture<Void> done) {}

    void begin(CallId call) {
        calls.merge(
                call, new Held(1, new CompletableFuture<>()), (held, one) -> new Held(held.holders() + 1, held.done()));
    }

    void end(CallId call) {
        calls.computeIfPresent(call, (id, held) -> {
            if (held.holders() > 1) return new Held(held.holders() - 1, held.done());
            held.done().complete(null);
            return null;
        });
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
