package dev.guardrail.call;

/// Names one proposed call: `call_…`.
public record CallId(String value) {
    @Override
    public String toString() {
        return value;
    }
}
