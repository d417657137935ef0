package dev.guardrail.server.upstream;

import dev.guardrail.base.Printable;
import dev.guardrail.base.Ticker;
import dev.guardrail.call.InboundToken;
import dev.guardrail.server.upstream.Connection.NotConnected;
import java.io.IOException;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How one server is connected to.
record Dialling(
        String name,
        Endpoint endpoint,
        Bounds bounds,
        Ticker ticker,
        RandomGenerator random,
        Drops drops,
        Optional<HttpClient> client) {
    private static final Logger LOG = LoggerFactory.getLogger(Dialling.class);
    private static final Duration DIAL = Duration.ofSeconds(5);

    /// A client that goes nowhere but where it is told: no proxy of the environment, no redirect, no cookie.
    static HttpClient httpClient() {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .proxy(HttpClient.Builder.NO_PROXY)
                .connectTimeout(DIAL)
                .executor(Executors.newVirtualThreadPerTaskExecutor())
                .build();
    }

    /// Opens and initializes a connection.
    ///
    /// @param subject for whom it is opened; empty for the guard itself
    /// @param changed told when the server says on it that its tools changed
    /// @throws NotConnected where that did not work; nothing stays open then
    Connection open(Optional<InboundToken> subject, long deadline, Consumer<Connection> changed)
            throws NotConnected, InterruptedException {
        var opened = new AtomicReference<Connection>();
        var peer = new Peer(bounds.messageBytes(), random, ticker, drops, () -> {
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
            connection.initialize(deadline);
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
