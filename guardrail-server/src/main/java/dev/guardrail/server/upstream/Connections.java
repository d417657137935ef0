package dev.guardrail.server.upstream;

import dev.guardrail.base.Ticker;
import dev.guardrail.call.InboundToken;
import dev.guardrail.server.upstream.Connection.NotConnected;
import dev.guardrail.server.upstream.Connection.Refused;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The open connections to one server: one for each client connection, and the guard's own for calls without one.
/// A dead one is replaced on next use, after a pause that grows with each failure in a row.
final class Connections {
    private static final long FIRST_PAUSE_MILLIS = 100;
    private static final long SHORT_PAUSE_NANOS = Duration.ofMillis(500).toNanos();

    /// Failures that need no pause: one death is an accident.
    private static final int FREE_FAILURES = 1;

    private final Opening opening;
    private final Bounds bounds;
    private final Ticker ticker;
    private final long longestPauseMillis;
    private final Semaphore room;
    private final Map<Optional<String>, Slot> slots = new ConcurrentHashMap<>();
    private final Map<String, Hello> hellos = new ConcurrentHashMap<>();
    private final AtomicInteger failures = new AtomicInteger();
    private volatile long notBefore;
    private volatile boolean closed;

    /// @param longestPauseMillis between attempts at a server that keeps failing
    Connections(Opening opening, Bounds bounds, Ticker ticker, long longestPauseMillis) {
        this.longestPauseMillis = longestPauseMillis;
        this.opening = opening;
        this.bounds = bounds;
        this.ticker = ticker;
        this.room = new Semaphore(bounds.connections());
    }

    /// Opens and initializes a connection.
    @FunctionalInterface
    interface Opening {
        Connection open(Optional<Hello> hello, Optional<InboundToken> subject, long deadlineNanos)
                throws NotConnected, InterruptedException;
    }

    private static final class Slot {
        private final ReentrantLock lock = new ReentrantLock();
        private volatile @Nullable Connection connection;
        private volatile boolean dead;
    }

    /// Keeps how a client introduced itself; its connection is opened with that from now on.
    void introduce(String client, Hello hello) {
        hellos.put(client, hello);
    }

    /// Ends what a client's connection hears unasked, where there is one.
    void deafen(String client) {
        var slot = slots.get(Optional.of(client));
        var open = slot == null ? null : slot.connection;
        if (open != null) open.deafen();
    }

    Optional<Hello> hello(String client) {
        return Optional.ofNullable(hellos.get(client));
    }

    /// An open connection, entered: whoever gets it leaves it.
    ///
    /// @param client the client's connection; empty for the guard's own
    /// @param subject for whom it is used; a client's connection is for one user alone
    Connection enter(Optional<String> client, Optional<InboundToken> subject, long deadline)
            throws NotConnected, InterruptedException {
        while (true) {
            var slot = slots.computeIfAbsent(client, key -> new Slot());
            if (!slot.lock.tryLock(deadline - ticker.nanos(), TimeUnit.NANOSECONDS))
                throw new NotConnected("is still being connected to");
            try {
                if (closed) throw new NotConnected("is shut off: the guard is stopping");
                if (!slot.dead) return enter(slot, client.flatMap(this::hello), subject, deadline);
            } finally {
                slot.lock.unlock();
            }
        }
    }

