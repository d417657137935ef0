package dev.guardrail.server.upstream;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Printable;
import dev.guardrail.base.Ticker;
import dev.guardrail.server.relay.Answer;
import dev.guardrail.server.relay.Era;
import dev.guardrail.server.relay.Line;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One request that left, or is about to, and whoever waits for it. What happens is queued by the wire's thread
/// and taken by the waiting one, so that a client slow to take it delays nobody else.
final class Exchange {
    private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);
    private static final int WAITING = 256;

    private final Peer peer;
    private final String id;
    private final Ticker ticker;
    private final Peer.Question question;
    private final LinkedBlockingQueue<Event> events = new LinkedBlockingQueue<>();

    /// Questions of the server's that the client has not answered: while there is one, silence is not the server's.
    private final AtomicInteger open = new AtomicInteger();

    private volatile Optional<Reply.Failure> hint = Optional.empty();

    Exchange(Peer peer, String id, Ticker ticker, Peer.Question question) {
        this.peer = peer;
        this.id = id;
        this.ticker = ticker;
        this.question = question;
    }

    private sealed interface Event {
        record Told(Consumer<Line> telling) implements Event {}

        record Ended(Reply reply) implements Event {}

        record Left(String reason) implements Event {}

        /// Somebody has spoken: the wait begins anew.
        record Alive() implements Event {}
    }

    /// How long an answer is awaited.
    ///
    /// @param deadline by the ticker, while the server is silent
    /// @param silence that each sign of life allows from then on; zero where none does
    /// @param left completes where the client takes the request back
    /// @param drain how long the answer is awaited after that
    record Patience(long deadline, Duration silence, CompletableFuture<String> left, Duration drain) {
        static Patience until(long deadline) {
            return new Patience(deadline, Duration.ZERO, new CompletableFuture<>(), Duration.ZERO);
        }
    }

    String id() {
        return id;
    }

    Era era() {
        return question.era();
    }

    boolean hasClient() {
        return question.line() != Nobody.LINE;
    }

    void end(Reply reply) {
        events.add(new Event.Ended(reply));
    }

    /// The server refused with these words, which may not be about this request.
    void hint(Reply.Failure failure) {
        hint = Optional.of(failure);
    }

    Optional<Reply.Failure> hint() {
        return hint;
    }

    /// @return false where its taker is too far behind
    boolean say(JsonObject notification, boolean numbered) {
        return queue(line -> line.say(notification, numbered));
    }

    /// @return false where its taker is too far behind
    boolean ask(Json asked, String method, JsonObject params, boolean numbered, Consumer<Answer> answer) {
        open.incrementAndGet();
        boolean queued = queue(line -> peer.asking(asked, line.ask(method, params, numbered, given -> {
            open.decrementAndGet();
            events.add(new Event.Alive());
            answer.accept(given);
        })));
        if (!queued) open.decrementAndGet();
        return queued;
    }

    void sign(Consumer<Line> sign) {
        queue(sign);
    }

    private boolean queue(Consumer<Line> telling) {
        return events.size() < WAITING && events.add(new Event.Told(telling));
    }

    /// Waits for the answer. At the deadline the server is told that nobody waits any more. When the client
    /// leaves, it is told so too, but the answer is awaited for a while longer: what ran shall be known.
    Reply await(Patience patience) throws InterruptedException {
        var leaving = patience.left().thenAccept(reason -> events.add(new Event.Left(reason)));
        try {
            return listen(patience);
        } catch (InterruptedException stopped) {
            peer.abandon(id);
            throw stopped;
        } finally {
            leaving.cancel(false);
            peer.forget(id);
        }
    }

    private Reply listen(Patience patience) throws InterruptedException {
        long until = patience.deadline();
        boolean left = false;
        while (true) {
            switch (events.poll(until - ticker.nanos(), TimeUnit.NANOSECONDS)) {
                case null -> {
                    if (left) return givenUp(Reply.Why.LEFT, "");
                    if (open.get() == 0) return givenUp(Reply.Why.LATE, "the deadline passed");
                    until = later(until, patience);
                    if (patience.silence().isZero()) return givenUp(Reply.Why.LATE, "the deadline passed");
                }
                case Event.Ended(Reply reply) -> {
                    return reply;
                }
                case Event.Told(Consumer<Line> telling) -> {
                    tell(telling);
                    if (!left) until = later(until, patience);
                }
                case Event.Alive alive -> {
                    if (!left) until = later(until, patience);
                }
                case Event.Left(String reason) -> {
                    if (peer.withdraw(id))
                        return new Reply.Missing(Reply.Why.UNSENT, "was not asked: the client left", hint);
                    peer.cancel(id, era(), reason);
                    left = true;
                    until = ticker.nanos() + patience.drain().toNanos();
                }
            }
        }
    }

    private long later(long until, Patience patience) {
        return Math.max(until, ticker.nanos() + patience.silence().toNanos());
    }

    private Reply givenUp(Reply.Why why, String cancellation) {
        if (peer.withdraw(id)) return new Reply.Missing(Reply.Why.UNSENT, "did not take the request in time", hint);
        if (!cancellation.isEmpty()) peer.cancel(id, era(), cancellation);
        peer.abandon(id);
        return new Reply.Missing(why, "did not answer in time", hint);
    }

    private void tell(Consumer<Line> telling) {
        try {
            telling.accept(question.line());
        } catch (RuntimeException gone) {
            LOG.debug("what a server said was not taken: {}", Printable.trace(gone));
        }
    }

    /// The line of questions of our own.
    static final class Nobody {
        static final Line LINE = Line.nobody();

        private Nobody() {}
    }
}
