package dev.guardrail.server.notify;

import dev.guardrail.base.Ticker;
import java.time.Duration;
import java.util.LinkedHashMap;

/// Ids of notices that a channel took within a day, of very many the latest. Safe for concurrent use.
final class Recent {
    private static final Duration MEMORY = Duration.ofDays(1);
    private static final int MOST = 10_000;

    private final Ticker ticker;
    private final LinkedHashMap<String, Long> seen = new LinkedHashMap<>();

    Recent(Ticker ticker) {
        this.ticker = ticker;
    }

    /// @return false where the id was remembered already
    synchronized boolean add(String id) {
        long now = ticker.nanos();
        while (!seen.isEmpty()
                && (seen.size() >= MOST || now - seen.firstEntry().getValue() > MEMORY.toNanos()))
            seen.pollFirstEntry();
        return seen.putIfAbsent(id, now) == null;
    }

    /// What was not delivered may be tried again.
    synchronized void forget(String id) {
        seen.remove(id);
    }
}
