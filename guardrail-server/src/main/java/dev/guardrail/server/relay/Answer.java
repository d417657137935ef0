package dev.guardrail.server.relay;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.ProblemType;

/// What came of a request that was passed on.
public sealed interface Answer {

    /// Its result, as it came.
    record Result(Json value) implements Answer {}

    /// A JSON-RPC error, as it came.
    ///
    /// @param status of the HTTP response that carried it; 200 where none did
    /// @param named false where it came without the request's id
    record Failure(JsonObject error, int status, boolean named) implements Answer {
        private static final int METHOD_NOT_FOUND = -32601;

        public static Failure methodNotFound() {
            return of(METHOD_NOT_FOUND, "method not found");
        }

        public static Failure of(long code, String message) {
            return new Failure(
                    JsonObject.builder()
                            .with("code", code)
                            .with("message", message)
                            .build(),
                    200,
                    true);
        }
    }

    /// None.
    ///
    /// @param gone the upstream no longer knows the session
    record Missing(ProblemType type, String detail, boolean gone) implements Answer {}
}
