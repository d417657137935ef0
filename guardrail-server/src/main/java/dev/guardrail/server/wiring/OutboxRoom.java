package dev.guardrail.server.wiring;

import dev.guardrail.journal.Journal;
import dev.guardrail.outbox.Outbox;
import dev.guardrail.pipeline.GuardedPath;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// The outbox, and the threads that carry out what is due in it.
final class OutboxRoom implements AutoCloseable {
    /// Calls that run at a time once they are due; the others follow. Upstreams have their own bounds beside.
    private static final int RUNNERS = 32;

    private final ExecutorService runners = Executors.newFixedThreadPool(
            RUNNERS, Thread.ofVirtual().name("outbox-run-", 0).factory());
    private final Outbox outbox;

    OutboxRoom(Journal journal) {
        this.outbox = new Outbox(journal, runners);
    }

    Outbox outbox() {
        return outbox;
    }

    void start(GuardedPath guard) {
        outbox.start(guard::runQueued);
    }

    /// Begins no run from here on; those that have begun go on, and whoever closes the guard waits for them.
    @Override
    public void close() {
        outbox.close();
        runners.shutdown();
    }
}
