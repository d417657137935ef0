package dev.guardrail.call;

import java.time.Instant;

/// The access token that an OAuth caller came with, verified. It is good for one thing: to be exchanged for a token of
/// an upstream (RFC 8693). It is never sent to an upstream, journaled or kept, and shows in no text.
public final class InboundToken {
    private final String value;
    private final Instant expires;

    /// @param expires when it ends, as it says itself
    public InboundToken(String value, Instant expires) {
        this.value = value;
        this.expires = expires;
    }

    /// The token itself, for the token endpoint alone.
    public String reveal() {
        return value;
    }

    public Instant expires() {
        return expires;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof InboundToken token && token.value.equals(value) && token.expires.equals(expires);
    }

    @Override
    public int hashCode() {
        return value.hashCode();
    }

    @Override
    public String toString() {
        return "(token)";
    }
}
