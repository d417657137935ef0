package dev.guardrail.server.console.approvals;

import dev.guardrail.approval.Ticket;
import dev.guardrail.approval.TicketState;
import dev.guardrail.approval.VoteResult;
import dev.guardrail.call.ToolName;
import java.util.List;

/// What became of a try to decide, in words for whoever tried.
///
/// @param status of HTTP; 200 where it did something
public record Verdict(int status, String words) {

    public boolean counts() {
        return status == 200;
    }

    private static Verdict done(String words) {
        return new Verdict(200, words);
    }

    /// @param changed what to say where the request was changed and not voted on; empty for no more than that
    static Verdict of(VoteResult result, String changed) {
        return switch (result) {
            case VoteResult.Counted(Ticket ticket) ->
                done("Your approval counts: " + ticket.given() + " of " + ticket.required() + ".");
            case VoteResult.Closed(Ticket ticket) -> done(closed(ticket));
            case VoteResult.Changed(Ticket ticket) -> done(changed.isEmpty() ? "Done." : changed);
            case VoteResult.ScopeRefused(Ticket ticket, String why) -> new Verdict(422, "Not approved: " + why + ".");
            case VoteResult.NotPossible(Ticket ticket, String why) ->
                new Verdict(409, "Nothing was done: " + why + ".");
            case VoteResult.NotEligible(String why, List<String> who) ->
                new Verdict(
                        403,
                        "You cannot decide this: " + why
                                + (who.isEmpty() ? "." : ". These can: " + String.join(", ", who) + "."));
            case VoteResult.ArgumentsChanged(Ticket ticket) -> CHANGED;
            case VoteResult.ConfirmMismatch(Ticket ticket) ->
                new Verdict(422, "What you typed is not the value that the rule asks for. Read it, and type it again.");
            case VoteResult.AlreadyClosed(Ticket ticket) ->
                new Verdict(409, "Too late: it is " + ticket.state().text() + " already.");
            case VoteResult.Unknown(String ticket) -> new Verdict(404, "There is no such approval any more.");
        };
    }

    static final Verdict CHANGED =
            new Verdict(409, "The arguments are others now than those you saw. Read them, and decide again.");

    private static String closed(Ticket ticket) {
        if (ticket.state() == TicketState.DENIED)
            return "Denied. The agent is told what you said, and that the call did not run.";
        String may = ticket.tool().equals(ToolName.PLAN)
                ? "When the agent makes the plan again, its calls run as planned"
                : "Exactly this call may run, once";
        return "Approved. " + may
                + ticket.usableUntil().map(until -> ", until " + until).orElse("") + ".";
    }
}
