package dev.guardrail.approval;

import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Moments;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The times of an open ticket, without what it holds: all that is kept of it in memory, and all that is read of it
/// when a boot arms what earlier ones left open. A queue of thousands is armed within a second because nothing else of
/// a ticket is built for it.
///
/// @param circles since the ticket was opened, when each of its holds calls in its next circle of people
record Life(
        String id,
        String agent,
        TicketState state,
        Instant openedAt,
        Instant expiresAt,
        Optional<Instant> usableUntil,
        List<Duration> circles) {
    Life {
        circles = List.copyOf(circles);
    }

    static Life of(Ticket ticket) {
        return new Life(
                ticket.id(),
                ticket.agent(),
                ticket.state(),
                ticket.openedAt(),
                ticket.expiresAt(),
                ticket.usableUntil(),
                ticket.holds().stream()
                        .flatMap(hold -> hold.nextCircle().stream())
                        .map(circle -> circle.after())
                        .toList());
    }

    /// Of the document's value ([Ticket#json]).
    ///
    /// @throws java.util.NoSuchElementException if a member is missing
    static Life of(JsonObject json) {
        return new Life(
                json.text("id").orElseThrow(),
                json.text("agent").orElseThrow(),
                TicketState.parse(json.text("state").orElseThrow()),
                Moments.parse(json.text("openedAt").orElseThrow()),
                Moments.parse(json.text("expiresAt").orElseThrow()),
                json.text("usableUntil").map(Moments::parse),
                circles(json.array("holds").orElseThrow()));
    }

    private static List<Duration> circles(JsonArray holds) {
        List<Duration> next = new ArrayList<>(0);
        for (JsonObject hold : holds.objects()) {
            var circles = hold.array("escalate").orElse(JsonArray.EMPTY).objects();
            long before = hold.integer("circles").orElse(0);
            if (before < circles.size())
                next.add(Duration.parse(
                        circles.get(Math.toIntExact(before)).text("after").orElseThrow()));
        }
        return next;
    }

    boolean pending() {
        return state == TicketState.PENDING;
    }

    /// From opening to the end of voting.
    Duration whole() {
        return Duration.between(openedAt, expiresAt);
    }
}
