package dev.guardrail.approval;

/// Whether a held call may be changed by somebody.
public sealed interface Editable {

    /// It may; what is written next replaces exactly this state of the ticket.
    record Open(Ticket ticket, long version) implements Editable {}

    /// It may not; nothing changed.
    record Refused(VoteResult why) implements Editable {}
}
