package dev.guardrail.server.upstream;

import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.base.Ticker;
import dev.guardrail.server.relay.Era;
import dev.guardrail.server.relay.Line;
import dev.guardrail.server.relay.Mirror;
import dev.guardrail.server.upstream.Connection.NotConnected;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// How a connection begins: which era its server speaks, the greeting of the first, and what the guard asks on its own.
final class Handshake {
    private static final Duration RENEWAL = Duration.ofSeconds(5);
    private static final int METHOD_NOT_FOUND = -32601;

    private static final JsonObject US =
            JsonObject.with("name", "guardrail").with("version", "0.1.0").build();

    /// What the guard says of itself to a server of the first era.
    static final JsonObject OURS = JsonObject.with("protocolVersion", Era.LEGACY_REVISIONS.getFirst())
            .with("capabilities", JsonObject.EMPTY)
            .with("clientInfo", US)
            .build();

    /// Stands for the words of a server that had none.
    private static final Reply.Failure UNSPOKEN = new Reply.Failure(
            JsonObject.builder()
                    .with("code", METHOD_NOT_FOUND)
                    .with("message", "the server does not speak this revision; greet it with `initialize`")
                    .build(),
            400,
            true);

    private final Peer peer;
    private final Ticker ticker;
    private final Runnable stale;
    private volatile Era era = Era.LEGACY;
    private volatile boolean hearing;

    /// What the server says to requests of the second era, where it does not speak it.
    private volatile Optional<Reply.Failure> stranger = Optional.empty();

    /// @param stale told where the tools may be others now
    Handshake(Peer peer, Ticker ticker, Runnable stale) {
        this.peer = peer;
        this.ticker = ticker;
        this.stale = stale;
    }

    /// Finds out which era the server speaks: one that knows `server/discover` is spoken to in the second, any other
    /// is greeted (MCP 2026-07-28, basic/versioning).
    ///
    /// @throws NotConnected where the server does not answer, refuses, or speaks no revision that we do
    void meet(long deadline, Duration probe) throws NotConnected, InterruptedException {
        long until = Math.min(deadline, ticker.nanos() + probe.toNanos());
        Reply reply = discover(until);
        // Some say so of the very first request whatever it asks, and mean that it be asked again.
        if (reply instanceof Reply.Failure failure && isAskedAgain(failure.error())) reply = discover(until);
        if (reply instanceof Reply.Result(JsonObject greeting) && speaksModern(greeting)) {
            era = Era.MODERN;
            hearChanges(greeting);
            return;
        }
        if (!peer.wire().isOpen()) throw new Startled();
        stranger = Optional.of(strange(reply));
        introduce(deadline);
    }

    /// Greets the server for the guard itself.
    void introduce(long deadline) throws NotConnected, InterruptedException {
        JsonObject greeting = need(greet(OURS, deadline));
        greeting(greeting);
        initialized(JsonObject.EMPTY, deadline);
        hearChangesStanding(greeting);
    }

    private Reply discover(long until) throws InterruptedException {
        return peer.ask(modern("server/discover", JsonObject.EMPTY, Exchange.Nobody.LINE))
                .await(Exchange.Patience.until(until));
    }

    /// True for an error that names the revision that was asked for among those that are spoken.
    private static boolean isAskedAgain(JsonObject error) {
        return Era.isModern(error)
                && error.object("data")
                        .flatMap(data -> data.array("supported"))
                        .filter(spoken -> spoken.texts().contains(Era.REVISION))
                        .isPresent();
    }

    private static boolean speaksModern(JsonObject greeting) {
        return greeting.array("supportedVersions")
                .orElse(JsonArray.EMPTY)
                .items()
                .contains(new JsonText(Era.REVISION));
    }

    private static Reply.Failure strange(Reply reply) {
        return switch (reply) {
            case Reply.Failure failure -> failure;
            case Reply.Missing(var why, var detail, var said) when said.isPresent() -> said.get();
            case Reply.Missing missing -> UNSPOKEN;
            case Reply.Result result -> UNSPOKEN;
        };
    }

