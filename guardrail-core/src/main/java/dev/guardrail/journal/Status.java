package dev.guardrail.journal;

import static dev.guardrail.journal.Status.Event.ALLOW;
import static dev.guardrail.journal.Status.Event.CANCEL;
import static dev.guardrail.journal.Status.Event.CLARIFY;
import static dev.guardrail.journal.Status.Event.DENY;
import static dev.guardrail.journal.Status.Event.EXPIRE;
import static dev.guardrail.journal.Status.Event.FAIL;
import static dev.guardrail.journal.Status.Event.HOLD;
import static dev.guardrail.journal.Status.Event.LAPSE;
import static dev.guardrail.journal.Status.Event.LOSE;
import static dev.guardrail.journal.Status.Event.START;
import static dev.guardrail.journal.Status.Event.SUCCEED;
import static dev.guardrail.journal.Status.Event.UNDO;
import static dev.guardrail.journal.Status.Event.UNDO_FAIL;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Where a call stands. The table is the whole machine; a test fails if any step of it was never taken.
public enum Status {
    PROPOSED,
    PERMITTED,
    DENIED,
    NEEDS_CLARIFICATION,
    HELD,
    RUNNING,
    SUCCEEDED,
    FAILED,
    IN_DOUBT,
    EXPIRED,
    CANCELLED,
    UNDONE,
    UNDO_FAILED;

    /// What can happen to a call.
    public enum Event {
        ALLOW,
        DENY,
        CLARIFY,
        HOLD,
        START,
        SUCCEED,
        FAIL,
        LOSE,
        LAPSE,
        EXPIRE,
        CANCEL,
        UNDO,
        UNDO_FAIL
    }

    /// Every step there is. A late result is recorded after the lease lapsed or was taken back; a permitted call that
    /// the guard is asked to run is decided again first. One that waits in the outbox is permitted, and can be
    /// taken back. What was done can be undone, also by a call that failed, and where that failed, be tried again.
    public static final Map<Status, Map<Event, Status>> TABLE = Map.of(
            PROPOSED, Map.of(ALLOW, PERMITTED, DENY, DENIED, CLARIFY, NEEDS_CLARIFICATION, HOLD, HELD),
            HELD,
                    Map.of(
                            ALLOW,
                            PERMITTED,
                            DENY,
                            DENIED,
                            CLARIFY,
                            NEEDS_CLARIFICATION,
                            EXPIRE,
                            EXPIRED,
                            CANCEL,
                            CANCELLED),
            PERMITTED,
                    Map.of(
                            START,
                            RUNNING,
                            LAPSE,
                            EXPIRED,
                            CANCEL,
                            CANCELLED,
                            SUCCEED,
                            SUCCEEDED,
                            FAIL,
                            FAILED,
                            DENY,
                            DENIED,
                            CLARIFY,
                            NEEDS_CLARIFICATION),
            RUNNING, Map.of(SUCCEED, SUCCEEDED, FAIL, FAILED, LOSE, IN_DOUBT),
            IN_DOUBT, Map.of(SUCCEED, SUCCEEDED, FAIL, FAILED),
            EXPIRED, Map.of(SUCCEED, SUCCEEDED, FAIL, FAILED),
            CANCELLED, Map.of(SUCCEED, SUCCEEDED, FAIL, FAILED),
            SUCCEEDED, Map.of(UNDO, UNDONE, UNDO_FAIL, UNDO_FAILED),
            FAILED, Map.of(UNDO, UNDONE, UNDO_FAIL, UNDO_FAILED),
            UNDO_FAILED, Map.of(UNDO, UNDONE, UNDO_FAIL, UNDO_FAILED));

    /// @return where `event` leads from here; empty where the machine has no such step
    public Optional<Status> after(Event event) {
        return Optional.ofNullable(TABLE.getOrDefault(this, Map.of()).get(event));
    }

    /// @throws IllegalStateException where the machine has no such step: nothing is written then
    public Status then(Event event) {
        return after(event)
                .orElseThrow(() -> new IllegalStateException(
                        "no step from `" + text() + "` by " + event.name().toLowerCase(Locale.ROOT)));
    }

    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Status parse(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT));
    }
}
