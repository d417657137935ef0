package dev.guardrail.pipeline;

import java.util.Set;

/// The agents as the operator configured them.
@FunctionalInterface
public interface Agents {

    /// @return the agent's roles; empty for one without roles or unknown
    Set<String> roles(String agent);
}
