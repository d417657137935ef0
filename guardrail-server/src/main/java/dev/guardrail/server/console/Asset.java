package dev.guardrail.server.console;

import dev.guardrail.base.Sha256;
import java.util.List;

/// A stylesheet or script of the console. Its address holds its digest, so whoever has read one never asks again.
///
/// @param name of the file in the address, with the digest in it
public record Asset(String name, String type, byte[] bytes, Sha256 digest) {
    private static final int SHOWN = 16;

    /// @param parts texts that follow on each other
    static Asset of(String base, String extension, String type, List<byte[]> parts) {
        byte[] bytes = new byte[parts.stream().mapToInt(part -> part.length).sum()];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, bytes, at, part.length);
            at += part.length;
        }
        Sha256 digest = Sha256.of(bytes);
        return new Asset(base + '-' + digest.hex().substring(0, SHOWN) + '.' + extension, type, bytes, digest);
    }

    public String url() {
        return "/console/assets/" + name;
    }

    /// RFC 9110, section 8.8.3: strong, as it is the digest of the bytes.
    String tag() {
        return '"' + digest.hex() + '"';
    }
}
