package dev.guardrail.server.door.mcp;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Ticker;
import dev.guardrail.call.Caller;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/// The sessions of all clients, bounded in number: idle ones end, and a caller's own idlest makes room for its
/// next.
/// They live in memory alone; after a restart clients are told 404 and initialize again, as MCP asks of them.
final class McpSessions {
    private static final int ID_BYTES = 32;

    private final McpSettings settings;
    private final SecureRandom random;
    private final Ticker ticker;
    private final Consumer<String> ended;
    private final ConcurrentHashMap<String, McpSession> byId = new ConcurrentHashMap<>();
    private final Map<McpSession.Owner, Set<McpSession>> byOwner = new HashMap<>();

    /// @param ended is told the connection of each session that ends
    McpSessions(McpSettings settings, SecureRandom random, Ticker ticker, Consumer<String> ended) {
        this.settings = settings;
        this.random = random;
        this.ticker = ticker;
        this.ended = ended;
    }

    /// Opens a session.
    ///
    /// @return empty where there are too many in use
    Optional<McpSession> open(Caller caller, String server) {
        var owner = McpSession.Owner.of(caller);
        List<McpSession> over = new ArrayList<>();
        Optional<McpSession> opened = Optional.empty();
        synchronized (this) {
            Set<McpSession> own = byOwner.computeIfAbsent(owner, first -> new LinkedHashSet<>());
            if (own.size() >= settings.sessionsEach() || byId.size() >= settings.sessions())
                idlest(own).ifPresent(over::add);
            over.forEach(this::forget);
            if (own.size() < settings.sessionsEach() && byId.size() < settings.sessions()) {
                var session = new McpSession(
                        newId(), owner, server, settings.callsEach(), ticker.nanos(), new Channel(newId(), true));
                byOwner.computeIfAbsent(owner, first -> new LinkedHashSet<>()).add(session);
                byId.put(session.id(), session);
                opened = Optional.of(session);
            } else if (own.isEmpty()) byOwner.remove(owner);
        }
        over.forEach(this::finish);
        return opened;
    }

    /// Finds the session for the credential and server that it was made for; for any other there is none.
    Optional<McpSession> find(String id, Caller caller, String server) {
        McpSession session = byId.get(id);
        if (session == null
                || !session.owner().equals(McpSession.Owner.of(caller))
                || !session.server().equals(server)) return Optional.empty();
        long now = ticker.nanos();
        if (session.idleNanos(now) > settings.idle().toNanos()) {
            end(session);
            return Optional.empty();
        }
        session.used(now);
        return Optional.of(session);
    }

    /// The session that a connection belongs to.
    Optional<McpSession> connected(String connection) {
        return byId.values().stream()
                .filter(session -> session.connection().equals(connection))
                .findFirst();
    }

    /// True where there is such a session, whosever it is.
    boolean isKnown(String id) {
        return byId.containsKey(id);
    }

    /// True where another caller was given an event of this channel.
    boolean isForeign(String channel, Caller caller) {
        var owner = McpSession.Owner.of(caller);
        return byId.values().stream()
                .anyMatch(session -> !session.owner().equals(owner)
                        && session.channel(channel).isPresent());
    }

    void end(McpSession session) {
        synchronized (this) {
            if (!forget(session)) return;
        }
        finish(session);
    }

    /// Ends what nobody used for long.
    void sweep() {
        long now = ticker.nanos();
        byId.values().stream()
                .filter(session -> session.idleNanos(now) > settings.idle().toNanos())
                .toList()
                .forEach(this::end);
    }

    void endAll() {
        List.copyOf(byId.values()).forEach(this::end);
    }

    int size() {
        return byId.size();
    }

    /// Tells every client that listens to a server.
    void tell(String server, JsonObject notification) {
        for (McpSession session : byId.values()) if (session.server().equals(server)) session.tell(notification);
    }

    private Optional<McpSession> idlest(Set<McpSession> own) {
        long now = ticker.nanos();
        return own.stream()
                .filter(session -> session.idleNanos(now) > 0)
                .max(Comparator.comparingLong(session -> session.idleNanos(now)));
    }

    private boolean forget(McpSession session) {
        Set<McpSession> own = byOwner.get(session.owner());
        if (own != null && own.remove(session) && own.isEmpty()) byOwner.remove(session.owner());
        return byId.remove(session.id(), session);
    }

    private void finish(McpSession session) {
        session.end();
        ended.accept(session.connection());
    }

    /// An id that cannot be guessed.
    String newId() {
        byte[] bytes = new byte[ID_BYTES];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
