package dev.guardrail.server.door.mcp;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.Caller;
import dev.guardrail.call.SessionId;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// One client's connection in the sense of MCP: made by `initialize`, named by `Mcp-Session-Id`, and of use only
/// to the credential that made it. It holds no rights and no history; those are the guard's session's.
final class McpSession {

    /// Whose it is: what stays when a principal's key is rotated.
    record Owner(Caller.Kind kind, String name, Optional<SessionId> session, Optional<String> user) {
        static Owner of(Caller caller) {
            return new Owner(caller.kind(), caller.name(), caller.session(), caller.user());
        }
    }

    /// Ended streams that are kept for clients that come back.
    private static final int CHANNELS = 16;

    private final String id;
    private final Owner owner;
    private final String server;
    private final int most;
    private final Map<RpcId, Exchange> running = new HashMap<>();
    private volatile long usedNanos;
    private volatile JsonObject capabilities = JsonObject.EMPTY;
    private final Questions questions = new Questions();
    private final Channel standing;

    /// Streams that a client may come back to, by name; the oldest go first.
    private final Map<String, Channel> channels = new LinkedHashMap<>();

    private @Nullable EventStream listening;
    private boolean ended;

    /// @param most requests at a time
    McpSession(String id, Owner owner, String server, int most, long nowNanos, Channel standing) {
        this.id = id;
        this.owner = owner;
        this.server = server;
        this.most = most;
        this.standing = standing;
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
        channels.put(exchange.channel().name(), exchange.channel());
        if (channels.size() > CHANNELS + running.size())
            channels.values().stream()
                    .filter(channel -> running.values().stream().noneMatch(under -> under.channel() == channel))
                    .findFirst()
                    .ifPresent(oldest -> channels.remove(oldest.name()));
        return Optional.empty();
    }

    private static Optional<Message.Malformed> malformed(Fault fault, String detail) {
        return Optional.of(new Message.Malformed(fault, detail));
    }

    /// A stream that nobody can come back to is forgotten with its request.
    synchronized void finish(RpcId request) {
        Exchange done = running.remove(request);
        if (done != null && !done.channel().isNumbering())
            channels.remove(done.channel().name());
    }

    /// Keeps what the client declared when it introduced itself.
    void declared(JsonObject declared) {
        capabilities = declared;
    }

    JsonObject capabilities() {
        return capabilities;
    }

    /// What the server asked the client.
    Questions questions() {
        return questions;
    }

    /// What is said unasked.
    Channel standing() {
        return standing;
    }

    /// The exchange that a channel belongs to, and the channel, by its name.
    synchronized Optional<Channel> channel(String name) {
        return standing.name().equals(name) ? Optional.of(standing) : Optional.ofNullable(channels.get(name));
    }

    /// A stream that resumed a channel has gone too.
    void gone(Channel channel, EventStream stream, String reason) {
        List<Exchange> waiting;
        synchronized (this) {
            waiting = List.copyOf(running.values());
        }
        channel.detach(stream);
        for (Exchange exchange : waiting) if (exchange.channel() == channel) exchange.gone(stream, reason);
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
    /// @param after number of the event to go on after; empty to begin
    /// @return false where the session has ended
    boolean listen(EventStream stream, OptionalLong after) {
        synchronized (this) {
            if (ended) return false;
            listening = stream;
        }
        if (after.isPresent()) standing.resume(stream, after.getAsLong());
        else standing.attach(stream);
        return true;
    }

    /// @return true where the client listens on no other stream
    synchronized boolean listensNoMore(EventStream stream) {
        standing.detach(stream);
        if (listening != stream) return false;
        listening = null;
        return true;
    }

    /// Asks the client something that belongs to no request: where it listens, else on the stream of a request that
    /// waits, else where it listens next.
    ///
    /// @return false where the client cannot be reached
    boolean asks(JsonObject message, boolean numbered) {
        if (standing.isHeard()) {
            standing.say(message, numbered);
            return true;
        }
        List<Exchange> waiting;
        synchronized (this) {
            waiting = List.copyOf(running.values());
        }
        for (Exchange exchange : waiting) if (exchange.tell(message, false)) return true;
        return standing.leave(message);
    }

    /// Tells the client something that it did not ask for, where it listens.
    void tell(JsonObject notification) {
        standing.say(notification, false);
    }

    /// Ends it: whoever waits has left.
    void end() {
        List<Exchange> waiting;
        synchronized (this) {
            ended = true;
            waiting = List.copyOf(running.values());
        }
        for (Exchange exchange : waiting) exchange.takeBack("the session ended");
        questions.end();
        standing.end(null);
    }
}
