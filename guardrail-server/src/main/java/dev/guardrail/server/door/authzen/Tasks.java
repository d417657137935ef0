package dev.guardrail.server.door.authzen;

import dev.guardrail.approval.ApprovalDesk;
import dev.guardrail.approval.Ticket;
import dev.guardrail.base.JsonObject;
import java.time.Instant;
import java.util.Optional;

/// Tickets as tasks of the access request profile. Who may vote, and who did, stays out of them.
record Tasks(ApprovalDesk desk) {

    /// @param endpoint where tasks are found, without the id
    JsonObject json(Ticket ticket, String endpoint) {
        String place = endpoint + "/" + ticket.id();
        String status = status(ticket);
        var task = JsonObject.with("id", ticket.id())
                .with("status", status)
                .with("status_endpoint", place)
                .with("expires_at", ticket.expiresAt().toString());
        if (ticket.pending())
            task.with("links", JsonObject.with("cancel", place + "/cancel").build());
        desk.reason(ticket)
                .ifPresent(words -> task.with(
                        "display",
                        JsonObject.with("title", "Denied by a person")
                                .with("description", words)
                                .build()));
        var answer = JsonObject.with("task", task.build());
        if (status.equals("approved")) answer.with("result", result(ticket));
        return answer.build();
    }

    /// An approval that was used stays one; it is over all the same. One that nobody used in time has expired.
    static String status(Ticket ticket) {
        return switch (ticket.state()) {
            case PENDING -> "pending";
            case APPROVED, USED -> "approved";
            case DENIED -> "denied";
            case EXPIRED -> "expired";
            case CANCELLED -> "cancelled";
        };
    }

    private static JsonObject result(Ticket ticket) {
        Optional<Instant> until = ticket.closing().map(Ticket.Closing::at).or(ticket::usableUntil);
        return JsonObject.with("mode", "reevaluate")
                .with(
                        "approval",
                        JsonObject.with("id", ticket.id())
                                .with("approved_until", until.map(Instant::toString))
                                .build())
                .build();
    }
}
