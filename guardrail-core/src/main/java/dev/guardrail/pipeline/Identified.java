package dev.guardrail.pipeline;

import dev.guardrail.approval.LastVote;
import dev.guardrail.base.JsonObject;
import dev.guardrail.call.Caller;
import dev.guardrail.call.Subject;
import dev.guardrail.call.ToolName;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Change;
import dev.guardrail.journal.Document;
import dev.guardrail.registry.SessionRegistry;
import java.util.Optional;
import java.util.Set;

/// A proposal whose maker, user and session are known.
///
/// @param key change that ties the client's idempotency key to the call, to be committed with the decision
record Identified(Asked asked, Subject subject, SessionRegistry.Versioned session, Optional<KeyChange> key) {

    /// The same proposal with other arguments.
    Identified with(JsonObject arguments) {
        return new Identified(asked.with(arguments), subject, session, key);
    }

    /// A call that is part of this proposal, as if it were proposed by itself.
    Identified with(ToolName tool, JsonObject arguments) {
        return new Identified(asked.with(tool, arguments), subject, session, Optional.empty());
    }

    /// A call that is decided again, and the version of its document.
    ///
    /// @param vote that approves it, to be written with the permit; empty where it is durable, or there is none
    record Resumed(CallRecord call, long version, Optional<LastVote> vote) {
        static Resumed of(Document document) {
            return new Resumed(CallRecord.of(document.value()), document.version(), Optional.empty());
        }

        Resumed with(LastVote handed) {
            return new Resumed(call, version, Optional.of(handed));
        }

        /// True where an earlier permit of it was counted as one that cannot be taken back.
        boolean isCounted() {
            return call.reversal().counted();
        }

        /// Its agent, without being there.
        Caller absent() {
            return new Caller(
                    Caller.Kind.AGENT, call.agent(), Set.of(), Set.of(), Set.of(), Optional.of(call.session()));
        }
    }

    /// Makes the idempotency change once the call has an id.
    @FunctionalInterface
    interface KeyChange {
        Change to(dev.guardrail.call.CallId call);
    }
}
