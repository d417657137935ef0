package dev.guardrail.pipeline;

import dev.guardrail.journal.JournalUnavailable;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Outcomes that could not be written when they came. They are written, oldest first, once the journal can be written
/// again. A crash before that leaves their calls in doubt.
///
/// Bounded by the calls that were running when the journal failed: while it is unwritable no new call starts.
final class Unrecorded implements AutoCloseable {
    private static final long RETRY_MILLIS = 250;

    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Witness witness;
    private boolean open = true;

    Unrecorded(Witness witness) {
        this.witness = witness;
        Thread.ofVirtual().name("unrecorded-outcomes").start(this::drain);
    }

    void add(Runnable recording) {
        lock.lock();
        try {
            waiting.add(recording);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void drain() {
        lock.lock();
        try {
            while (open) {
                if (waiting.isEmpty()) changed.await();
                else if (recorded(waiting.element())) waiting.remove();
                else changed.await(RETRY_MILLIS, TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    private boolean recorded(Runnable recording) {
        try {
            recording.run();
            return true;
        } catch (JournalUnavailable still) {
            return false;
        } catch (RuntimeException beyond) {
            // Recording it again would fail again: the call stays as the log has it, and recovery calls it lost.
            witness.faulted("record", beyond);
            return true;
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            open = false;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
