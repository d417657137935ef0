package dev.guardrail.approval;

import java.util.List;

/// What came of a vote. Everything counted is durable.
public sealed interface VoteResult {

    /// The vote counts, or counted before (the same person repeated it); more people are needed.
    record Counted(Ticket ticket) implements VoteResult {}

    /// The ticket is another now, and still pending: more people were called in, a vote was handed on, something was
    /// said, or the call was changed.
    record Changed(Ticket ticket) implements VoteResult {}

    /// The vote closed the ticket: it is approved, or denied.
    record Closed(Ticket ticket) implements VoteResult {}

    /// This caller has no vote here.
    ///
    /// @param why one lower-case sentence for the caller
    /// @param who operators who have a vote; where there are none, the forms that the rules name
    record NotEligible(String why, List<String> who) implements VoteResult {
        public NotEligible {
            who = List.copyOf(who);
        }
    }

    /// The voter saw other arguments than those that are on hold.
    record ArgumentsChanged(Ticket ticket) implements VoteResult {}

    /// The voter did not type the value that a rule asks for, exactly.
    record ConfirmMismatch(Ticket ticket) implements VoteResult {}

    /// The approval may not reach as far as the voter asked; the vote does not count.
    ///
    /// @param why one lower-case sentence for the caller
    record ScopeRefused(Ticket ticket, String why) implements VoteResult {}

    /// What was asked for cannot be done with this ticket; nothing changed.
    ///
    /// @param why one lower-case sentence for the caller
    record NotPossible(Ticket ticket, String why) implements VoteResult {}

    /// The voting was over.
    record AlreadyClosed(Ticket ticket) implements VoteResult {}

    /// There is no such ticket.
    record Unknown(String ticket) implements VoteResult {}
}
