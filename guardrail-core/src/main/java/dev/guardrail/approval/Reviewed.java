package dev.guardrail.approval;

import dev.guardrail.base.Sha256;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// What one ticket tells of how people review. Who voted is not in it.
///
/// @param rows groups of the report that it counts in
/// @param call blinded fingerprint of the exact call: of identical calls of one agent and user, the same
/// @param decidedAt when the deciding vote was cast; empty where people decided nothing
/// @param quick somebody approved it before it can have been read
record Reviewed(
        List<String> rows, Sha256 call, Instant openedAt, Outcome outcome, Optional<Instant> decidedAt, boolean quick) {
    /// Whoever approves this soon after a ticket was opened has not read it.
    static final Duration READING = Duration.ofSeconds(5);

    /// What people made of it. An approval that nobody used is an approval.
    enum Outcome {
        PENDING,
        APPROVED,
        DENIED,
        EXPIRED,
        CANCELLED
    }

    Reviewed {
        rows = List.copyOf(rows);
    }

    static Reviewed of(Ticket ticket, List<String> rows) {
        var outcome = outcome(ticket);
        return new Reviewed(
                rows,
                ticket.binding(),
                ticket.openedAt(),
                outcome,
                decidedAt(ticket, outcome),
                outcome == Outcome.APPROVED && isQuick(ticket));
    }

    static Outcome outcome(Ticket ticket) {
        if (ticket.usableUntil().isPresent()) return Outcome.APPROVED;
        return switch (ticket.state()) {
            case PENDING -> Outcome.PENDING;
            case APPROVED, USED -> Outcome.APPROVED;
            case DENIED -> Outcome.DENIED;
            case EXPIRED -> Outcome.EXPIRED;
            case CANCELLED -> Outcome.CANCELLED;
        };
    }

    private static Optional<Instant> decidedAt(Ticket ticket, Outcome outcome) {
        return switch (outcome) {
            case APPROVED ->
                ticket.holds().stream()
                        .flatMap(hold -> hold.votes().stream())
                        .map(Vote::at)
                        .max(Comparator.naturalOrder());
            case DENIED -> ticket.closing().map(Ticket.Closing::at);
            case PENDING, EXPIRED, CANCELLED -> Optional.empty();
        };
    }

    /// True where somebody approved a ticket before it can have been read. Of a call that was changed meanwhile, time
    /// counts from the first opening.
    static boolean isQuick(Ticket ticket) {
        return ticket.holds().stream()
                .flatMap(hold -> hold.votes().stream())
                .anyMatch(vote -> Duration.between(ticket.openedAt(), vote.at()).compareTo(READING) < 0);
    }

    /// From opening to the deciding vote; a wall clock that was set back makes it nothing.
    Optional<Duration> took() {
        return decidedAt
                .map(at -> Duration.between(openedAt, at))
                .map(span -> span.isNegative() ? Duration.ZERO : span);
    }
}
