package dev.guardrail.server.upstream;

import dev.guardrail.call.InboundToken;
import java.util.Optional;

/// A credential of ours for one upstream, read anew for each request so that rotation needs no restart. It shows
/// in no text, log or argument list.
public final class Secret implements CredentialSource {
    private final Source source;

    public Secret(Source source) {
        this.source = source;
    }

    /// Where the credential lies: the environment or a file.
    @FunctionalInterface
    public interface Source {
        String read();
    }

    /// @return the credential
    /// @throws IllegalStateException where it is empty or holds anything but visible ASCII; the message does not
    ///     show it
    String reveal() {
        String value = source.read().strip();
        if (value.isEmpty() || !value.chars().allMatch(c -> c > ' ' && c < 0x7F))
            throw new IllegalStateException("a credential is empty or holds characters that no header takes");
        return value;
    }

    @Override
    public String bearer(Optional<InboundToken> subject) {
        return reveal();
    }

    @Override
    public String toString() {
        return "(secret)";
    }
}
