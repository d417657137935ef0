package dev.guardrail.server.bridge;

import dev.guardrail.base.JsonObject;
import java.util.Optional;

/// What became of a message that was taken to the guard.
sealed interface Outcome {
    /// It was taken, and answered where it wanted an answer.
    record Taken() implements Outcome {}

    /// The guard did not take it, so it did not run.
    ///
    /// @param status HTTP status
    /// @param error JSON-RPC error object that the guard gave as reason
    record Refused(int status, Optional<JsonObject> error) implements Outcome {
        boolean is(long code) {
            return error.filter(reason -> reason.integer("code").orElse(0) == code)
                    .isPresent();
        }
    }

    /// Nobody heard it, so it did not run.
    record Unreached() implements Outcome {}

    /// It was sent, and no answer came: it may have run. The journal knows.
    record Lost(String why) implements Outcome {}
}
