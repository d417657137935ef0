package dev.guardrail.call;

/// What running a tool does to the world, as the operator's catalogue says; an unknown one counts as [#EXTERNAL].
public enum ToolEffect {
    READ,
    WRITE,
    DESTRUCTIVE,
    EXTERNAL;

    public String text() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
