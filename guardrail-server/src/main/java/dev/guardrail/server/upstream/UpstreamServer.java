package dev.guardrail.server.upstream;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Printable;
import dev.guardrail.base.ProblemType;
import dev.guardrail.base.Sha256;
import dev.guardrail.base.Ticker;
import dev.guardrail.call.DecisionRequest;
import dev.guardrail.call.InboundToken;
import dev.guardrail.call.ToolName;
import dev.guardrail.journal.JournalUnavailable;
import dev.guardrail.journal.Lease;
import dev.guardrail.pipeline.Attendance;
import dev.guardrail.pipeline.Outcome;
import dev.guardrail.pipeline.Runner;
import dev.guardrail.server.relay.Answer;
import dev.guardrail.server.relay.Line;
import dev.guardrail.server.relay.Relay;
import dev.guardrail.server.relay.Way;
import dev.guardrail.server.upstream.Connection.NotConnected;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One upstream MCP server: its connections, and calls on them behind a breaker, a bulkhead and a deadline of its
/// own, so that a broken server costs nobody else anything.
public final class UpstreamServer implements Runner {
    private static final Logger LOG = LoggerFactory.getLogger(UpstreamServer.class);

    /// A session that the server forgot is opened anew once.
    private static final int SESSIONS = 2;

    private final String name;
    private final Bounds bounds;
    private final Listing seen;
    private final Ticker ticker;
    private final Fence fence;
    private final Drops drops = new Drops();
    private final Connections connections;
    private final Optional<HttpClient> client;
    private final Runnable changed;
    private final Passing passing;
    private final Purse purse;

    /// Takes a server's whole listing.
    @FunctionalInterface
    public interface Listing {
        /// @return the digest of each tool
        Map<ToolName, Sha256> seen(String server, List<JsonObject> definitions);
    }

    /// @param changed told when the server says that its tools changed; it must not block
    UpstreamServer(
            String name,
            Endpoint endpoint,
            Bounds bounds,
            Listing seen,
            Ticker ticker,
            RandomGenerator random,
            Runnable changed) {
        this.name = name;
        this.bounds = bounds;
        this.seen = seen;
        this.ticker = ticker;
        this.fence = new Fence(name, bounds, ticker);
        this.client = endpoint instanceof Endpoint.Http ? Optional.of(StraightClient.open()) : Optional.empty();
        this.changed = changed;
        this.purse = Purse.of(endpoint);
        var dialling = new Dialling(name, endpoint, bounds, ticker, random, drops, client, new AtomicBoolean());
        this.connections = new Connections(
                (hello, subject, deadline) -> {
                    purse.refuseNobody(hello, subject);
                    return dialling.open(hello, subject, deadline, this::toolsChanged);
                },
                bounds,
                ticker,
                // Connecting costs little, starting a process much.
                endpoint instanceof Endpoint.Http ? 250 : 2_000);
        this.passing =
                new Passing(name, connections, bounds, ticker, definitions -> seen.seen(name, definitions), purse);
    }

    private void toolsChanged(Connection connection) {
        connection.stale();
        changed.run();
    }

    @Override
    public Outcome run(Lease lease, DecisionRequest request, Attendance attendance) {
        return run(request, attendance);
    }

    /// Asks something that changes nothing, on the guard's own connection.
    Outcome look(DecisionRequest question, Duration atMost) {
        return run(question, Attendance.silent(atMost));
    }

    private Outcome run(DecisionRequest request, Attendance attendance) {
        long deadline = ticker.nanos() + attendance.timeout().toNanos();
        boolean idempotent = request.resource().tool().idempotent();
        return fence.run(idempotent, deadline, () -> attempt(request, attendance, deadline));
    }

