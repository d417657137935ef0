package dev.guardrail.policy;

/// Why a call was refused, in the word that the agent reads (contract, section 5).
public enum Cause {
    POLICY,
    PERSON,
    EXPIRED,
    LIMIT,
    STOPPED,
    IN_DOUBT,
    GUARD_ERROR,
    /// People would have to agree, and nobody asked them.
    REQUESTABLE,
    /// It would have to wait for its time, and an evaluation cannot.
    DELAYED,
    /// It would have to run in a sandbox, and that cannot be had here.
    SANDBOX_UNAVAILABLE;

    public String text() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
