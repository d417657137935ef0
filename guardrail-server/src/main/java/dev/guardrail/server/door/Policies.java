package dev.guardrail.server.door;

import dev.guardrail.policy.DecisionPoint;

/// The policy set in force.
@FunctionalInterface
public interface Policies {
    DecisionPoint inForce();
}
