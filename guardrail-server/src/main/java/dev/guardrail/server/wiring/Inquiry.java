package dev.guardrail.server.wiring;

import dev.guardrail.base.Printable;
import dev.guardrail.pipeline.Doubts;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks servers what became of calls whose run was lost, soon after that is known and then ever more rarely: a server
/// may be there late. After half an hour only whoever undoes such a call asks.
final class Inquiry implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Inquiry.class);

    /// Of the last time, in beats.
    private static final int LAST = 512;

    private final Supplier<Doubts> doubts;
    private final AtomicBoolean busy = new AtomicBoolean();
    private int beats;
    private int next = 1;
    private volatile boolean closed;
    private volatile @Nullable Thread asking;

    Inquiry(Supplier<Doubts> doubts) {
        this.doubts = doubts;
    }

    /// To be called every few seconds, by one thread.
    ///
    /// @param lost true where calls were lost since the last time
    void beat(boolean lost) {
        if (lost) {
            beats = 0;
            next = 1;
        }
        if (next > LAST || beats++ < next || closed || !busy.compareAndSet(false, true)) return;
        next *= 2;
        asking = Thread.ofVirtual().name("guardrail-inquiry").start(this::ask);
    }

    private void ask() {
        try {
            doubts.get().ask(() -> closed);
        } catch (RuntimeException fault) {
            if (!closed) LOG.error("asking about calls in doubt failed: {}", Printable.trace(fault));
        } finally {
            busy.set(false);
        }
    }

    @Override
    public void close() {
        closed = true;
        Thread running = asking;
        if (running == null) return;
        running.interrupt();
        try {
            running.join();
        } catch (InterruptedException hurried) {
            Thread.currentThread().interrupt();
        }
    }
}
