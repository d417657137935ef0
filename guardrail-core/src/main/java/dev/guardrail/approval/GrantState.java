package dev.guardrail.approval;

import static dev.guardrail.approval.GrantState.Event.EXPIRE;
import static dev.guardrail.approval.GrantState.Event.REVOKE;
import static dev.guardrail.approval.GrantState.Event.SPEND;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Where a standing grant stands. The table is the whole machine; a test fails if any step of it was never taken.
public enum GrantState {
    /// It answers for calls within its reach.
    ACTIVE,
    /// As many calls ran under it as it is for.
    SPENT,
    /// Its time is over, or could not be told.
    EXPIRED,
    /// Somebody took it back.
    REVOKED;

    /// What can happen to a grant. A use that is not the last is no event.
    public enum Event {
        SPEND,
        EXPIRE,
        REVOKE
    }

    /// Every step there is.
    public static final Map<GrantState, Map<Event, GrantState>> TABLE =
            Map.of(ACTIVE, Map.of(SPEND, SPENT, EXPIRE, EXPIRED, REVOKE, REVOKED));

    /// @return where `event` leads from here; empty where the machine has no such step
    public Optional<GrantState> after(Event event) {
        return Optional.ofNullable(TABLE.getOrDefault(this, Map.of()).get(event));
    }

    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// @throws IllegalArgumentException if there is no such state
    public static GrantState parse(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT));
    }
}
