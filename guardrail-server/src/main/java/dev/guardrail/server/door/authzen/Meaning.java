package dev.guardrail.server.door.authzen;

import dev.guardrail.call.Proposal;
import dev.guardrail.call.SessionId;
import java.util.List;

/// What a question means here.
sealed interface Meaning {

    /// A call that policy can be asked about.
    ///
    /// @param session where it would be made
    /// @param said names of the context's members that are arguments of it
    record Call(SessionId session, Proposal proposal, List<String> said) implements Meaning {
        public Call {
            said = List.copyOf(said);
        }
    }

    /// Nothing that there is here, or nothing that this caller may ask: a denial.
    ///
    /// @param reason word for programs
    /// @param message one sentence
    record Nothing(String reason, String message) implements Meaning {}
}
