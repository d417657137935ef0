package dev.guardrail.server.upstream;

import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.base.JsonWriter;
import dev.guardrail.base.Sha256;
import dev.guardrail.base.Ticker;
import dev.guardrail.call.InboundToken;
import dev.guardrail.call.ToolName;
import dev.guardrail.server.relay.Era;
import dev.guardrail.server.relay.Line;
import dev.guardrail.server.relay.Mirror;
import dev.guardrail.server.relay.TraceContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One initialized MCP connection to a server, and what the server listed on it.
final class Connection {
    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);

    private static final Duration RENEWAL = Duration.ofSeconds(5);
    private static final int PAGES = 200;
    private static final int TOOLS = 2_000;
    private static final long LISTING_BYTES = 8L * 1024 * 1024;
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
    private volatile Era era = Era.LEGACY;

    /// What the server says to requests of the second era, where it does not speak it.
    private volatile Optional<Reply.Failure> stranger = Optional.empty();
    private final ReentrantLock listing = new ReentrantLock();
    private volatile Map<ToolName, Sha256> listed = Map.of();
    private volatile long listedAt;
    private volatile boolean stale = true;
    private volatile long usedAt;
    private int users;
    private boolean retired;

    Connection(Peer peer, Ticker ticker) {
        this.peer = peer;
        this.ticker = ticker;
        this.usedAt = ticker.nanos();
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
        if (!isOpen()) throw new Startled();
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
        if (tellsChanges(greeting)) peer.wire().listen();
    }

    private static boolean tellsChanges(JsonObject greeting) {
        return greeting.object("capabilities")
                .flatMap(capabilities -> capabilities.object("tools"))
                .filter(tools -> tools.isTrue("listChanged"))
                .isPresent();
    }

    /// Has the server say when its tools change; nobody waits for the end of that stream.
    private void hearChanges(JsonObject greeting) {
        if (!tellsChanges(greeting)) return;
        var wanted = JsonObject.with(
                        "notifications",
                        JsonObject.builder().with("toolsListChanged", true).build())
                .build();
        Thread.ofVirtual().name("guardrail-changes").start(() -> keepHearing(wanted));
    }

    /// Asks again where the stream ends; after each end the tools are listed anew.
    private void keepHearing(JsonObject wanted) {
        try {
            while (isOpen()) {
                long until = ticker.nanos() + Duration.ofDays(1).toNanos();
                Reply reply = peer.ask(modern("subscriptions/listen", wanted, Exchange.Nobody.LINE))
                        .await(new Exchange.Patience(
                                until, Duration.ofDays(1), new CompletableFuture<>(), Duration.ZERO));
                stale();
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

    private Peer.Question own(String method, JsonObject params) {
        return era == Era.MODERN ? modern(method, params, Exchange.Nobody.LINE) : Peer.Question.of(method, params);
    }

    /// Asks something for a client and waits. The client's progress token stays with the client.
    Reply ask(Request request, Exchange.Patience patience) throws InterruptedException {
        var headers = new TreeMap<String, String>(String.CASE_INSENSITIVE_ORDER);
        headers.putAll(request.headers());
        headers.putAll(TraceContext.headers(request.params()));
        if (request.era() == Era.MODERN)
            headers.putAll(Mirror.of(request.method(), request.params(), request.schema()));
        return peer.ask(new Peer.Question(
                        request.method(),
                        id -> withToken(request.params(), id),
                        headers,
                        request.line(),
                        request.era()))
                .await(patience);
    }

    private static JsonObject withToken(JsonObject params, String id) {
        return params.object("_meta")
                .filter(meta -> meta.has("progressToken"))
                .map(meta -> params.set("_meta", meta.set("progressToken", new JsonText(id))))
                .orElse(params);
    }

    /// A client's request.
    ///
    /// @param headers that go with it beside those that repeat its params
    /// @param schema input schema of the tool that it calls, where it calls one
    record Request(
            String method,
            JsonObject params,
            Map<String, String> headers,
            Optional<JsonObject> schema,
            Line line,
            Era era) {

        /// A request as a client of the server's own era makes it.
        static Request of(Connection connection, String method, JsonObject params) {
            var own = connection.own(method, params);
            return new Request(
                    method, own.params().apply(""), Map.of(), Optional.empty(), Exchange.Nobody.LINE, own.era());
        }
    }

    void tell(String method, JsonObject params) {
        peer.notify(method, params);
    }

    void hear() {
        peer.wire().listen();
    }

    void deafen() {
        peer.wire().deafen();
    }

    Era era() {
        return era;
    }

    /// What the server says to requests of the second era; empty where it speaks it.
    Optional<Reply.Failure> stranger() {
        return stranger;
    }

    /// Lists the tools anew where the listing is stale or older than `age`.
    ///
    /// @param seen takes the whole listing and says what digest each tool has
    void list(long deadline, Duration age, Function<List<JsonObject>, Map<ToolName, Sha256>> seen)
            throws NotConnected, InterruptedException {
        listing.lockInterruptibly();
        try {
            if (!stale && ticker.nanos() - listedAt < age.toNanos()) return;
            // Cleared first: a change that is told while the pages come makes the listing stale again.
            stale = false;
            listedAt = ticker.nanos();
            boolean done = false;
            try {
                listed = Map.copyOf(seen.apply(pages(deadline)));
                done = true;
            } finally {
                stale |= !done;
            }
        } finally {
            listing.unlock();
        }
    }

    private List<JsonObject> pages(long deadline) throws NotConnected, InterruptedException {
        var tools = new ArrayList<JsonObject>();
        var cursors = new HashSet<String>();
        long room = LISTING_BYTES;
        JsonObject params = JsonObject.EMPTY;
        for (int page = 0; page < PAGES; page++) {
            var asked = params;
            var reply = peer.ask(own("tools/list", asked)).await(Exchange.Patience.until(deadline));
            if (reply instanceof Reply.Failure failure && hasNoTools(failure.error())) return List.of();
            var result = need(reply);
            for (JsonObject tool : result.array("tools").orElse(JsonArray.EMPTY).objects()) {
                room -= JsonWriter.bytes(tool).length;
                if (room < 0 || tools.size() == TOOLS) return cut(tools);
                tools.add(tool);
            }
            var next = result.text("nextCursor");
            if (next.isEmpty()) return tools;
            if (!cursors.add(next.get())) break;
            params = JsonObject.with("cursor", next.get()).build();
        }
        return cut(tools);
    }

    private static List<JsonObject> cut(List<JsonObject> tools) {
        LOG.warn(
                "a listing has no end, or is too large: its first {} tools are taken, no other is known", tools.size());
        return tools;
    }

    private static boolean hasNoTools(JsonObject error) {
        var code = error.integer("code");
        return code.isPresent() && code.getAsLong() == METHOD_NOT_FOUND;
    }

    private static JsonObject need(Reply reply) throws NotConnected {
        return switch (reply) {
            case Reply.Result(JsonObject result) -> result;
            case Reply.Result(var other) -> throw new NotConnected("answered with something that is no object");
            case Reply.Failure failure -> throw new NotConnected("refused");
            case Reply.Missing(var why, String detail, var said) -> throw new NotConnected(detail);
        };
    }

    /// Digests of the tools as this connection last listed them.
    Map<ToolName, Sha256> listed() {
        return listed;
    }

    void stale() {
        stale = true;
    }

    boolean isExpired() {
        return peer.wire().isExpired();
    }

    boolean isOpen() {
        return peer.wire().isOpen();
    }

    long usedAt() {
        return usedAt;
    }

    /// Takes part in the connection; it is not closed under a user.
    ///
    /// @return false where it was retired
    synchronized boolean enter() {
        if (retired) return false;
        users++;
        usedAt = ticker.nanos();
        return true;
    }

    synchronized void leave() {
        users--;
        usedAt = ticker.nanos();
        if (retired && users == 0) peer.wire().close();
    }

    /// Ends the connection once nobody uses it, at once where nobody does.
    synchronized void retire() {
        retired = true;
        if (users == 0) peer.wire().close();
    }

    /// Says for whom what follows is asked.
    void speakFor(Optional<InboundToken> subject) {
        peer.wire().speakFor(subject);
    }

    synchronized boolean isUsed() {
        return users > 0;
    }

    /// Ends the connection under whoever uses it.
    synchronized void cut() {
        retired = true;
        peer.wire().close();
    }

    void awaitClosed() throws InterruptedException {
        peer.wire().awaitClosed();
    }

    /// A server could not be connected to, or not listed.
    static class NotConnected extends Exception {
        private static final long serialVersionUID = 1L;

        /// @param detail one lower-case clause that completes "the server …"
        NotConnected(String detail) {
            super(detail);
        }
    }

    /// The server ended when it was asked for its era.
    static final class Startled extends NotConnected {
        private static final long serialVersionUID = 1L;

        Startled() {
            super("ended when it was asked what it speaks");
        }
    }

    /// The server answered `initialize` with an error of its own.
    static final class Refused extends NotConnected {
        private static final long serialVersionUID = 1L;

        private final transient Reply.Failure failure;

        Refused(Reply.Failure failure) {
            super("refused to be initialized");
            this.failure = failure;
        }

        Reply.Failure failure() {
            return failure;
        }
    }
}
