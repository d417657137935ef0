package dev.guardrail.server.upstream;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonObject;
import java.util.Optional;

/// What came of one request.
sealed interface Reply {

    /// Its result, as it came.
    record Result(Json value) implements Reply {}

    /// A JSON-RPC error object, as it came.
    ///
    /// @param status of the HTTP response that carried it; 200 where none did
    /// @param named false where it came without the request's id
    record Failure(JsonObject error, int status, boolean named) implements Reply {}

    /// No answer.
    ///
    /// @param detail one lower-case clause that completes "the server …"
    /// @param said the server's own words, where it refused with some that may not be about this request
    record Missing(Why why, String detail, Optional<Failure> said) implements Reply {}

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
