package dev.guardrail.server.identity;

import dev.guardrail.base.Sha256;
import dev.guardrail.call.Caller;
import dev.guardrail.call.InboundToken;
import dev.guardrail.registry.SessionRegistry;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Who presents a bearer token: a configured key's owner, the agent of a session whose token it is, or the agent that
/// an authorization server issued it to. Keys are kept as digests and all of them compared, each in constant time. Safe
/// for concurrent use.
public final class Credentials {
    private final List<Key> keys;
    private final SessionRegistry sessions;
    private final Optional<AccessTokens> tokens;
    private final Map<String, Caller> clients;
    private final Map<String, Set<String>> agents = new LinkedHashMap<>();

    /// One live key and whose it is.
    public record Key(Sha256 digest, Caller owner) {}

    /// @param clients agents by the id under which an authorization server knows them
    /// @param tokens verifies what that server issued; empty where there is none
    public Credentials(
            List<Key> keys, Map<String, Caller> clients, Optional<AccessTokens> tokens, SessionRegistry sessions) {
        this.keys = List.copyOf(keys);
        this.clients = Map.copyOf(clients);
        this.tokens = tokens;
        this.sessions = sessions;
        clients.values().forEach(agent -> agents.put(agent.name(), agent.roles()));
        for (Key key : keys) {
            switch (key.owner().kind()) {
                case AGENT -> agents.put(key.owner().name(), key.owner().roles());
                case HOST -> key.owner().agents().forEach(agent -> agents.putIfAbsent(agent, Set.of()));
                case OPERATOR -> {}
            }
        }
    }

    /// @throws dev.guardrail.journal.JournalUnavailable if sessions cannot be read
    /// @throws dev.guardrail.base.GuardrailException if an authorization server's keys cannot be read
    public Identification identify(String token) {
        Sha256 digest = Sha256.of(token.getBytes(StandardCharsets.UTF_8));
        Caller owner = null;
        for (Key key : keys) if (key.digest().equals(digest)) owner = key.owner();
        if (owner != null) return known(owner);
        if (tokens.isPresent() && SignedTokens.isOne(token)) return ofIssuer(token, tokens.get());
        return ofSession(token).map(Credentials::known).orElseGet(Identification.Refused::unknown);
    }

    private static Identification known(Caller caller) {
        return new Identification.Known(caller, Reach.EVERYTHING);
    }

    /// Roles are the operator's to give: nothing that a token says of them counts.
    private Identification ofIssuer(String token, AccessTokens issuer) {
        return switch (issuer.verify(token)) {
            case AccessTokens.Verified.Bad(String why, Optional<Claims> claims) ->
                new Identification.Refused(why, claims.flatMap(Claims::holder));
            case AccessTokens.Verified.Good(Claims claims) -> {
                var holder = claims.holder().orElseThrow();
                Caller agent = clients.get(holder.client());
                if (agent == null) yield new Identification.Stranger(holder);
                var caller = new Caller(
                        Caller.Kind.AGENT,
                        agent.name(),
                        agent.roles(),
                        Set.of(),
                        Set.of(),
                        Optional.empty(),
                        holder.user(),
                        Optional.of(new InboundToken(token, claims.expires())));
                yield new Identification.Known(caller, new Reach(Optional.of(claims.scopes()), claims.audiences()));
            }
        };
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

    /// True where an agent of this name is configured.
    public boolean isAgent(String name) {
        return agents.containsKey(name);
    }

    /// The agent's roles as configured.
    public Set<String> roles(String agent) {
        return agents.getOrDefault(agent, Set.of());
    }

    /// Every agent that is configured, or that a host may run.
    public Set<String> agents() {
        return Collections.unmodifiableSet(agents.keySet());
    }
}
