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
    private final Map<CallId, CompletableFuture<Void>> calls = new ConcurrentHashMap<>();

    void begin(CallId call) {
        calls.putIfAbsent(call, new CompletableFuture<>());
    }

    void end(CallId call) {
        CompletableFuture<Void> done = calls.remove(call);
        if (done != null) done.complete(null);
    }

    boolean has(CallId call) {
        return calls.containsKey(call);
    }

    int count() {
        return calls.size();
    }

    /// Parks until the call has ended here, or `atMost` is over.
    void await(CallId call, Duration atMost) {
        CompletableFuture<Void> done = calls.get(call);
        if (done == null) return;
        try {
            done.get(Math.max(0, atMost.toMillis()), TimeUnit.MILLISECONDS);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } catch (TimeoutException | ExecutionException over) {
            // What the caller reads next says where the call stands.
            return;
        }
    }
}
