package dev.guardrail.server.console;

import java.security.SecureRandom;
import java.util.Base64;

/// Secrets that nobody guesses.
final class Chance {
    private static final int BYTES = 32;

    private Chance() {}

    /// 256 random bits, base64url.
    static String secret(SecureRandom random) {
        return text(random, BYTES);
    }

    /// As many random bytes, base64url.
    static String text(SecureRandom random, int bytes) {
        byte[] drawn = new byte[bytes];
        random.nextBytes(drawn);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(drawn);
    }
}
