package dev.guardrail.server.upstream;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.ProblemType;
import dev.guardrail.base.Sha256;
import dev.guardrail.base.Ticker;
import dev.guardrail.call.InboundToken;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.call.ToolName;
import dev.guardrail.server.relay.Answer;
import dev.guardrail.server.relay.Era;
import dev.guardrail.server.relay.Line;
import dev.guardrail.server.relay.Relay;
import dev.guardrail.server.relay.Way;
import dev.guardrail.server.upstream.Connection.NotConnected;
import dev.guardrail.server.upstream.Connection.Refused;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// What passes to one server without a decision: greetings, lists, completion, and the client's own notices.
final class Passing {
    private final String name;
    private final Connections connections;
    private final Bounds bounds;
    private final Ticker ticker;
    private final Function<java.util.List<JsonObject>, Map<ToolName, Sha256>> seen;
    private final Purse purse;

    /// @param seen takes the server's whole listing
    Passing(
            String name,
            Connections connections,
            Bounds bounds,
            Ticker ticker,
            Function<java.util.List<JsonObject>, Map<ToolName, Sha256>> seen,
            Purse purse) {
        this.name = name;
        this.connections = connections;
        this.bounds = bounds;
        this.ticker = ticker;
        this.seen = seen;
        this.purse = purse;
    }

    /// Work on a connection that was entered.
    @FunctionalInterface
    private interface Work {
        Answer on(Connection connection) throws NotConnected, InterruptedException;
    }

    /// Something with an answer, if it comes that far.
    @FunctionalInterface
    private interface Undertaking {
        Answer run() throws NotConnected, InterruptedException;
    }

    Answer open(String client, JsonObject params, Line standing, Optional<InboundToken> subject) {
        var hello = new Hello(params, standing);
        connections.introduce(client, hello);
        return on(Optional.of(client), subject, bounds.connect(), connection -> {
            var greeting = hello.greeting();
            return greeting == null
                    ? new Answer.Missing(ProblemType.UPSTREAM_FAILED, say("gave no greeting"), false)
                    : new Answer.Result(greeting);
        });
    }

    /// @return what the server says to the second era, where it does not speak it
    Optional<Answer.Failure> stranger(Optional<String> client, Optional<InboundToken> subject) {
        var answer = on(
                client,
                subject,
                bounds.connect(),
                connection -> connection
                        .handshake()
                        .stranger()
                        .map(Passing::answer)
                        .orElseGet(() -> new Answer.Result(JsonObject.EMPTY)));
        return answer instanceof Answer.Failure failure ? Optional.of(failure) : Optional.empty();
    }

    /// Asks, once more where the server refused unread because it no longer knew the session.
    Answer ask(Relay.Passing passing, Optional<String> client, Optional<InboundToken> subject) {
        Answer answer = once(passing, client, subject);
        return answer instanceof Answer.Missing(var type, var detail, boolean gone) && gone
                ? once(passing, client, subject)
                : answer;
    }

    private Answer once(Relay.Passing passing, Optional<String> client, Optional<InboundToken> subject) {
        return on(client, subject, bounds.connect(), connection -> {
            boolean stateless = passing.way() instanceof Way.Stateless;
            if (stateless && connection.handshake().stranger().isPresent())
                return failure(passing.line(), connection.handshake().stranger().get());
            var request = new Connection.Request(
                    passing.method(),
                    passing.params(),
                    passing.headers(),
                    Optional.empty(),
                    passing.line(),
                    stateless ? Era.MODERN : Era.LEGACY);
            boolean endless = passing.method().equals("subscriptions/listen");
            Duration silence = endless ? Duration.ofDays(1) : passing.timeout();
            var patience =
                    new Exchange.Patience(ticker.nanos() + silence.toNanos(), silence, passing.left(), Duration.ZERO);
            var reply = connection.ask(request, patience);
            if (!(reply instanceof Reply.Missing)) connections.succeeded();
            var answer = answer(reply, passing.line());
            if (passing.method().equals("tools/list")) known(connection, answer);
            return answer;
        });
    }

