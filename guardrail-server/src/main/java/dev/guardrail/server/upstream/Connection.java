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
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One initialized MCP connection to a server, and what the server listed on it.
final class Connection {
    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);

    private static final int PAGES = 200;
    private static final int TOOLS = 2_000;
    private static final long LISTING_BYTES = 8L * 1024 * 1024;
    private static final int METHOD_NOT_FOUND = -32601;

    private final Peer peer;
    private final Ticker ticker;
    private final Handshake handshake;
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
        this.handshake = new Handshake(peer, ticker, this::stale);
    }

    Handshake handshake() {
        return handshake;
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
            var own = connection.handshake().own(method, params);
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
            var reply = peer.ask(handshake.own("tools/list", asked)).await(Exchange.Patience.until(deadline));
            if (reply instanceof Reply.Failure failure && hasNoTools(failure.error())) return List.of();
            var result = Handshake.need(reply);
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
