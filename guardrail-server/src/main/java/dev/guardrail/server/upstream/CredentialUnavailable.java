package dev.guardrail.server.upstream;

/// There is no credential for an upstream now.
public final class CredentialUnavailable extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    /// @param message one lower-case clause that completes "the server …"; it shows no secret
    public CredentialUnavailable(String message) {
        super(message);
    }
}