    /// A tool that was not known is pinned before the client sees it. Before the next call the tools are listed again:
    /// a definition may change as soon as a client was shown it.
    private void known(Connection connection, Answer answer) throws NotConnected, InterruptedException {
        if (!(answer instanceof Answer.Result(Json value)) || !(value instanceof JsonObject page)) return;
        boolean same = page.array("tools").orElse(JsonArray.EMPTY).objects().stream()
                .allMatch(tool -> isListed(connection, tool));
        if (!same) connection.list(deadline(bounds.connect()), Duration.ZERO, seen);
        connection.stale();
    }

    private boolean isListed(Connection connection, JsonObject tool) {
        try {
            var named = new ToolName(name, tool.text("name").orElse(""));
            var listed = connection.listed().get(named);
            return listed != null && ToolDefinition.digest(named, tool).equals(listed);
        } catch (IllegalArgumentException unusable) {
            return true; // it is never pinned, and so never shown
        }
    }

    private Answer on(Optional<String> client, Optional<InboundToken> subject, Duration atMost, Work work) {
        return told(() -> {
            purse.open(subject);
            return entered(client, subject, atMost, work);
        });
    }

    private Answer told(Undertaking work) {
        try {
            return work.run();
        } catch (Refused refused) {
            return answer(refused.failure());
        } catch (NotConnected failed) {
            return new Answer.Missing(ProblemType.UPSTREAM_FAILED, say(String.valueOf(failed.getMessage())), false);
        } catch (CredentialUnavailable missing) {
            return new Answer.Missing(ProblemType.UPSTREAM_FAILED, say(String.valueOf(missing.getMessage())), false);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return new Answer.Missing(ProblemType.INTERNAL, say("was left alone: the guard is stopping"), false);
        }
    }

    private Answer entered(Optional<String> client, Optional<InboundToken> subject, Duration atMost, Work work)
            throws NotConnected, InterruptedException {
        var connection = connections.enter(client, subject, deadline(atMost));
        try {
            return work.on(connection);
        } finally {
            connection.leave();
        }
    }

    /// Beside requests: on the connection that the client has, for whom it was opened.
    private void beside(String client, Work work) {
        told(() -> entered(Optional.of(client), Optional.empty(), bounds.connect(), work));
    }

    void tell(String client, String method, JsonObject params) {
        beside(client, connection -> {
            if (method.equals("notifications/initialized")) initialized(client, connection, params);
            else connection.tell(method, params);
            return new Answer.Result(JsonObject.EMPTY);
        });
    }

    private void initialized(String client, Connection connection, JsonObject params) throws InterruptedException {
        connections.hello(client).ifPresent(Hello::initialized);
        connection.handshake().initialized(params, deadline(bounds.connect()));
    }

    void listen(String client) {
        connections.hello(client).ifPresent(hello -> hello.listens(true));
        beside(client, connection -> {
            connection.hear();
            return new Answer.Result(JsonObject.EMPTY);
        });
    }

    void deafen(String client) {
        connections.hello(client).ifPresent(hello -> hello.listens(false));
        connections.deafen(client);
    }

    private Answer answer(Reply reply, Line line) {
        return switch (reply) {
            case Reply.Result(Json value) -> new Answer.Result(value);
            case Reply.Failure failure -> failure(line, failure);
            case Reply.Missing(var why, String detail, var said) -> {
                if (said.isPresent() && why != Reply.Why.EXPIRED) yield failure(line, said.get());
                yield new Answer.Missing(
                        why == Reply.Why.LATE ? ProblemType.UPSTREAM_TIMEOUT : ProblemType.UPSTREAM_FAILED,
                        say(detail),
                        why == Reply.Why.EXPIRED);
            }
        };
    }

    private static Answer failure(Line line, Reply.Failure failure) {
        line.status(failure.status());
        return answer(failure);
    }

    private static Answer answer(Reply.Failure failure) {
        return new Answer.Failure(failure.error(), failure.status(), failure.named());
    }

    private String say(String detail) {
        return "the server `" + name + "` " + detail;
    }

    private long deadline(Duration atMost) {
        return ticker.nanos() + atMost.toNanos();
    }
}
