package dev.guardrail.server.runner.git;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// How a repository names its objects.
enum ObjectFormat {
    SHA1("SHA-1", 20),
    SHA256("SHA-256", 32);

    private final String algorithm;
    private final int bytes;

    ObjectFormat(String algorithm, int bytes) {
        this.algorithm = algorithm;
        this.bytes = bytes;
    }

    /// Length of an id.
    int bytes() {
        return bytes;
    }

    MessageDigest digest() {
        try {
            return MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("every Java has " + algorithm, missing);
        }
    }

    /// A digest that is fed with what comes before the bytes of a blob.
    MessageDigest blob(long size) {
        MessageDigest digest = digest();
        digest.update(("blob " + size + "\0").getBytes(US_ASCII));
        return digest;
    }

    String blob(byte[] content) {
        return HexFormat.of().formatHex(blob((long) content.length).digest(content));
    }
}
