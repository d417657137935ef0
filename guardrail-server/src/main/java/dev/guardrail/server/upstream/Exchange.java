package dev.guardrail.server.upstream;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Printable;
import dev.guardrail.base.Ticker;
import dev.guardrail.pipeline.Attendance;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One request that left, or is about to, and whoever waits for it. What happens is queued by the wire's thread
/// and taken by the waiting one, so that a client slow to take progress delays nobody else.
final class Exchange {
    private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);
    private static final int PROGRESS_WAITING = 256;

    private final Peer peer;
    private final String id;
    private final Ticker ticker;
    private final LinkedBlockingQueue<Event> events = new LinkedBlockingQueue<>();

    Exchange(Peer peer, String id, Ticker ticker) {
        this.peer = peer;
        this.id = id;
        this.ticker = ticker;
    }

    private sealed interface Event {
        record Progress(JsonObject params) implements Event {}

        record Ended(Reply reply) implements Event {}

        record Left(String reason) implements Event {}
    }

    String id() {
        return id;
    }

    void end(Reply reply) {
        events.add(new Event.Ended(reply));
    }

    /// @return false where its taker is too far behind
    boolean progress(JsonObject params) {
        return events.size() < PROGRESS_WAITING && events.add(new Event.Progress(params));
    }

    /// Waits for the answer, for a request that nobody can leave.
    Reply await(long deadlineNanos) throws InterruptedException {
        return await(deadlineNanos, Attendance.silent(Duration.ZERO), Duration.ZERO);
    }

    /// Waits for the answer. At the deadline the server is told that nobody waits any more. When the client
    /// leaves, it is told so too, but the answer is awaited for `drain` longer: what ran shall be known.
    Reply await(long deadlineNanos, Attendance attendance, Duration drain) throws InterruptedException {
        var leaving = attendance.left().thenAccept(reason -> events.add(new Event.Left(reason)));
        try {
            return await(deadlineNanos, attendance, drain.toNanos());
        } catch (InterruptedException stopped) {
            peer.abandon(id);
            throw stopped;
        } finally {
            leaving.cancel(false);
            peer.forget(id);
        }
    }

    private Reply await(long deadline, Attendance attendance, long drainNanos) throws InterruptedException {
        long until = deadline;
        boolean left = false;
        while (true) {
            switch (events.poll(until - ticker.nanos(), TimeUnit.NANOSECONDS)) {
                case null -> {
                    return left ? givenUp(Reply.Why.LEFT, "") : givenUp(Reply.Why.LATE, "the deadline passed");
                }
                case Event.Ended(Reply reply) -> {
                    return reply;
                }
                case Event.Progress(JsonObject params) -> hand(params, attendance);
                case Event.Left(String reason) -> {
                    if (peer.withdraw(id)) return new Reply.Missing(Reply.Why.UNSENT, "was not asked: the client left");
                    peer.cancel(id, reason);
                    left = true;
                    until = Math.min(deadline, ticker.nanos() + drainNanos);
                }
            }
        }
    }

    private Reply givenUp(Reply.Why why, String cancellation) {
        if (peer.withdraw(id)) return new Reply.Missing(Reply.Why.UNSENT, "did not take the request in time");
        if (!cancellation.isEmpty()) peer.cancel(id, cancellation);
        peer.abandon(id);
        return new Reply.Missing(why, "did not answer in time");
    }

    private void hand(JsonObject params, Attendance attendance) {
        Optional<Json> token = attendance.progressToken();
        if (token.isEmpty()) return;
        try {
            attendance.progress().accept(params.set("progressToken", token.get()));
        } catch (RuntimeException gone) {
            LOG.debug("progress was not taken: {}", Printable.trace(gone));
        }
    }
}
