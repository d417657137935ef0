package dev.guardrail.proof;

/// A public key that was given out of band (c2sp.org/signed-note). Safe for concurrent use.
public interface Verifier {
    /// Key name: not empty, without spaces and `+`.
    String name();

    /// First four bytes of the key's digest, big-endian. It finds the key; it proves nothing.
    int keyId();

    /// True only where `signature` was made over exactly `message` by this key.
    boolean verify(byte[] message, byte[] signature);

    /// The key as text: `name+keyId+base64`.
    String vkey();
}