    private Connection enter(Slot slot, Optional<Hello> hello, Optional<InboundToken> subject, long deadline)
            throws NotConnected, InterruptedException {
        var open = slot.connection;
        if (open != null && open.isOpen() && open.enter()) {
            open.speakFor(subject);
            return open;
        }
        long pause = notBefore - ticker.nanos();
        if (open != null) {
            // A server that forgot a session has answered: nothing is wrong with it.
            boolean forgotten = open.isExpired();
            discard(slot, open);
            if (!forgotten) failed();
        }
        // Who comes in a short pause waits it out, and finds a server that has just come up.
        if (failures.get() > FREE_FAILURES && pause > 0 && pause <= SHORT_PAUSE_NANOS)
            TimeUnit.NANOSECONDS.sleep(pause);
        else if (failures.get() > FREE_FAILURES && pause > 0)
            throw new NotConnected("failed before; it is tried again in " + (pause / 1_000_000 + 1) + " ms");
        makeRoom();
        boolean failed = true;
        boolean done = false;
        try {
            var fresh = opening.open(
                    hello,
                    subject,
                    Math.min(deadline, ticker.nanos() + bounds.connect().toNanos()));
            if (!fresh.enter()) throw new NotConnected("ended at once");
            slot.connection = fresh;
            done = true;
            return fresh;
        } catch (Refused refused) {
            // It answered: nothing is wrong with the server.
            failed = false;
            throw refused;
        } finally {
            if (!done) room.release();
            if (!done && failed) failed();
        }
    }

    private void failed() {
        int row = failures.incrementAndGet();
        long pause = FIRST_PAUSE_MILLIS << Math.min(Math.max(0, row - FREE_FAILURES - 1), 16);
        notBefore = ticker.nanos()
                + Duration.ofMillis(Math.min(pause, longestPauseMillis)).toNanos();
    }

    /// A call was answered: what failed before is forgiven.
    void succeeded() {
        failures.set(0);
    }

    /// Finds a place, if need be that of the connection that nobody has used for longest.
    private void makeRoom() throws NotConnected {
        if (room.tryAcquire()) return;
        var oldest = slots.entrySet().stream()
                .filter(entry -> !isListening(entry.getKey(), entry.getValue()))
                .filter(entry -> entry.getValue().connection != null && isIdle(entry.getValue(), Duration.ZERO))
                .min(Comparator.comparingLong(entry -> usedAt(entry.getValue())));
        oldest.ifPresent(entry -> end(entry.getKey(), entry.getValue(), Duration.ZERO));
        if (!room.tryAcquire())
            throw new NotConnected("has " + bounds.connections() + " connections already, all in use");
    }

    /// Ends a client's connection.
    void release(String client) {
        hellos.remove(client);
        var slot = slots.get(Optional.of(client));
        if (slot == null) return;
        slot.lock.lock();
        try {
            kill(Optional.of(client), slot);
        } finally {
            slot.lock.unlock();
        }
    }

    /// Ends what is dead or has been idle for long.
    void sweep() {
        slots.forEach((client, slot) -> {
            if (!isListening(client, slot)) end(client, slot, bounds.idle());
        });
    }

    /// True where the server says things unasked that somebody wants to hear.
    private boolean isListening(Optional<String> client, Slot slot) {
        var open = slot.connection;
        return client.isPresent()
                ? hello(client.get()).filter(Hello::isListening).isPresent()
                : open != null && open.handshake().isHearing();
    }

    private void end(Optional<String> client, Slot slot, Duration idle) {
        if (!slot.lock.tryLock()) return;
        try {
            if (isIdle(slot, idle)) kill(client, slot);
        } finally {
            slot.lock.unlock();
        }
    }

    private boolean isIdle(Slot slot, Duration idle) {
        var connection = slot.connection;
        if (connection == null || !connection.isOpen()) return true;
        return !connection.isUsed() && ticker.nanos() - connection.usedAt() >= idle.toNanos();
    }

    private static long usedAt(Slot slot) {
        var connection = slot.connection;
        return connection == null ? Long.MIN_VALUE : connection.usedAt();
    }

    private void kill(Optional<String> client, Slot slot) {
        slot.dead = true;
        slots.remove(client, slot);
        if (slot.connection != null) discard(slot, slot.connection);
    }

    private void discard(Slot slot, Connection connection) {
        slot.connection = null;
        connection.retire();
        room.release();
    }

    int open() {
        return bounds.connections() - room.availablePermits();
    }

    /// Ends all, at once, and waits for their ends.
    void close() throws InterruptedException {
        closed = true;
        var open = slots.values().stream().map(slot -> slot.connection).toList();
        for (var connection : open) if (connection != null) connection.cut();
        for (var connection : open) if (connection != null) connection.awaitClosed();
    }
}
