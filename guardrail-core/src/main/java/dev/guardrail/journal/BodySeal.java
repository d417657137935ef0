package dev.guardrail.journal;

import dev.guardrail.base.Sha256;

/// Keeps bodies secret and entries unguessable. Implementations are safe for concurrent use.
public interface BodySeal {

    /// Encrypts a body under a fresh salt and binds the ciphertext to its id.
    Sealed seal(String id, byte[] plain);

    /// @return the plain bytes
    /// @throws SecurityException if the ciphertext was not made by this seal for this id
    byte[] open(String id, byte[] sealed);

    /// The commitment that `sealed` was made with, worked out again from salt and plain bytes.
    ///
    /// @throws SecurityException as [#open]
    Sha256 commitment(String id, byte[] sealed);

    /// A keyed digest: equal inputs give equal outputs, but nobody without the key can guess an input.
    Sha256 blind(byte[] value);

    /// A body ready to store, and what the entry says of it.
    record Sealed(Commitment commitment, Body body) {}
}
