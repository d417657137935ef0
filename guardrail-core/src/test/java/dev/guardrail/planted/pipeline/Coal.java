package dev.guardrail.planted.pipeline;

import dev.guardrail.planted.approval.Canary;

/// Planted: the path knows a canary.
public final class Coal {
    Canary canary;
}
