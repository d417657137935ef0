package dev.guardrail.approval;

import dev.guardrail.base.Ticker;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// When each open ticket of this boot ends, on monotonic time. Holds nothing durable: what is lost with the process is
/// armed again from the store. Safe for concurrent use.
final class Deadlines {
    private static final Duration LONGEST = Duration.ofDays(36_500);

    /// Until what could not be written is tried again. The tickets that are due yield nothing meanwhile.
    private static final Duration AGAIN = Duration.ofSeconds(1);

    private final Ticker ticker;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Map<String, Deadline> byTicket = new HashMap<>();
    private final TreeSet<Deadline> inOrder = new TreeSet<>();
    private boolean closed;

    Deadlines(Ticker ticker) {
        this.ticker = ticker;
    }

    /// @param state what the deadline ends: the voting, or the approval's use
    private record Deadline(String ticket, TicketState state, long nanos) implements Comparable<Deadline> {
        @Override
        public int compareTo(Deadline other) {
            int order = Long.signum(nanos - other.nanos); // monotonic time may wrap
            return order != 0 ? order : ticket.compareTo(other.ticket);
        }
    }

    /// Starts a life from now, in place of whatever was armed for the ticket.
    ///
    /// @return its nanoseconds, a hundred years at most
    long arm(String ticket, TicketState state, Duration life) {
        long nanos = (life.compareTo(LONGEST) < 0 ? life : LONGEST).toNanos();
        var deadline = new Deadline(ticket, state, ticker.nanos() + nanos);
        lock.lock();
        try {
            disarm(ticket);
            byTicket.put(ticket, deadline);
            inOrder.add(deadline);
            changed.signalAll();
            return nanos;
        } finally {
            lock.unlock();
        }
    }

    void disarm(String ticket) {
        lock.lock();
        try {
            var before = byTicket.remove(ticket);
            if (before != null) inOrder.remove(before);
        } finally {
            lock.unlock();
        }
    }

    /// @return nanoseconds left, 0 or less when it is over; empty where none is armed for this state
    OptionalLong left(String ticket, TicketState state) {
        lock.lock();
        try {
            var deadline = byTicket.get(ticket);
            return deadline == null || deadline.state() != state
                    ? OptionalLong.empty()
                    : OptionalLong.of(deadline.nanos() - ticker.nanos());
        } finally {
            lock.unlock();
        }
    }

    int size() {
        lock.lock();
        try {
            return byTicket.size();
        } finally {
            lock.unlock();
        }
    }

    /// Tickets whose deadline has come, earliest first. They stay armed until they are settled.
    List<String> due() {
        lock.lock();
        try {
            long now = ticker.nanos();
            return inOrder.stream()
                    .takeWhile(deadline -> deadline.nanos() - now <= 0)
                    .map(Deadline::ticket)
                    .toList();
        } finally {
            lock.unlock();
        }
    }

    /// Runs `due` whenever a deadline has come, until closed; again after a pause where it could not be carried out.
    void keep(Runnable due) {
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
    boolean awaitDue() throws InterruptedException {
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

    /// Parks a while, or until closed or something is armed.
    private void pause() throws InterruptedException {
        lock.lock();
        try {
            if (!closed) changed.await(AGAIN.toMillis(), TimeUnit.MILLISECONDS);
        } finally {
            lock.unlock();
        }
    }

    void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
