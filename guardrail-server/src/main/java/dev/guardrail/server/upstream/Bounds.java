package dev.guardrail.server.upstream;

import java.time.Duration;

/// What one upstream may take of us.
///
/// @param resultBytes largest answer
/// @param concurrent calls at a time; more wait for [#queue], then do not run
/// @param queue longest wait for a place
/// @param connections open at a time
/// @param idle after which an unused connection ends
/// @param connect longest time to connect, initialize and list
/// @param relist age at which a listing is taken again before the next call
/// @param drain how long an answer is awaited after the client left
public record Bounds(
        int resultBytes,
        int concurrent,
        Duration queue,
        int connections,
        Duration idle,
        Duration connect,
        Duration relist,
        Duration drain) {
    public static final Bounds DEFAULT = new Bounds(
            8 * 1024 * 1024,
            32,
            Duration.ofSeconds(1),
            64,
            Duration.ofMinutes(10),
            Duration.ofSeconds(20),
            Duration.ofSeconds(60),
            Duration.ofSeconds(5));

    /// Room for the envelope around a result.
    static final int ENVELOPE_BYTES = 64 * 1024;

    public Bounds {
        if (resultBytes < 1 || resultBytes > Integer.MAX_VALUE - ENVELOPE_BYTES || concurrent < 1 || connections < 1)
            throw new IllegalArgumentException("bounds are positive");
    }

    public Bounds withResultBytes(int bytes) {
        return new Bounds(bytes, concurrent, queue, connections, idle, connect, relist, drain);
    }

    public Bounds withConcurrent(int calls) {
        return new Bounds(resultBytes, calls, queue, connections, idle, connect, relist, drain);
    }

    public Bounds withConnections(int open) {
        return new Bounds(resultBytes, concurrent, queue, open, idle, connect, relist, drain);
    }

    public Bounds withIdle(Duration time) {
        return new Bounds(resultBytes, concurrent, queue, connections, time, connect, relist, drain);
    }

    public Bounds withRelist(Duration age) {
        return new Bounds(resultBytes, concurrent, queue, connections, idle, connect, age, drain);
    }

    public Bounds withDrain(Duration time) {
        return new Bounds(resultBytes, concurrent, queue, connections, idle, connect, relist, time);
    }

    int messageBytes() {
        return resultBytes + ENVELOPE_BYTES;
    }
}
