package dev.guardrail.server.identity;

import dev.guardrail.base.Sha256;
import dev.guardrail.call.Caller;
import dev.guardrail.registry.SessionRegistry;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Who presents a bearer token: a configured key's owner, or the agent of a session whose token it is. Keys are kept
/// as digests and all of them compared, each in constant time. Safe for concurrent use.
public final class Credentials {
    private final List<Key> keys;
    private final SessionRegistry sessions;
    private final Map<String, Set<String>> agents = new LinkedHashMap<>();

    /// One live key and whose it is.
    public record Key(Sha256 digest, Caller owner) {}

    public Credentials(List<Key> keys, SessionRegistry sessions) {
        this.keys = List.copyOf(keys);
        this.sessions = sessions;
        for (Key key : keys) {
            switch (key.owner().kind()) {
                case AGENT -> agents.put(key.owner().name(), key.owner().roles());
                case HOST -> key.owner().agents().forEach(agent -> agents.putIfAbsent(agent, Set.of()));
                case OPERATOR -> {}
            }
        }
    }

    /// @return empty where nobody's token it is
    /// @throws dev.guardrail.journal.JournalUnavailable if sessions cannot be read
    public Optional<Caller> identify(String token) {
        Sha256 digest = Sha256.of(token.getBytes(StandardCharsets.UTF_8));
        Caller owner = null;
        for (Key key : keys) if (key.digest().equals(digest)) owner = key.owner();
        return owner != null ? Optional.of(owner) : ofSession(token);
    }

    /// A session token stands for its agent, as long as that agent is configured.
    private Optional<Caller> ofSession(String token) {
        return sessions.byToken(token)
                .filter(session -> agents.containsKey(session.agent()))
                .map(session -> new Caller(
                        Caller.Kind.AGENT,
                        session.agent(),
                        roles(session.agent()),
                        Set.of(),
                        Set.of(),
                        Optional.of(session.id())));
    }

    /// The agent's roles as configured.
    public Set<String> roles(String agent) {
        return agents.getOrDefault(agent, Set.of());
    }

    /// Every operator, once for each key.
    public Collection<Caller> operators() {
        return keys.stream()
                .map(Key::owner)
                .filter(owner -> owner.kind() == Caller.Kind.OPERATOR)
                .distinct()
                .toList();
    }
}
