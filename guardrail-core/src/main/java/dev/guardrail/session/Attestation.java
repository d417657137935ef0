package dev.guardrail.session;

/// Who says what came of a call.
public enum Attestation {
    GUARD,
    HOST,
    AGENT,
    /// The guard, which asked the server afterwards.
    PROBE;

    /// True where conditions may rely on it.
    public boolean counts() {
        return this != AGENT;
    }

    public String text() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
