package dev.guardrail.undo;

import dev.guardrail.call.CallId;
import dev.guardrail.call.Exactness;
import dev.guardrail.call.SessionId;
import dev.guardrail.call.ToolName;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// One call that is to be taken back.
///
/// @param session that it belongs to
/// @param why one word or sentence, where it is not ready and not undone
/// @param by the call that takes it back
/// @param approval the ticket that it waits on
/// @param asks true where people have to agree first
/// @param after calls that are taken back before it: only then can be told whether anything changed since
public record UndoStep(
        CallId call,
        SessionId session,
        ToolName tool,
        Exactness exactness,
        State state,
        String why,
        Optional<CallId> by,
        Optional<String> approval,
        boolean asks,
        List<CallId> after) {

    public UndoStep {
        after = List.copyOf(after);
    }

    /// How a step stands.
    public enum State {
        /// Nothing stands against it now.
        READY,
        /// It is undone, now or before.
        UNDONE,
        /// What the call left is not there any more, or nobody can tell: nothing was changed.
        CONFLICT,
        /// It cannot be taken back.
        CANNOT,
        /// Policy denies it.
        DENIED,
        /// It waits for people; undo again once they agreed.
        HELD,
        /// Somebody is at it.
        RUNNING,
        /// It may have been taken back; an operator has to tell.
        IN_DOUBT,
        /// Taking it back failed; it can be tried again.
        FAILED;

        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }

        /// True where it is said what came of taking the call back, or of the try.
        public boolean isOutcome() {
            return this != READY && this != RUNNING;
        }

        boolean isOver() {
            return this == UNDONE;
        }
    }

    public static UndoStep of(
            CallId call, SessionId session, ToolName tool, Exactness exactness, State state, String why) {
        return new UndoStep(
                call, session, tool, exactness, state, why, Optional.empty(), Optional.empty(), false, List.of());
    }

    /// The same step, further on.
    public UndoStep in(State next, String reason, Optional<CallId> call, Optional<String> ticket) {
        return new UndoStep(this.call, session, tool, exactness, next, reason, call, ticket, asks, after);
    }

    public UndoStep asking(boolean people) {
        return new UndoStep(call, session, tool, exactness, state, why, by, approval, people, after);
    }

    public UndoStep after(List<CallId> others) {
        return new UndoStep(call, session, tool, exactness, state, why, by, approval, asks, others);
    }
}
