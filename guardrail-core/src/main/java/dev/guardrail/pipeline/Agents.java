package dev.guardrail.pipeline;

import java.util.Set;

/// The agents as the operator configured them.
@FunctionalInterface
public interface Agents {

    /// @return the agent's roles; empty for one without roles or unknown
    Set<String> roles(String agent);

    /// True where an agent of this name is configured now.
    default boolean isKnown(String agent) {
        return true;
    }
}
