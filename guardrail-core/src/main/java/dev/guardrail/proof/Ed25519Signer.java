package dev.guardrail.proof;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.SecureRandomSpi;
import java.security.Signature;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/// An Ed25519 private key (RFC 8032), held in memory and kept in a PEM file (PKCS #8, RFC 8410), which is what
/// `openssl genpkey -algorithm ed25519` writes.
public final class Ed25519Signer implements Signer {
    private static final int SEED_BYTES = 32;
    private static final String PEM_START = "-----BEGIN PRIVATE KEY-----";
    private static final String PEM_END = "-----END PRIVATE KEY-----";

    /// What stands before the 32 bytes of a seed in PKCS #8 (RFC 8410, section 7).
    private static final byte[] PKCS8_PREFIX = HexFormat.of().parseHex("302e020100300506032b657004220420");

    private final byte[] seed;
    private final PrivateKey key;
    private final Ed25519Verifier verifier;

    private Ed25519Signer(String name, byte[] seed) {
        this.seed = seed.clone();
        try {
            key = KeyFactory.getInstance("Ed25519")
                    .generatePrivate(new PKCS8EncodedKeySpec(Ed25519Verifier.concat(PKCS8_PREFIX, seed)));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every JDK has Ed25519", impossible);
        }
        verifier = new Ed25519Verifier(name, publicKey(seed));
        byte[] probe = {1, 2, 3};
        if (!verifier.verify(probe, sign(probe)))
            throw new IllegalStateException("the public key does not belong to the private one");
    }

    /// A new key.
    ///
    /// @param name of the key, usually the log's origin
    public static Ed25519Signer generate(String name, SecureRandom random) {
        byte[] seed = new byte[SEED_BYTES];
        random.nextBytes(seed);
        return new Ed25519Signer(name, seed);
    }

    /// The signer of a known private key.
    ///
    /// @param seed the 32 bytes of RFC 8032's private key
    public static Ed25519Signer of(String name, byte[] seed) {
        if (seed.length != SEED_BYTES) throw new MalformedProof("an ed25519 private key has 32 bytes");
        return new Ed25519Signer(name, seed);
    }

    /// Reads a key file.
    ///
    /// @throws MalformedProof where the text is not one unencrypted Ed25519 key in PKCS #8 PEM
    public static Ed25519Signer parsePem(String name, String pem) {
        String text = pem.strip();
        if (!text.startsWith(PEM_START)
                || !text.endsWith(PEM_END)
                || text.length() < PEM_START.length() + PEM_END.length()) throw notPem();
        String body = text.substring(PEM_START.length(), text.length() - PEM_END.length());
        byte[] der = new byte[0];
        try {
            der = Base64.getDecoder().decode(body.replaceAll("\\s", ""));
            int prefix = PKCS8_PREFIX.length;
            boolean isKey = der.length == prefix + SEED_BYTES && Arrays.equals(der, 0, prefix, PKCS8_PREFIX, 0, prefix);
            if (isKey) return new Ed25519Signer(name, Arrays.copyOfRange(der, prefix, der.length));
        } catch (IllegalArgumentException notBase64) {
            // told below without its message, which may quote the key
        } finally {
            Arrays.fill(der, (byte) 0);
        }
        throw notPem();
    }

    /// The key file's text. It is the secret itself: written only to a file that nobody else reads.
    public String pem() {
        return PEM_START + "\n" + Base64Text.encode(Ed25519Verifier.concat(PKCS8_PREFIX, seed)) + "\n" + PEM_END + "\n";
    }

    @Override
    public Ed25519Verifier verifier() {
        return verifier;
    }

    @Override
    public byte[] sign(byte[] message) {
        try {
            var signature = Signature.getInstance("Ed25519");
            signature.initSign(key);
            signature.update(message);
            return signature.sign();
        } catch (GeneralSecurityException refused) {
            throw new IllegalStateException("the signing key cannot be used", refused);
        }
    }

    /// Names the key, never the secret.
    @Override
    public String toString() {
        return "signer of " + verifier.vkey();
    }

    /// The JDK derives a public key only while it generates a pair, so it generates the pair of this very seed.
    private static byte[] publicKey(byte[] seed) {
        try {
            var generator = KeyPairGenerator.getInstance("Ed25519");
            generator.initialize(NamedParameterSpec.ED25519, new SeedSource(seed));
            byte[] encoded = generator.generateKeyPair().getPublic().getEncoded();
            return Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every JDK has Ed25519", impossible);
        }
    }

    private static MalformedProof notPem() {
        return new MalformedProof("the signing key is not an ed25519 key in PKCS #8 PEM");
    }

    /// Gives the seed where randomness is asked for.
    private static final class SeedSource extends SecureRandom {
        private static final long serialVersionUID = 1L;

        SeedSource(byte[] seed) {
            super(new Seed(seed), null);
        }
    }

    private static final class Seed extends SecureRandomSpi {
        private static final long serialVersionUID = 1L;
        private final byte[] seed;

        Seed(byte[] seed) {
            this.seed = seed;
        }

        @Override
        protected void engineNextBytes(byte[] bytes) {
            if (bytes.length != seed.length) throw new IllegalStateException("a seed has 32 bytes");
            System.arraycopy(seed, 0, bytes, 0, seed.length);
        }

        @Override
        protected void engineSetSeed(byte[] more) {
            throw new IllegalStateException("the seed is fixed");
        }

        @Override
        protected byte[] engineGenerateSeed(int count) {
            throw new IllegalStateException("the seed is fixed");
        }
    }
}
