package dev.guardrail.call;

/// How much harm a call can do; ordered.
public enum Risk {
    LOW,
    MEDIUM,
    HIGH,
    CRITICAL;

    public String text() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
