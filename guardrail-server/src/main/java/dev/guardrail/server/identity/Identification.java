package dev.guardrail.server.identity;

import dev.guardrail.call.Caller;
import java.util.Optional;

/// What is known of whoever presents a credential.
public sealed interface Identification {

    /// It is good.
    record Known(Caller caller, Reach reach) implements Identification {}

    /// It is nobody's, or no longer good.
    ///
    /// @param why one lower-case clause, in ASCII; empty where there is nothing to say
    /// @param authentic who it was issued to, where its issuer signed it
    record Refused(String why, Optional<Holder> authentic) implements Identification {
        static Refused unknown() {
            return new Refused("", Optional.empty());
        }
    }

    /// It is good, but those it was issued to are none of this guard's agents.
    record Stranger(Holder holder) implements Identification {}

    /// Who a token of the issuer was issued to.
    ///
    /// @param client the client's id, as the issuer names it
    /// @param user the person, where there is one
    record Holder(String client, Optional<String> user) {}
}
