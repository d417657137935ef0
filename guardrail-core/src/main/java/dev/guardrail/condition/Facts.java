package dev.guardrail.condition;

import dev.guardrail.call.DecisionRequest;
import dev.guardrail.session.SessionView;

/// Everything that a condition may read: the question, and the session's snapshot. Time and paths stand in it.
public record Facts(DecisionRequest request, SessionView session) {}
