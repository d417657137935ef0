package dev.guardrail.approval;

import dev.guardrail.call.DecisionRequest;

/// How far somebody wants the approval of a held call to reach.
///
/// @param request the held call as it is asked now; one that differs from what is on hold gets no scope
public record ScopedCall(Scope scope, DecisionRequest request) {}
