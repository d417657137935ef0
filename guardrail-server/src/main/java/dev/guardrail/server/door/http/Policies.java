package dev.guardrail.server.door.http;

import dev.guardrail.policy.DecisionPoint;

/// The policy set in force.
@FunctionalInterface
public interface Policies {
    DecisionPoint inForce();
}