    private Fence.Attempt attempt(DecisionRequest request, Attendance attendance, long deadline) {
        try {
            if (attendance.left().isDone())
                return Fence.Attempt.neither(notRun(ProblemType.UPSTREAM_FAILED, "was not asked: the client left"));
            for (int session = 1; ; session++) {
                var attempt = attempt(request, attendance, deadline, session == SESSIONS);
                if (attempt.isPresent()) return attempt.get();
            }
        } catch (NotConnected failed) {
            var type = ticker.nanos() >= deadline ? ProblemType.UPSTREAM_TIMEOUT : ProblemType.UPSTREAM_FAILED;
            return Fence.Attempt.unsent(notRun(type, String.valueOf(failed.getMessage())));
        } catch (CredentialUnavailable missing) {
            return Fence.Attempt.neither(notRun(ProblemType.UPSTREAM_FAILED, String.valueOf(missing.getMessage())));
        } catch (JournalUnavailable unwritable) {
            return Fence.Attempt.neither(
                    new Outcome.NotRun(unwritable.type(), String.valueOf(unwritable.getMessage())));
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return Fence.Attempt.neither(lost(ProblemType.INTERNAL, "was left alone: the guard is stopping"));
        } catch (RuntimeException fault) {
            LOG.error("calling server `{}` failed: {}", name, Printable.trace(fault));
            return Fence.Attempt.neither(lost(ProblemType.INTERNAL, "could not be called properly"));
        }
    }

    /// @return empty where the session had expired and may be opened anew
    private Optional<Fence.Attempt> attempt(DecisionRequest request, Attendance attendance, long deadline, boolean last)
            throws NotConnected, InterruptedException {
        var connection = enter(attendance, deadline);
        try {
            if (Composition.isStateless(attendance)
                    && connection.handshake().stranger().isPresent())
                return Optional.of(judge(connection.handshake().stranger().get(), attendance));
            var tool = request.resource().tool();
            if (Composition.isTool(tool.name())) {
                connection.list(deadline(deadline), bounds.relist(), definitions -> seen.seen(name, definitions));
                var listed = connection.listed().get(tool.name());
                if (listed == null || !tool.digest().equals(listed))
                    return Optional.of(Fence.Attempt.neither(changed(listed != null)));
            }
            var reply = connection.ask(
                    Composition.of(connection, request, attendance),
                    new Exchange.Patience(deadline, attendance.timeout(), attendance.left(), bounds.drain()));
            if (!last && reply instanceof Reply.Missing(var why, var detail, var said) && again(why, tool.idempotent()))
                return Optional.empty();
            if (!(reply instanceof Reply.Missing)) connections.succeeded();
            return Optional.of(judge(reply, attendance));
        } finally {
            connection.leave();
        }
    }

    /// The connection for a call, with a credential for whom it is called: without one, nothing is begun.
    ///
    /// @throws CredentialUnavailable where there is none
    private Connection enter(Attendance attendance, long deadline) throws NotConnected, InterruptedException {
        purse.open(attendance.token());
        return connections.enter(client(attendance), purse.subject(attendance.token()), deadline);
    }

    /// Whose connection a call takes. Where each user has a credential, users share none.
    private Optional<String> client(Attendance attendance) {
        return Composition.relayed(attendance)
                .flatMap(relayed -> switch (relayed.way()) {
                    case Way.Session(String connection) -> Optional.of(connection);
                    case Way.Stateless alone -> Optional.empty();
                })
                .or(() -> purse.connection(attendance.token()));
    }

    /// Whether a call may be sent on a session opened anew: what may have run, only where running twice is running
    /// once.
    private static boolean again(Reply.Why why, boolean idempotent) {
        return why == Reply.Why.EXPIRED || (why == Reply.Why.DOUBTED && idempotent);
    }

    private Outcome changed(boolean listed) {
        return notRun(
                ProblemType.UPSTREAM_FAILED,
                listed
                        ? "changed the definition of this tool after it was pinned; an operator has to accept it first"
                        : "no longer lists this tool");
    }

