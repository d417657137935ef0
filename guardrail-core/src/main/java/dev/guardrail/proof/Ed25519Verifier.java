package dev.guardrail.proof;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.guardrail.base.Sha256;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;

/// An Ed25519 public key (RFC 8032) as notes know it: signature type 0x01 of c2sp.org/signed-note.
public final class Ed25519Verifier implements Verifier {
    private static final byte TYPE = 1;
    private static final int KEY_BYTES = 32;

    /// What stands before the 32 bytes of a key in X.509's SubjectPublicKeyInfo (RFC 8410, section 4).
    private static final byte[] X509_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

    private final String name;
    private final int keyId;
    private final byte[] typedKey;
    private final PublicKey key;

    /// @param name of the key, usually the log's origin
    /// @param publicKey 32 bytes
    /// @throws MalformedProof where name or key are not what they should be
    public Ed25519Verifier(String name, byte[] publicKey) {
        if (!SignedNote.Signature.isKeyName(name)) throw new MalformedProof("`" + name + "` is not a key name");
        if (publicKey.length != KEY_BYTES) throw new MalformedProof("an ed25519 key has " + KEY_BYTES + " bytes");
        this.name = name;
        this.typedKey = concat(new byte[] {TYPE}, publicKey);
        this.keyId = ByteBuffer.wrap(
                        Sha256.of((name + "\n").getBytes(UTF_8), typedKey).bytes())
                .getInt();
        try {
            this.key = KeyFactory.getInstance("Ed25519")
                    .generatePublic(new X509EncodedKeySpec(concat(X509_PREFIX, publicKey)));
        } catch (GeneralSecurityException refused) {
            throw new MalformedProof("not an ed25519 key", refused);
        }
    }

    /// Reads `name+keyId+base64`.
    ///
    /// @throws MalformedProof where the text is not a verifier key, its id is not that of name and key, or it is of
    ///     another type
    public static Ed25519Verifier parse(String vkey) {
        String[] parts = vkey.split("\\+", 3);
        if (parts.length < 3) throw new MalformedProof("a verifier key is `name+id+base64`");
        byte[] typed = Base64Text.decode(parts[2]);
        if (typed.length != KEY_BYTES + 1 || typed[0] != TYPE)
            throw new MalformedProof("a verifier key of a type other than ed25519");
        var verifier = new Ed25519Verifier(parts[0], Arrays.copyOfRange(typed, 1, typed.length));
        if (!verifier.vkey().equals(vkey)) throw new MalformedProof("a verifier key whose id is not its own");
        return verifier;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int keyId() {
        return keyId;
    }

    @Override
    public String vkey() {
        return name + "+" + HexFormat.of().toHexDigits(keyId) + "+" + Base64Text.encode(typedKey);
    }

    @Override
    public boolean verify(byte[] message, byte[] signature) {
        try {
            var check = Signature.getInstance("Ed25519");
            check.initVerify(key);
            check.update(message);
            return check.verify(signature);
        } catch (SignatureException malformed) {
            return false;
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every JDK has Ed25519", impossible);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Ed25519Verifier that && vkey().equals(that.vkey());
    }

    @Override
    public int hashCode() {
        return keyId;
    }

    @Override
    public String toString() {
        return vkey();
    }

    static byte[] concat(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
