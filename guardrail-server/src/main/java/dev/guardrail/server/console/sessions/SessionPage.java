package dev.guardrail.server.console.sessions;

import dev.guardrail.server.console.Badge;
import dev.guardrail.server.console.Bit;
import java.util.List;

/// One session: what it is for, what happened in it, and taking hold of it.
///
/// @param task what it is for; empty where nobody said it
/// @param trusted true where the user's host said it, and not the agent
/// @param messages what the user said
/// @param confirm what is asked to be confirmed: `pause`, `resume`, `end`, or nothing
/// @param moves what can be done with it
/// @param cut true where older entries are not shown
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
        boolean reader,
        String until,
        String parent) {
    public SessionPage {
        task = List.copyOf(task);
        messages = List.copyOf(messages);
        moves = List.copyOf(moves);
        events = List.copyOf(events);
    }

    /// An entry, or a time in which nothing happened.
    ///
    /// @param idle how long nothing happened before it; empty for a moment
    /// @param approval id of the request to people that it is about; empty for none
    public record Event(
            long seq, String at, String idle, Badge badge, List<Bit> tool, List<Bit> sentence, String approval) {}
}
