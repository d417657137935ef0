package dev.guardrail.base;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/// A SHA-256 digest (FIPS 180-4): 32 bytes, written `sha256:` and 64 lower-case hex digits. Compared in constant time.
public final class Sha256 {
    private static final String PREFIX = "sha256:";
    private static final ThreadLocal<MessageDigest> DIGEST = ThreadLocal.withInitial(Sha256::newDigest);

    /// Never fed: cloning it costs less than asking the providers again.
    private static final MessageDigest UNFED = newDigest();

    private final byte[] bytes;

    private Sha256(byte[] bytes) {
        this.bytes = bytes;
    }

    /// Digest of the concatenation of the parts.
    public static Sha256 of(byte[]... parts) {
        var digest = Thread.currentThread().isVirtual() ? unfed() : DIGEST.get();
        for (byte[] part : parts) digest.update(part);
        return new Sha256(digest.digest());
    }

    /// Digest of the canonical (RFC 8785) bytes of a value.
    public static Sha256 of(Json json) {
        return of(CanonicalJson.bytes(json));
    }

    /// @param bytes exactly 32
    public static Sha256 wrap(byte[] bytes) {
        if (bytes.length != 32)
            throw new IllegalArgumentException("a SHA-256 digest has 32 bytes, not " + bytes.length);
        return new Sha256(bytes.clone());
    }

    /// @throws IllegalArgumentException unless `text` is `sha256:` and 64 lower-case hex digits
    public static Sha256 parse(String text) {
        if (!text.startsWith(PREFIX)
                || text.length() != PREFIX.length() + 64
                || !text.equals(text.toLowerCase(java.util.Locale.ROOT)))
            throw new IllegalArgumentException("not a digest: `" + text + "`");
        return new Sha256(HexFormat.of().parseHex(text.substring(PREFIX.length())));
    }

    public byte[] bytes() {
        return bytes.clone();
    }

    /// 64 lower-case hex digits, without the prefix.
    public String hex() {
        return HexFormat.of().formatHex(bytes);
    }

    private static MessageDigest unfed() {
        try {
            return (MessageDigest) UNFED.clone();
        } catch (CloneNotSupportedException impossible) {
            throw new IllegalStateException("the JDK's SHA-256 can be cloned", impossible);
        }
    }

    private static MessageDigest newDigest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Sha256 that && MessageDigest.isEqual(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return PREFIX + hex();
    }
}
