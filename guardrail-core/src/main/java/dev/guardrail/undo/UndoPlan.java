package dev.guardrail.undo;

import dev.guardrail.call.SessionId;
import java.util.List;
import java.util.Optional;

/// What undoing comes to, or came to: one step for each call that changed something, the last one first.
///
/// @param session of all its calls; empty where they are of any
public record UndoPlan(Optional<SessionId> session, List<UndoStep> steps) {
    public UndoPlan {
        steps = List.copyOf(steps);
    }

    /// True where nothing is left to be undone.
    public boolean isComplete() {
        return steps.stream().allMatch(step -> step.state().isOver());
    }
}
