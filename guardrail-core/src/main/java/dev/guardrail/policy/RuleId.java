package dev.guardrail.policy;

/// Names a rule; unique across all files of a policy set.
public record RuleId(String value) implements Comparable<RuleId> {
    @Override
    public int compareTo(RuleId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
