package dev.guardrail.proof;

import dev.guardrail.base.Sha256;
import java.util.Base64;

/// Standard base 64 (RFC 4648, section 4), read strictly: one text for one value.
final class Base64Text {
    private Base64Text() {}

    static String encode(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    /// @throws MalformedProof where padding, unused bits or characters are not as [#encode] writes them
    static byte[] decode(String text) {
        try {
            byte[] bytes = Base64.getDecoder().decode(text);
            if (encode(bytes).equals(text)) return bytes;
        } catch (IllegalArgumentException malformed) {
            throw new MalformedProof("`" + text + "` is not base64", malformed);
        }
        throw new MalformedProof("`" + text + "` is not base64");
    }

    /// @throws MalformedProof where the text is not base 64 of 32 bytes
    static Sha256 hash(String text) {
        byte[] bytes = decode(text);
        if (bytes.length != 32) throw new MalformedProof("`" + text + "` is not a hash");
        return Sha256.wrap(bytes);
    }
}
