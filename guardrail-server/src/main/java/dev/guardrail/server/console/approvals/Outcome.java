package dev.guardrail.server.console.approvals;

import dev.guardrail.approval.Ticket;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.policy.Cause;
import dev.guardrail.server.console.Badge;
import dev.guardrail.server.console.Icon;
import java.util.Optional;

/// What became of a request to people. A timeout is nobody's decision, and a fault is nobody's either.
public enum Outcome {
    WAITING("wait", Icon.CLOCK, "Waiting", "People may decide."),
    APPROVED("allow", Icon.YES, "Approved", "People agreed; the call has not run yet."),
    USED("allow", Icon.YES, "Approved and used", "People agreed, and the call ran or was begun."),
    BY_PERSON("deny", Icon.STOP, "Denied by a person", "Somebody refused."),
    BY_POLICY("deny", Icon.STOP, "Denied by policy", "When the call was decided again, a rule denied it."),
    EXPIRED("", Icon.CLOCK, "Expired", "Nobody decided in time, so the call was denied."),
    UNUSED("", Icon.CLOCK, "Approved, never used", "People agreed, and the agent did not come back in time."),
    FAILED("deny", Icon.WARNING, "Failed closed", "The guard could not decide it again, and denied it."),
    STOPPED("deny", Icon.STOP, "Stopped", "An operator's stop took it back."),
    CANCELLED("", Icon.MINUS, "Cancelled", "It waits for nobody any more.");

    private final Badge badge;
    private final String meaning;

    Outcome(String tone, Icon icon, String word, String meaning) {
        this.badge = new Badge(tone, icon, word);
        this.meaning = meaning;
    }

    public Badge badge() {
        return badge;
    }

    /// One sentence.
    public String meaning() {
        return meaning;
    }

    /// @param call that the ticket holds, where there is one
    public static Outcome of(Ticket ticket, Optional<CallRecord> call) {
        String cause = call.map(CallRecord::cause).orElse("");
        boolean over = !ticket.pending();
        if (over && cause.equals(Cause.POLICY.text())) return BY_POLICY;
        if (over && cause.equals(Cause.GUARD_ERROR.text())) return FAILED;
        String why = ticket.closing().map(Ticket.Closing::why).orElse("");
        return switch (ticket.state()) {
            case PENDING -> WAITING;
            case APPROVED -> APPROVED;
            case USED -> USED;
            case DENIED -> BY_PERSON;
            case EXPIRED -> why.equals("unused") ? UNUSED : EXPIRED;
            case CANCELLED -> why.equals("stopped") || cause.equals(Cause.STOPPED.text()) ? STOPPED : CANCELLED;
        };
    }

    /// Why nobody has to decide any more, where nobody decided: a sentence and a blank, or nothing.
    ///
    /// @param why word of a ticket's closing
    static String because(String why) {
        return switch (why) {
            case "client_left", "agent" -> "Its agent gave it up. ";
            case "session_ended" -> "Its session was ended. ";
            case "granted" -> "A grant covered the same call, so that nobody was needed. ";
            case "changed" -> "Other rules hold such a call by now; whoever still wants it asks again. ";
            case "restored" -> "The log was restored from a copy. ";
            default -> "";
        };
    }
}