    private Fence.Attempt judge(Reply reply, Attendance attendance) {
        return switch (reply) {
            case Reply.Result(JsonObject result) ->
                Fence.Attempt.sound(new Outcome.Answered(result, !result.isTrue("isError")));
            case Reply.Result(var other) ->
                Fence.Attempt.broken(lost(ProblemType.UPSTREAM_FAILED, "answered with a result that is no object"));
            case Reply.Failure(JsonObject error, int status, boolean named) -> {
                Composition.relayed(attendance)
                        .ifPresent(relayed -> relayed.line().status(status));
                yield Fence.Attempt.sound(Outcome.Answered.protocolError(error));
            }
            case Reply.Missing(Reply.Why why, String detail, var said) -> missing(why, detail);
        };
    }

    private Fence.Attempt missing(Reply.Why why, String detail) {
        return switch (why) {
            case UNSENT -> Fence.Attempt.unsent(notRun(ProblemType.UPSTREAM_FAILED, detail));
            case REFUSED, EXPIRED -> Fence.Attempt.neither(notRun(ProblemType.UPSTREAM_FAILED, detail));
            case DOUBTED -> Fence.Attempt.neither(lost(ProblemType.UPSTREAM_FAILED, detail));
            case BROKEN -> Fence.Attempt.broken(lost(ProblemType.UPSTREAM_FAILED, detail));
            case LATE -> Fence.Attempt.broken(lost(ProblemType.UPSTREAM_TIMEOUT, detail));
            case LEFT -> Fence.Attempt.neither(lost(ProblemType.UPSTREAM_FAILED, detail + " after the client left"));
        };
    }

    private Outcome notRun(ProblemType type, String detail) {
        return new Outcome.NotRun(type, "the server `" + name + "` " + detail + "; the call did not run");
    }

    private Outcome lost(ProblemType type, String detail) {
        return new Outcome.Lost(type, "the server `" + name + "` " + detail + "; whether the call ran is not known");
    }

    private long deadline(long atMost) {
        return Math.min(atMost, ticker.nanos() + bounds.connect().toNanos());
    }

    /// Lists the server's tools on the guard's own connection.
    ///
    /// @return what is wrong, as one lower-case sentence; empty where the listing was taken
    Optional<String> refresh(Duration timeout) {
        try {
            long deadline = ticker.nanos() + timeout.toNanos();
            var connection = connections.enter(Optional.empty(), Optional.empty(), deadline);
            try {
                connection.list(deadline(deadline), Duration.ZERO, definitions -> seen.seen(name, definitions));
                connections.succeeded();
                return Optional.empty();
            } finally {
                connection.leave();
            }
        } catch (NotConnected failed) {
            return Optional.of("the server `" + name + "` " + failed.getMessage());
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return Optional.of("the guard is stopping");
        } catch (RuntimeException fault) {
            LOG.error("listing server `{}` failed: {}", name, Printable.trace(fault));
            return Optional.of("the listing of server `" + name + "` could not be taken");
        }
    }

    Answer open(String client, JsonObject hello, Line standing, Optional<InboundToken> token) {
        return passing.open(client, hello, standing, purse.subject(token));
    }

    Optional<Answer.Failure> stranger(Optional<InboundToken> token) {
        return passing.stranger(purse.connection(token), purse.subject(token));
    }

    Answer ask(Relay.Passing asked) {
        Optional<InboundToken> subject = purse.subject(asked.token());
        Optional<String> client = switch (asked.way()) {
            case Way.Session(String connection) -> Optional.of(connection);
            case Way.Stateless alone -> purse.connection(asked.token());
        };
        return passing.ask(asked, client, subject);
    }

    void tell(String client, String method, JsonObject params) {
        passing.tell(client, method, params);
    }

    void listen(String client) {
        passing.listen(client);
    }

    void deafen(String client) {
        passing.deafen(client);
    }

    void release(String client) {
        connections.release(client);
    }

    void sweep() {
        connections.sweep();
    }

    /// What it sent that nobody took.
    public Drops drops() {
        return drops;
    }

    /// Connections open now.
    public int open() {
        return connections.open();
    }

    Fence fence() {
        return fence;
    }

    void close() throws InterruptedException {
        connections.close();
        client.ifPresent(HttpClient::shutdownNow);
        purse.close();
    }
}
