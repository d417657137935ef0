package dev.guardrail.server.upstream;

import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonWriter;
import dev.guardrail.base.Sha256;
import dev.guardrail.base.Ticker;
import dev.guardrail.call.InboundToken;
import dev.guardrail.call.ToolName;
import dev.guardrail.pipeline.Attendance;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One initialized MCP connection to a server, and what the server listed on it.
final class Connection {
    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);

    /// Revisions whose `tools/*` are the same to us, newest first; we ask for the first.
    private static final List<String> REVISIONS = List.of("2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05");

    private static final int PAGES = 200;
    private static final int TOOLS = 2_000;
    private static final long LISTING_BYTES = 8L * 1024 * 1024;
    private static final int METHOD_NOT_FOUND = -32601;

    private final Peer peer;
    private final Ticker ticker;
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

    /// Shakes hands (MCP 2025-11-25, basic/lifecycle).
    ///
    /// @throws NotConnected where the server does not answer, refuses, or speaks no revision that we do
    void initialize(long deadline) throws NotConnected, InterruptedException {
        var us = JsonObject.with("name", "guardrail").with("version", "0.1.0").build();
        var params = JsonObject.with("protocolVersion", REVISIONS.getFirst())
                .with("capabilities", JsonObject.EMPTY)
                .with("clientInfo", us)
                .build();
        var result = need(peer.ask("initialize", id -> params).await(deadline));
        String version = result.text("protocolVersion").orElse("");
        if (!REVISIONS.contains(version)) throw new NotConnected("speaks no revision of the protocol that we do");
        peer.wire().agreed(version);
        peer.notify("notifications/initialized", JsonObject.EMPTY);
        peer.wire().settle(Duration.ofNanos(Math.max(0, deadline - ticker.nanos())));
        boolean tellsChanges = result.object("capabilities")
                .flatMap(capabilities -> capabilities.object("tools"))
                .filter(tools -> tools.isTrue("listChanged"))
                .isPresent();
        if (tellsChanges) peer.wire().listen();
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
            var reply = peer.ask("tools/list", id -> asked).await(deadline);
            if (reply instanceof Reply.Failure(JsonObject error) && hasNoTools(error)) return List.of();
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

    /// Calls a tool and waits for what comes of it.
    Reply call(String tool, JsonObject arguments, long deadline, Attendance attendance, Duration drain)
            throws InterruptedException {
        return peer.ask("tools/call", id -> {
                    var params = JsonObject.with("name", tool).with("arguments", arguments);
                    if (attendance.progressToken().isPresent())
                        params.with(
                                "_meta", JsonObject.with("progressToken", id).build());
                    return params.build();
                })
                .await(deadline, attendance, drain);
    }

    private static JsonObject need(Reply reply) throws NotConnected {
        return switch (reply) {
            case Reply.Result(JsonObject result) -> result;
            case Reply.Result(var other) -> throw new NotConnected("answered with something that is no object");
            case Reply.Failure(JsonObject error) -> throw new NotConnected("refused");
            case Reply.Missing(Reply.Why why, String detail) -> throw new NotConnected(detail);
        };
    }

    /// Digests of the tools as this connection last listed them.
    Map<ToolName, Sha256> listed() {
        return listed;
    }

    void stale() {
        stale = true;
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
    static final class NotConnected extends Exception {
        private static final long serialVersionUID = 1L;

        /// @param detail one lower-case clause that completes "the server …"
        NotConnected(String detail) {
            super(detail);
        }
    }
}
