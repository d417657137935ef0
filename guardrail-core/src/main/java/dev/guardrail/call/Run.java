package dev.guardrail.call;

/// Who runs a permitted call: the caller, who reports the outcome, or the guard at once.
public enum Run {
    CALLER,
    GUARD
}
