package dev.guardrail.policy;

/// What a rule does with a call that it matches (contract, section 3).
public enum Effect {
    DENY,
    CLARIFY,
    REQUIRE_APPROVAL,
    MODIFY,
    ALLOW;

    public String text() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
