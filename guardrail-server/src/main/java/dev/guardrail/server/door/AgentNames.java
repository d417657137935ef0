package dev.guardrail.server.door;

import java.util.Set;

/// The agents that are configured.
@FunctionalInterface
public interface AgentNames {
    Set<String> all();
}
