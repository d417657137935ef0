package dev.guardrail.server.upstream;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonObject;

/// What came of one request.
sealed interface Reply {

    /// Its result, as it came.
    record Result(Json value) implements Reply {}

    /// A JSON-RPC error object, as it came.
    record Failure(JsonObject error) implements Reply {}

    /// No answer.
    ///
    /// @param detail one lower-case clause that completes "the server …"
    record Missing(Why why, String detail) implements Reply {}

    /// Why there is none.
    enum Why {
        UNSENT,
        REFUSED,
        EXPIRED,
        /// Refused, perhaps because the session is gone; whether unread is not known.
        DOUBTED,
        BROKEN,
        /// The deadline passed; it may still be running.
        LATE,
        /// The client left, and no answer came within the drain.
        LEFT;

        static Why of(Wire.Fault fault) {
            return switch (fault) {
                case UNSENT -> UNSENT;
                case REFUSED -> REFUSED;
                case EXPIRED -> EXPIRED;
                case DOUBTED -> DOUBTED;
                case BROKEN -> BROKEN;
            };
        }
    }
}
