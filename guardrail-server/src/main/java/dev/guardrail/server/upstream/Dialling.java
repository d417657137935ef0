package dev.guardrail.server.upstream;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Printable;
import dev.guardrail.base.Ticker;
import dev.guardrail.call.InboundToken;
import dev.guardrail.server.upstream.Connection.NotConnected;
import java.io.IOException;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How one server is connected to.
///
/// @param shy set once the server has ended over being asked for its era
record Dialling(
        String name,
        Endpoint endpoint,
        Bounds bounds,
        Ticker ticker,
        RandomGenerator random,
        Drops drops,
        Optional<HttpClient> client,
        AtomicBoolean shy) {
    private static final Logger LOG = LoggerFactory.getLogger(Dialling.class);
    private static final Duration PROBE = Duration.ofSeconds(5);

    /// Opens a connection and meets the server.
    ///
    /// @param hello of the client that it is for; empty for one of the guard's own
    /// @param subject for whom it is opened; empty for the guard itself
    /// @param changed told when the server says on it that its tools changed
    /// @throws NotConnected where that did not work; nothing stays open then
    Connection open(Optional<Hello> hello, Optional<InboundToken> subject, long deadline, Consumer<Connection> changed)
            throws NotConnected, InterruptedException {
        if (hello.isPresent() || shy.get())
            return met(hello, subject, changed, connection -> greet(connection, hello, deadline));
        try {
            return met(
                    hello,
                    subject,
                    changed,
                    connection -> connection.handshake().meet(deadline, PROBE));
        } catch (Handshake.Startled startled) {
            // Some servers end when the first thing that they hear is not a greeting.
            shy.set(true);
            return met(hello, subject, changed, connection -> greet(connection, hello, deadline));
        }
    }

    private static void greet(Connection connection, Optional<Hello> hello, long deadline)
            throws NotConnected, InterruptedException {
        if (hello.isEmpty()) {
            connection.handshake().introduce(deadline);
            return;
        }
        switch (connection.handshake().greet(hello.get().params(), deadline)) {
            case Reply.Result(JsonObject greeting) -> {
                connection.handshake().greeting(greeting);
                if (hello.get().isInitialized()) connection.handshake().initialized(JsonObject.EMPTY, deadline);
                hello.get().greeted(greeting);
                if (hello.get().isListening()) connection.hear();
            }
            case Reply.Result other -> throw new NotConnected("answered with something that is no object");
            case Reply.Failure failure -> throw new Connection.Refused(failure);
            case Reply.Missing(var why, String detail, var said) -> {
                if (said.isPresent()) throw new Connection.Refused(said.get());
                throw new NotConnected(detail);
            }
        }
    }

    @FunctionalInterface
    private interface Meeting {
        void with(Connection connection) throws NotConnected, InterruptedException;
    }

    private Connection met(
            Optional<Hello> hello, Optional<InboundToken> subject, Consumer<Connection> changed, Meeting meeting)
            throws NotConnected, InterruptedException {
        var opened = new AtomicReference<Connection>();
        var standing = hello.map(Hello::standing).orElse(Exchange.Nobody.LINE);
        var peer = new Peer(bounds.messageBytes(), random, ticker, drops, standing, () -> {
            var connection = opened.get();
            if (connection != null) changed.accept(connection);
        });
        var wire = wire(peer);
        wire.speakFor(subject);
        peer.connect(wire);
        var connection = new Connection(peer, ticker);
        opened.set(connection);
        boolean done = false;
        try {
            wire.start();
            meeting.with(connection);
            done = true;
            return connection;
        } finally {
            if (!done) connection.cut();
        }
    }

    private Wire wire(Peer peer) throws NotConnected, InterruptedException {
        try {
            return switch (endpoint) {
                case Endpoint.Http http -> new HttpWire(name, http, client.orElseThrow(), bounds.messageBytes(), peer);
                case Endpoint.Stdio stdio -> StdioWire.open(name, stdio, bounds.messageBytes(), peer);
            };
        } catch (IOException failed) {
            LOG.warn("server `{}` cannot be started: {}", name, Printable.text(String.valueOf(failed.getMessage())));
            throw new NotConnected("cannot be started");
        }
    }
}
