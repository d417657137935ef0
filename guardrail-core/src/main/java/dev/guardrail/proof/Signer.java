package dev.guardrail.proof;

/// A log's private key, wherever it lies. Safe for concurrent use.
public interface Signer {
    /// What others check the signatures with.
    Verifier verifier();

    /// Signs a message.
    ///
    /// @throws IllegalStateException if the key cannot be used; nothing was signed
    byte[] sign(byte[] message);
}
