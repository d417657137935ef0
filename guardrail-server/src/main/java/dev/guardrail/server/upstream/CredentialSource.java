package dev.guardrail.server.upstream;

import dev.guardrail.call.InboundToken;
import java.util.Optional;

/// Where the bearer token for one upstream comes from; asked for each request, so that it renews without a restart.
/// Safe for concurrent use; may block for seconds where a token has to be fetched. What it holds shows in no text.
public interface CredentialSource extends AutoCloseable {

    /// The token to send.
    ///
    /// @param subject the token that the call's caller came with; empty for the guard's own requests
    /// @throws CredentialUnavailable where there is none now; nothing is sent then
    String bearer(Optional<InboundToken> subject);

    /// Fetches what the next request will need, so that nothing is begun without it.
    ///
    /// @throws CredentialUnavailable where there is none now
    default void prepare(Optional<InboundToken> subject) {}

    /// Forgets a token that the upstream refused.
    ///
    /// @return true where the next one may be another
    default boolean renew(Optional<InboundToken> subject, String refused) {
        return false;
    }

    /// True where each user has a token: connections are then not shared between users.
    default boolean perUser() {
        return false;
    }

    @Override
    default void close() {}
}
