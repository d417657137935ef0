package dev.guardrail.server.cli;

import java.util.function.LongConsumer;

/// Says on a terminal, once a second, how far a long work has come.
final class Progress implements LongConsumer {
    private static final long PERIOD_NANOS = 1_000_000_000;

    private final String what;
    private final String unit;
    private final boolean seen;
    private long toldAt = System.nanoTime();

    /// @param what such as `verified`
    Progress(String what) {
        this(what, "entries");
    }

    /// @param unit such as `calls`
    Progress(String what, String unit) {
        var console = System.console();
        this.what = what;
        this.unit = unit;
        this.seen = console != null && console.isTerminal();
    }

    @Override
    public void accept(long entries) {
        long now = System.nanoTime();
        if (!seen || now - toldAt < PERIOD_NANOS) return;
        toldAt = now;
        System.err.printf("\r%s %,d %s", what, entries, unit);
        System.err.flush();
    }

    void end() {
        if (seen) System.err.print("\r\u001b[K");
    }
}
