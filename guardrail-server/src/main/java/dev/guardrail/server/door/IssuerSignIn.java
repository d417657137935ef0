package dev.guardrail.server.door;

import dev.guardrail.call.Caller;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// How people sign in at an identity provider (OpenID Connect Core 1.0, section 3.1). Safe for concurrent use.
public interface IssuerSignIn {

    /// The identity provider, or nobody where none is configured.
    record Configured(Optional<IssuerSignIn> signIn) {}

    /// Its host, as people know it.
    String host();

    /// Where browsers reach this guard: scheme and authority.
    String base();

    /// How long a visit lasts, until one has to sign in again.
    Duration visit();

    /// Leads somebody to the provider.
    ///
    /// @param path of this guard where the provider sends people back to
    Beginning begin(String path);

    /// Somebody has come back.
    ///
    /// @param attempt as it was begun in the same browser
    /// @param returned what the provider has put into the address, each name once
    /// @param path that it was asked to send people back to
    Outcome end(Attempt attempt, Map<String, String> returned, String path);

    /// Where one signs out of the provider, too; empty where it has no such place, or cannot be asked.
    ///
    /// @param path of this guard where the provider sends people back to
    Optional<URI> farewell(String path);

    /// What has become of wishing to sign in.
    sealed interface Beginning {
        /// @param address at the provider
        record Begun(URI address, Attempt attempt) implements Beginning {}

        /// @param why one lower-case clause
        record Unavailable(String why) implements Beginning {}
    }

    /// What has become of coming back.
    sealed interface Outcome {
        record Admitted(Caller caller) implements Outcome {}

        /// The provider knows them, and this guard gives them no role.
        ///
        /// @param name as the provider tells it
        /// @param groups as the provider tells them, in order; empty where it tells none
        /// @param claim where groups were looked for
        record Stranger(String name, Optional<List<String>> groups, String claim) implements Outcome {
            public Stranger {
                groups = groups.map(List::copyOf);
            }
        }

        /// The provider knows them, by a name that somebody else has here.
        ///
        /// @param subject under which the provider knows them
        record Taken(String name, String other, String subject) implements Outcome {}

        /// @param why one lower-case clause
        record Refused(String why) implements Outcome {}

        /// @param why one lower-case clause
        record Unavailable(String why) implements Outcome {}
    }

    /// What this browser has to bring back, and what only we know until then. Each text is 256 random bits.
    ///
    /// @param state that the address has to repeat
    /// @param nonce that the token has to repeat
    /// @param verifier of the code (RFC 7636)
    record Attempt(String state, String nonce, String verifier) {
        /// All of it is secret.
        @Override
        public String toString() {
            return "Attempt";
        }
    }
}
