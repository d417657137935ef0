package dev.guardrail.journal;

import dev.guardrail.base.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// [BodySeal] of AES-256-GCM (NIST SP 800-38D): each body has a key of its own, worked out from the master key and 16
/// random bytes, so that no number of bodies wears the master key out.
///
/// A sealed body is one byte of format, 16 bytes that its key is derived from, 12 bytes of nonce, the ciphertext of
/// salt and plain bytes, and 16 bytes of tag; the id is authenticated beside it.
public final class AesSeal implements BodySeal {
    /// Bytes of the master key.
    public static final int KEY_BYTES = 32;

    private static final byte FORMAT = 1;
    private static final int DERIVATION_BYTES = 16;
    private static final int NONCE_BYTES = 12;
    private static final int HEADER_BYTES = 1 + DERIVATION_BYTES + NONCE_BYTES;
    private static final int SALT_BYTES = 16;
    private static final int TAG_BITS = 128;
    private static final String HMAC = "HmacSHA256";
    private static final String CIPHER = "AES/GCM/NoPadding";

    /// Keyed once and never fed: every use clones it, which no thread disturbs.
    private final Mac bodyKeys;

    private final Mac blinding;
    private final SecureRandom random;

    /// Looked up once: going through the providers costs as much as a small body.
    private final Provider provider;

    /// @param key 32 random bytes, copied; losing them loses every body, and the log stays whole
    public AesSeal(byte[] key, SecureRandom random) {
        if (key.length != KEY_BYTES)
            throw new IllegalArgumentException("the key of bodies has " + KEY_BYTES + " bytes, not " + key.length);
        this.random = random;
        this.provider = provider();
        var master = keyed(key);
        bodyKeys = keyed(derived(master, "guardrail body 1".getBytes(StandardCharsets.US_ASCII)));
        blinding = keyed(derived(master, "guardrail blind 1".getBytes(StandardCharsets.US_ASCII)));
    }

    @Override
    public Sealed seal(String id, byte[] plain) {
        var fresh = new byte[DERIVATION_BYTES + NONCE_BYTES + SALT_BYTES];
        random.nextBytes(fresh);
        byte[] sealed = new byte[HEADER_BYTES + SALT_BYTES + plain.length + TAG_BITS / 8];
        sealed[0] = FORMAT;
        System.arraycopy(fresh, 0, sealed, 1, DERIVATION_BYTES + NONCE_BYTES);
        byte[] salt = Arrays.copyOfRange(fresh, DERIVATION_BYTES + NONCE_BYTES, fresh.length);
        try {
            var cipher = cipher(Cipher.ENCRYPT_MODE, id, sealed);
            int done = cipher.update(salt, 0, SALT_BYTES, sealed, HEADER_BYTES);
            cipher.doFinal(plain, 0, plain.length, sealed, HEADER_BYTES + done);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every JDK has AES-GCM", impossible);
        }
        return new Sealed(new Commitment(id, Sha256.of(salt, plain)), new Body(id, sealed));
    }

    @Override
    public byte[] open(String id, byte[] sealed) {
        byte[] salted = salted(id, sealed);
        return Arrays.copyOfRange(salted, SALT_BYTES, salted.length);
    }

    @Override
    public Sha256 commitment(String id, byte[] sealed) {
        return Sha256.of(salted(id, sealed));
    }

    @Override
    public Sha256 blind(byte[] value) {
        return Sha256.wrap(derived(blinding, value));
    }

    /// Salt and plain bytes, one after the other.
    private byte[] salted(String id, byte[] sealed) {
        if (sealed.length < HEADER_BYTES + SALT_BYTES + TAG_BITS / 8 || sealed[0] != FORMAT) throw foreign(id, null);
        try {
            return cipher(Cipher.DECRYPT_MODE, id, sealed).doFinal(sealed, HEADER_BYTES, sealed.length - HEADER_BYTES);
        } catch (GeneralSecurityException altered) {
            throw foreign(id, altered);
        }
    }

    private Cipher cipher(int mode, String id, byte[] sealed) throws GeneralSecurityException {
        byte[] key = derived(bodyKeys, Arrays.copyOfRange(sealed, 1, 1 + DERIVATION_BYTES));
        var cipher = Cipher.getInstance(CIPHER, provider);
        cipher.init(
                mode,
                new SecretKeySpec(key, "AES"),
                new GCMParameterSpec(TAG_BITS, sealed, 1 + DERIVATION_BYTES, NONCE_BYTES));
        cipher.updateAAD(id.getBytes(StandardCharsets.UTF_8));
        return cipher;
    }

    private static Provider provider() {
        try {
            return Cipher.getInstance(CIPHER).getProvider();
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every JDK has AES-GCM", impossible);
        }
    }

    private static SecurityException foreign(String id, @Nullable Throwable cause) {
        return new SecurityException("the body `" + id + "` was altered, or sealed under another key or id", cause);
    }

    private static Mac keyed(byte[] key) {
        try {
            var mac = Mac.getInstance(HMAC);
            mac.init(new SecretKeySpec(key, HMAC));
            return mac;
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every JDK has " + HMAC, impossible);
        }
    }

    private static byte[] derived(Mac keyed, byte[] value) {
        try {
            return ((Mac) keyed.clone()).doFinal(value);
        } catch (CloneNotSupportedException impossible) {
            throw new IllegalStateException("the JDK's " + HMAC + " can be cloned", impossible);
        }
    }
}
