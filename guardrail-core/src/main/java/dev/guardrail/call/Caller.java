package dev.guardrail.call;

import java.util.Optional;
import java.util.Set;

/// Who a verified credential speaks for. Built by the identity adapter alone, never from what a message says of itself.
///
/// @param kind what the credential is for; an agent's opens no approver's route
/// @param name as configured: the agent's, the host's or the operator's
/// @param roles roles of the agent or of the operator (`approver`, `auditor`, `admin`)
/// @param groups an operator's groups
/// @param agents agents that a host may speak for; empty for others
/// @param session the session that a session token names; empty for keys
/// @param user on whose behalf an agent's access token was issued (`sub`); empty for keys and session tokens
/// @param token the access token itself, for those who came with one; it shows in no text
/// @param aliases other names of an operator, as an identity provider tells them; they take votes away and give none
public record Caller(
        Kind kind,
        String name,
        Set<String> roles,
        Set<String> groups,
        Set<String> agents,
        Optional<SessionId> session,
        Optional<String> user,
        Optional<InboundToken> token,
        Set<String> aliases) {

    /// Somebody whom nobody else knows by other names.
    public Caller(
            Kind kind,
            String name,
            Set<String> roles,
            Set<String> groups,
            Set<String> agents,
            Optional<SessionId> session,
            Optional<String> user,
            Optional<InboundToken> token) {
        this(kind, name, roles, groups, agents, session, user, token, Set.of());
    }

    /// An operator.
    public static Caller operator(String name, Set<String> roles, Set<String> groups, Set<String> aliases) {
        return new Caller(
                Kind.OPERATOR,
                name,
                roles,
                groups,
                Set.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                aliases);
    }

    /// Somebody with a key or a session token.
    public Caller(
            Kind kind,
            String name,
            Set<String> roles,
            Set<String> groups,
            Set<String> agents,
            Optional<SessionId> session) {
        this(kind, name, roles, groups, agents, session, Optional.empty(), Optional.empty());
    }

    /// What a credential is for.
    public enum Kind {
        AGENT,
        HOST,
        OPERATOR
    }

    public Caller {
        roles = Set.copyOf(roles);
        groups = Set.copyOf(groups);
        agents = Set.copyOf(agents);
        aliases = Set.copyOf(aliases);
    }
}
