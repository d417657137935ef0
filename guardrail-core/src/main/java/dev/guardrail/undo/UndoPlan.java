package dev.guardrail.undo;

import dev.guardrail.call.SessionId;
import java.util.List;

/// What undoing comes to, or came to: one step for each call that changed something, the last one first.
public record UndoPlan(SessionId session, List<UndoStep> steps) {
    public UndoPlan {
        steps = List.copyOf(steps);
    }

    /// True where nothing is left to be undone.
    public boolean isComplete() {
        return steps.stream().allMatch(step -> step.state().isOver());
    }
}
