package dev.guardrail.server.upstream;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/// Counts what an upstream sent and nobody took.
public final class Drops {

    /// Why a message was dropped.
    public enum Reason {
        /// A reply to an id that nothing waits for: made up, late, or the second one.
        UNKNOWN_REPLY,
        /// Not one strict JSON value, or not JSON-RPC.
        GARBAGE,
        /// A request of the server's other than `ping`; it was answered with -32601.
        REQUEST,
        /// Progress beyond what its taker keeps up with, or for a token that nobody gave.
        PROGRESS
    }

    private final Map<Reason, LongAdder> counts = new EnumMap<>(Reason.class);

    Drops() {
        for (Reason reason : Reason.values()) counts.put(reason, new LongAdder());
    }

    void count(Reason reason) {
        counter(reason).increment();
    }

    /// Messages dropped since the start.
    public long of(Reason reason) {
        return counter(reason).sum();
    }

    private LongAdder counter(Reason reason) {
        var counter = counts.get(reason);
        if (counter == null) throw new IllegalStateException("every reason is counted");
        return counter;
    }
}
