package dev.guardrail.undo;

import dev.guardrail.call.CallId;
import java.time.Instant;
import java.util.Set;

/// Which of the calls are to be taken back.
public sealed interface UndoPart {
    /// All of them.
    record All() implements UndoPart {}

    /// These and no other.
    record Only(Set<CallId> calls) implements UndoPart {
        public Only {
            calls = Set.copyOf(calls);
        }
    }

    /// One and all that came after it.
    record From(CallId call) implements UndoPart {}

    /// Those whose outcome came at this time or later.
    record Since(Instant time) implements UndoPart {}
}
