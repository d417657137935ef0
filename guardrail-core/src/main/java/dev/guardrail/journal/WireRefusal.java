package dev.guardrail.journal;

import dev.guardrail.base.Sha256;
import dev.guardrail.call.Caller;
import dev.guardrail.call.SessionId;
import java.util.Locale;
import java.util.Optional;

/// Something that was refused before any policy was asked, of a sender whose credential was good. Every word of it is
/// ours or the operator's; nothing is a copy of what was sent.
///
/// @param door where it came in
/// @param fault word of what was wrong with it
/// @param server name as configured; empty where it named none of those
/// @param route method, a space and the route's template
/// @param message digest of the bytes that were sent; empty where none were read
public record WireRefusal(
        String door, String fault, Sender sender, Optional<String> server, String route, Optional<Sha256> message) {

    /// Whose credential it was.
    ///
    /// @param kind word of what the credential is for: `agent`, `host`, `operator`
    /// @param name as configured
    /// @param user person on whose behalf, by name; entries show a pseudonym
    public record Sender(String kind, String name, Optional<SessionId> session, Optional<String> user) {
        private static final String AGENT = "agent";

        public static Sender of(Caller caller) {
            return new Sender(
                    caller.kind().name().toLowerCase(Locale.ROOT), caller.name(), caller.session(), caller.user());
        }

        String by() {
            return kind + ':' + name;
        }

        Optional<String> agent() {
            return kind.equals(AGENT) ? Optional.of(name) : Optional.empty();
        }
    }
}
