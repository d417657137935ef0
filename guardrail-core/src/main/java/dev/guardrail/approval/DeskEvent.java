package dev.guardrail.approval;

import java.util.Set;

/// Something that happened at the desk and that people may want to hear of. Whatever it tells of is durable; the event
/// itself is not, and is not told again after a restart.
public sealed interface DeskEvent {

    /// A call waits for people.
    record Opened(Ticket ticket) implements DeskEvent {}

    /// Half of a ticket's time is over, and nobody has decided.
    record Reminded(Ticket ticket) implements DeskEvent {}

    /// More people have a vote.
    ///
    /// @param to their forms or names
    record CalledIn(Ticket ticket, Set<String> to) implements DeskEvent {
        public CalledIn {
            to = Set.copyOf(to);
        }
    }

    /// Somebody asked about a call, or answered.
    record Said(Ticket ticket, Utterance utterance) implements DeskEvent {}

    /// The call is another now; votes before it count no more.
    record Edited(Ticket ticket) implements DeskEvent {}

    /// The voting is over: approved, denied, expired or cancelled.
    record Closed(Ticket ticket) implements DeskEvent {}

    /// One agent has as many calls waiting as it may; what it asks beyond them is denied. Told once until half of them
    /// are decided.
    ///
    /// @param channels that the call's rules name
    record Flooded(String agent, int pending, Set<String> channels) implements DeskEvent {
        public Flooded {
            channels = Set.copyOf(channels);
        }
    }
}
