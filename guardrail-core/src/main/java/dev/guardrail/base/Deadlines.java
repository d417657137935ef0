package dev.guardrail.base;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// When the time of each open thing of this boot is over, on monotonic time: one timer for all of them. Holds nothing
/// durable: what is lost with the process is armed again from the store. Safe for concurrent use.
///
/// @param <S> what a deadline can end
public final class Deadlines<S> {
    private static final Duration LONGEST = Duration.ofDays(36_500);

    /// Until what could not be carried out is tried again.
    private static final Duration AGAIN = Duration.ofSeconds(1);

    private final Ticker ticker;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Map<String, Deadline<S>> byId = new HashMap<>();
    private final TreeSet<Deadline<S>> inOrder = new TreeSet<>();
    private boolean closed;

    public Deadlines(Ticker ticker) {
        this.ticker = ticker;
    }

    private record Deadline<S>(String id, S state, long nanos) implements Comparable<Deadline<S>> {
        @Override
        public int compareTo(Deadline<S> other) {
            int order = Long.signum(nanos - other.nanos); // monotonic time may wrap
            return order != 0 ? order : id.compareTo(other.id);
        }
    }

    /// Starts a life from now, in place of whatever was armed for the thing.
    ///
    /// @param state what the deadline ends
    /// @return its nanoseconds, a hundred years at most
    public long arm(String id, S state, Duration life) {
        long nanos = (life.compareTo(LONGEST) < 0 ? life : LONGEST).toNanos();
        var deadline = new Deadline<>(id, state, ticker.nanos() + nanos);
        lock.lock();
        try {
            disarm(id);
            byId.put(id, deadline);
            inOrder.add(deadline);
            if (deadline == inOrder.first()) changed.signalAll(); // else the timer wakes early enough
            return nanos;
        } finally {
            lock.unlock();
        }
    }

    public void disarm(String id) {
        lock.lock();
        try {
            var before = byId.remove(id);
            if (before != null) inOrder.remove(before);
        } finally {
            lock.unlock();
        }
    }

    /// @return nanoseconds left, 0 or less when it is over; empty where none is armed for this state
    public OptionalLong left(String id, S state) {
        lock.lock();
        try {
            var deadline = byId.get(id);
            return deadline == null || !deadline.state().equals(state)
                    ? OptionalLong.empty()
                    : OptionalLong.of(deadline.nanos() - ticker.nanos());
        } finally {
            lock.unlock();
        }
    }

    public int size() {
        lock.lock();
        try {
            return byId.size();
        } finally {
            lock.unlock();
        }
    }

    /// Whose deadline has come, earliest first. They stay armed until they are settled.
    public List<String> due() {
        lock.lock();
        try {
            long now = ticker.nanos();
            return inOrder.stream()
                    .takeWhile(deadline -> deadline.nanos() - now <= 0)
                    .map(Deadline::id)
                    .toList();
        } finally {
            lock.unlock();
        }
    }

    /// Runs `due` whenever a deadline has come, until closed; again after a pause where it could not be carried out.
    public void keep(Runnable due) {
        try {
            while (awaitDue()) if (!carriedOut(due)) pause();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean carriedOut(Runnable due) {
        try {
            due.run();
            return true;
        } catch (RuntimeException unwritable) {
            return false; // what is due stays due
        }
    }

    /// Parks until a deadline has come.
    ///
    /// @return false once closed
    public boolean awaitDue() throws InterruptedException {
        lock.lock();
        try {
            while (!closed) {
                if (inOrder.isEmpty()) {
                    changed.await();
                    continue;
                }
                long left = inOrder.first().nanos() - ticker.nanos();
                if (left <= 0) return true;
                changed.awaitNanos(left);
            }
            return false;
        } finally {
            lock.unlock();
        }
    }

    /// Parks a while, or until closed or something is armed that ends first.
    private void pause() throws InterruptedException {
        lock.lock();
        try {
            if (!closed) changed.await(AGAIN.toMillis(), TimeUnit.MILLISECONDS);
        } finally {
            lock.unlock();
        }
    }

    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