    /// Sends `initialize` (MCP 2025-11-25, basic/lifecycle).
    Reply greet(JsonObject hello, long deadline) throws InterruptedException {
        return peer.ask(Peer.Question.of("initialize", hello)).await(Exchange.Patience.until(deadline));
    }

    /// Goes on from the answer to `initialize`.
    ///
    /// @throws NotConnected where the server speaks no revision that we do
    void greeting(JsonObject greeting) throws NotConnected {
        String version = greeting.text("protocolVersion").orElse("");
        if (!Era.LEGACY_REVISIONS.contains(version))
            throw new NotConnected("speaks no revision of the protocol that we do");
        peer.wire().agreed(version);
    }

    /// Says that the session is in use from now on; what follows comes after it.
    void initialized(JsonObject params, long deadline) throws InterruptedException {
        peer.notify("notifications/initialized", params);
        peer.wire().settle(Duration.ofNanos(Math.max(0, deadline - ticker.nanos())));
    }

    /// Hears of changes where the server tells of them, as the guard does for itself.
    private void hearChangesStanding(JsonObject greeting) {
        hearing = tellsChanges(greeting);
        if (hearing) peer.wire().listen();
    }

    private static boolean tellsChanges(JsonObject greeting) {
        return greeting.object("capabilities")
                .flatMap(capabilities -> capabilities.object("tools"))
                .filter(tools -> tools.isTrue("listChanged"))
                .isPresent();
    }

    /// Has the server say when its tools change; nobody waits for the end of that stream.
    private void hearChanges(JsonObject greeting) {
        hearing = tellsChanges(greeting);
        if (!hearing) return;
        var wanted = JsonObject.with(
                        "notifications",
                        JsonObject.builder().with("toolsListChanged", true).build())
                .build();
        Thread.ofVirtual().name("guardrail-changes").start(() -> keepHearing(wanted));
    }

    /// Asks again where the stream ends; after each end the tools are listed anew.
    private void keepHearing(JsonObject wanted) {
        try {
            while (peer.wire().isOpen()) {
                long until = ticker.nanos() + Duration.ofDays(1).toNanos();
                Reply reply = peer.ask(modern("subscriptions/listen", wanted, Exchange.Nobody.LINE))
                        .await(new Exchange.Patience(
                                until, Duration.ofDays(1), new CompletableFuture<>(), Duration.ZERO));
                stale.run();
                if (reply instanceof Reply.Failure) return;
                Thread.sleep(RENEWAL);
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    /// A question of our own in the second era.
    private static Peer.Question modern(String method, JsonObject params, Line line) {
        var facts = params.object("_meta")
                .orElse(JsonObject.EMPTY)
                .set(Era.META_REVISION, new JsonText(Era.REVISION))
                .set(Era.META_CLIENT, US)
                .set(Era.META_CAPABILITIES, JsonObject.EMPTY);
        var whole = params.set("_meta", facts);
        return new Peer.Question(method, id -> whole, Mirror.of(method, whole, Optional.empty()), line, Era.MODERN);
    }

    Peer.Question own(String method, JsonObject params) {
        return era == Era.MODERN ? modern(method, params, Exchange.Nobody.LINE) : Peer.Question.of(method, params);
    }

    /// True where the server tells the guard itself of changes.
    boolean isHearing() {
        return hearing;
    }

    /// What the server says to requests of the second era; empty where it speaks it.
    Optional<Reply.Failure> stranger() {
        return stranger;
    }

    /// The result of a request that the guard cannot do without.
    static JsonObject need(Reply reply) throws NotConnected {
        return switch (reply) {
            case Reply.Result(JsonObject result) -> result;
            case Reply.Result(var other) -> throw new NotConnected("answered with something that is no object");
            case Reply.Failure failure -> throw new NotConnected("refused");
            case Reply.Missing(var why, String detail, var said) -> throw new NotConnected(detail);
        };
    }

    /// The server ended when it was asked for its era.
    static final class Startled extends NotConnected {
        private static final long serialVersionUID = 1L;

        Startled() {
            super("ended when it was asked what it speaks");
        }
    }
}
