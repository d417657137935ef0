package dev.guardrail.server.console.undo;

import dev.guardrail.server.console.Bit;
import java.util.List;

/// What undoing would come to, the last call first; nothing is changed by it.
///
/// @param choice which of the session's calls these are, in words
/// @param part true where they are not all of them
/// @param rest how many more were chosen than one plan takes
/// @param ready ids of those that undoing would be tried of, in order
/// @param asks how many of those people are asked about
/// @param doubts how many of those are in doubt, and looked at first
/// @param running address of an undo of the session that is at work; empty for none
/// @param error what was wrong with the last try; empty for nothing
/// @param reason as it was typed then
public record PlanPage(
        String session,
        List<Bit> agent,
        String choice,
        boolean part,
        List<StepRow> steps,
        int rest,
        List<String> ready,
        int asks,
        int doubts,
        String running,
        String error,
        String reason) {
    public PlanPage {
        agent = List.copyOf(agent);
        steps = List.copyOf(steps);
        ready = List.copyOf(ready);
    }

    public String url() {
        return UndoPages.PATH + "/" + session;
    }

    /// What the plan says, in a sentence.
    public String summary() {
        int others = steps.size() - ready.size();
        return (ready.isEmpty() ? "None" : ready.size() == steps.size() ? "All" : String.valueOf(ready.size()))
                + " of " + steps.size() + " can be undone now"
                + (asks > 0 ? "; people are asked about " + asks : "")
                + (doubts > 0 ? "; looked at first, since they are in doubt: " + doubts : "")
                + (others > 0 && !ready.isEmpty() ? "; " + others + " stay as they are" : "")
                + ".";
    }
}
