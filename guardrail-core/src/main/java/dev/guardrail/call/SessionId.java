package dev.guardrail.call;

/// Names one session: `ses_…`.
public record SessionId(String value) {
    @Override
    public String toString() {
        return value;
    }
}
