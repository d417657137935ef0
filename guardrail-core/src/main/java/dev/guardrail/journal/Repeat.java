package dev.guardrail.journal;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.CallId;
import java.util.Locale;
import java.util.Optional;

/// What an identical call of the same session meets: the document of [Kind#REPEAT] under [CallRecord#repeat].
///
/// @param call the earlier call that it repeats
/// @param ticket of the hold, where there is one
public record Repeat(State state, CallId call, Optional<String> ticket) {

    /// Why the earlier call matters.
    public enum State {
        /// It waits for people, or was approved and not used: the repeat joins it.
        HELD,
        /// It is permitted and waits for its time: the repeat meets it, and is no second call.
        QUEUED,
        /// A person denied it: the repeat gets that denial.
        REFUSED,
        /// Nobody knows whether it ran: the repeat is denied until an operator posts the outcome.
        IN_DOUBT
    }

    public static String key(Sha256 repeat) {
        return repeat.toString();
    }

    /// True where the earlier call waits, for people or for its time.
    public boolean isOpen() {
        return state == State.HELD || state == State.QUEUED;
    }

    /// The change that sets this over version `expected` of the document.
    public Change put(Sha256 repeat, long expected) {
        var value = JsonObject.with("state", state.name().toLowerCase(Locale.ROOT))
                .with("call", call.value())
                .with("ticket", ticket)
                .build();
        return new Change.Put(Kind.REPEAT, key(repeat), expected, Document.Tags.NONE, value);
    }

    public static Repeat of(JsonObject json) {
        return new Repeat(
                State.valueOf(json.text("state").orElseThrow().toUpperCase(Locale.ROOT)),
                new CallId(json.text("call").orElseThrow()),
                json.text("ticket"));
    }
}
