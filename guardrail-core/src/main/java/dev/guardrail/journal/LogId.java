package dev.guardrail.journal;

/// Names one log of the journal, with a single writer: 1 to 32 of `[a-z0-9-]`.
public record LogId(String value) {
    /// The log of an embedded node.
    public static final LogId EMBEDDED = new LogId("a");

    @Override
    public String toString() {
        return value;
    }
}
