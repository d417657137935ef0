package dev.guardrail.call;

/// Why a call is made: to act, or to undo an earlier one.
public enum Purpose {
    ACT,
    UNDO;

    public String text() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
