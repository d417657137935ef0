package dev.guardrail.server.door.mcp;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.Caller;
import dev.guardrail.call.SessionId;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One client's connection in the sense of MCP: made by `initialize`, named by `Mcp-Session-Id`, and of use only
/// to the
/// credential that made it. It holds no rights and no history; those are the guard's session's.
final class McpSession {

    /// Whose it is: what stays when a principal's key is rotated.
    record Owner(Caller.Kind kind, String name, Optional<SessionId> session, Optional<String> user) {
        static Owner of(Caller caller) {
            return new Owner(caller.kind(), caller.name(), caller.session(), caller.user());
        }
    }

    private final String id;
    private final Owner owner;
    private final String server;
    private final int most;
    private final Map<RpcId, Exchange> running = new HashMap<>();
    private volatile long usedNanos;
    private @Nullable EventStream listening;
    private boolean ended;

    /// @param most requests at a time
    McpSession(String id, Owner owner, String server, int most, long nowNanos) {
        this.id = id;
        this.owner = owner;
        this.server = server;
        this.most = most;
        this.usedNanos = nowNanos;
    }

    String id() {
        return id;
    }

    /// Names the connection to the upstream and to logs; from it the id cannot be found.
    String connection() {
        return "mcp-" + Sha256.of(id.getBytes(StandardCharsets.UTF_8)).hex().substring(0, 16);
    }

    Owner owner() {
        return owner;
    }

    String server() {
        return server;
    }

    void used(long nowNanos) {
        usedNanos = nowNanos;
    }

    /// Nanoseconds since somebody last used it; 0 while somebody does.
    synchronized long idleNanos(long nowNanos) {
        return running.isEmpty() && listening == null ? nowNanos - usedNanos : 0;
    }

    /// Takes a request in.
    ///
    /// @return why it cannot be taken; empty where it was
    synchronized Optional<Message.Malformed> begin(RpcId request, Exchange exchange) {
        if (ended) return malformed(Fault.UNKNOWN_SESSION, "the session has ended");
        if (running.containsKey(request))
            return malformed(Fault.DUPLICATE_ID, "a request with this id is still running");
        if (running.size() >= most) return malformed(Fault.OVERLOADED, "too many requests of this session are running");
        running.put(request, exchange);
        return Optional.empty();
    }

    private static Optional<Message.Malformed> malformed(Fault fault, String detail) {
        return Optional.of(new Message.Malformed(fault, detail));
    }

    synchronized void finish(RpcId request) {
        running.remove(request);
    }

    /// The client takes a request back; one that is not running is ignored.
    void takeBack(RpcId request, String reason) {
        Exchange exchange;
        synchronized (this) {
            exchange = running.get(request);
        }
        if (exchange != null) exchange.takeBack(reason);
    }

    /// Makes `stream` the one on which the client listens; an earlier one ends, as its client may be long gone.
    ///
    /// @return false where the session has ended
    boolean listen(EventStream stream) {
        EventStream earlier;
        synchronized (this) {
            if (ended) return false;
            earlier = listening;
            listening = stream;
        }
        if (earlier != null) earlier.close();
        return true;
    }

    synchronized void listensNoMore(EventStream stream) {
        if (listening == stream) listening = null;
    }

    /// Tells the client something that it did not ask for, where it listens.
    void tell(JsonObject notification) {
        EventStream open;
        synchronized (this) {
            open = listening;
        }
        if (open != null) open.offer(notification);
    }

    /// Ends it: whoever waits has left.
    void end() {
        List<Exchange> waiting;
        EventStream open;
        synchronized (this) {
            ended = true;
            waiting = List.copyOf(running.values());
            open = listening;
        }
        for (Exchange exchange : waiting) exchange.takeBack("the session ended");
        if (open != null) open.close();
    }
}
