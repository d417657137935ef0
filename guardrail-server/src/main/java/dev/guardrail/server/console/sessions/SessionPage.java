package dev.guardrail.server.console.sessions;

import dev.guardrail.server.console.Badge;
import dev.guardrail.server.console.Bit;
import dev.guardrail.server.console.undo.StepRow;
import java.util.List;

/// One session: what it is for, what happened in it, and taking hold of it.
///
/// @param task what it is for; empty where nobody said it
/// @param trusted true where the user's host said it, and not the agent
/// @param messages what the user said
/// @param confirm what is asked to be confirmed: `pause`, `resume`, `end`, or nothing
/// @param moves what can be done with it
/// @param cut true where older entries are not shown
/// @param chosen what is to be said of the event that was chosen; empty for none
/// @param undo what of it can be taken back
/// @param reader true where the visitor may read the log
public record SessionPage(
        SessionsPage.Item item,
        List<Bit> task,
        boolean trusted,
        List<List<Bit>> messages,
        String confirm,
        List<String> moves,
        Trace trace,
        List<Event> events,
        boolean cut,
        List<Fact> chosen,
        Undo undo,
        boolean reader,
        String until,
        String parent) {
    public SessionPage {
        task = List.copyOf(task);
        messages = List.copyOf(messages);
        moves = List.copyOf(moves);
        events = List.copyOf(events);
        chosen = List.copyOf(chosen);
    }

    /// One thing that is to be said of an event.
    public record Fact(String name, List<Bit> value) {}

    /// What can be taken back, and what cannot, the last call first.
    ///
    /// @param steps the latest
    /// @param open how many can be, of all
    /// @param may true where the visitor may take them back
    /// @param more true where there are more than are shown
    public record Undo(List<StepRow> steps, int open, boolean may, boolean more) {
        public Undo {
            steps = List.copyOf(steps);
        }
    }

    /// An entry, or a time in which nothing happened.
    ///
    /// @param idle how long nothing happened before it; empty for a moment
    /// @param marks how what the call did stands: it can be undone, or is
    /// @param approval id of the request to people that it is about; empty for none
    /// @param undo address of a plan to undo the call and every later one; empty where there is none
    public record Event(
            long seq,
            String at,
            String idle,
            Badge badge,
            List<Badge> marks,
            List<Bit> tool,
            List<Bit> sentence,
            String approval,
            String undo) {
        public Event {
            marks = List.copyOf(marks);
        }
    }
}
