package dev.guardrail.approval;

import static dev.guardrail.approval.TicketState.Event.APPROVE;
import static dev.guardrail.approval.TicketState.Event.CANCEL;
import static dev.guardrail.approval.TicketState.Event.CONSUME;
import static dev.guardrail.approval.TicketState.Event.DENY;
import static dev.guardrail.approval.TicketState.Event.EXPIRE;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Where a ticket stands. The table is the whole machine; a test fails if any step of it was never taken.
public enum TicketState {
    /// People may vote.
    PENDING,
    /// Every hold's quorum is met; its grant can be used once, for a while.
    APPROVED,
    DENIED,
    /// Nobody answered in time, or nobody used the approval in time.
    EXPIRED,
    CANCELLED,
    /// The approval was consumed with the intent to run.
    USED;

    /// What can happen to a ticket. A vote that neither completes the quorum nor denies is no event.
    public enum Event {
        APPROVE,
        DENY,
        EXPIRE,
        CANCEL,
        CONSUME
    }

    /// Every step there is.
    public static final Map<TicketState, Map<Event, TicketState>> TABLE = Map.of(
            PENDING, Map.of(APPROVE, APPROVED, DENY, DENIED, EXPIRE, EXPIRED, CANCEL, CANCELLED),
            APPROVED, Map.of(CONSUME, USED, EXPIRE, EXPIRED, CANCEL, CANCELLED));

    /// @return where `event` leads from here; empty where the machine has no such step
    public Optional<TicketState> after(Event event) {
        return Optional.ofNullable(TABLE.getOrDefault(this, Map.of()).get(event));
    }

    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// @throws IllegalArgumentException if there is no such state
    public static TicketState parse(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT));
    }
}
