package dev.guardrail.call;

import java.util.Optional;
import java.util.Set;

/// Who acts, and for whom (AuthZEN's subject).
///
/// @param agent name of the authenticated agent
/// @param roles the agent's roles
/// @param user the person on whose behalf it works, where one is named
public record Subject(String agent, Set<String> roles, Optional<String> user) {
    public Subject {
        roles = Set.copyOf(roles);
    }
}
