package dev.guardrail.condition;

/// What a condition answers; a failing one narrows.
public enum Truth {
    TRUE,
    FALSE,
    ERROR;

    public static Truth of(boolean value) {
        return value ? TRUE : FALSE;
    }
}
