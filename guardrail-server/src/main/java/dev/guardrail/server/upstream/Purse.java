package dev.guardrail.server.upstream;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.guardrail.base.Sha256;
import dev.guardrail.call.InboundToken;
import dev.guardrail.server.upstream.Connection.NotConnected;
import java.util.Optional;

/// What one server is shown, and for whom: our credential, or one of each user's.
///
/// @param source empty where the server takes none
record Purse(Optional<? extends CredentialSource> source) implements AutoCloseable {

    static Purse of(Endpoint endpoint) {
        return new Purse(
                switch (endpoint) {
                    case Endpoint.Http http -> http.credential();
                    case Endpoint.Stdio stdio -> Optional.<CredentialSource>empty();
                });
    }

    /// Sees to it that there is something to show: without it, nothing is begun.
    ///
    /// @throws CredentialUnavailable where there is nothing
    void open(Optional<InboundToken> token) {
        source.ifPresent(known -> known.prepare(token));
    }

    /// For whom a request is sent; empty where that makes no difference.
    Optional<InboundToken> subject(Optional<InboundToken> token) {
        return isPerUser() ? token : Optional.empty();
    }

    /// Name of the connection of those who have none of their own; users share none where each has a credential.
    Optional<String> connection(Optional<InboundToken> token) {
        return subject(token).map(known -> "user-" + Sha256.of(known.reveal().getBytes(UTF_8)));
    }

    /// A client's connection to a server that takes users' tokens is never opened with ours.
    void refuseNobody(Optional<Hello> hello, Optional<InboundToken> subject) throws NotConnected {
        if (hello.isPresent() && subject.isEmpty() && isPerUser())
            throw new NotConnected("takes tokens of users, and nobody's is here; the client has to ask again");
    }

    private boolean isPerUser() {
        return source.filter(CredentialSource::perUser).isPresent();
    }

    @Override
    public void close() {
        source.ifPresent(CredentialSource::close);
    }
}
