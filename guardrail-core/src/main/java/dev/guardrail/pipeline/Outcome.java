package dev.guardrail.pipeline;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.ProblemType;
import java.util.Optional;

/// What running a call came to.
public sealed interface Outcome {

    /// The upstream answered. A result is kept as it came. An error of the protocol (JSON-RPC 2.0, section 5.1)
    /// is kept too, so that a door can pass it on unchanged: it stands as the only member, `error`, of an object,
    /// and `ok` is false. No tool result looks like that: one that is not `ok` has a member `isError`.
    ///
    /// @param ok false where the tool reports an error of its own, or the upstream one of the protocol
    record Answered(Json result, boolean ok) implements Outcome {

        /// @param error the upstream's error object: `code`, `message` and `data`
        public static Answered protocolError(JsonObject error) {
            return new Answered(JsonObject.with("error", error).build(), false);
        }

        /// @return the upstream's error object, where `result` stands for one
        public static Optional<JsonObject> protocolError(Json result, boolean ok) {
            return !ok
                            && result instanceof JsonObject object
                            && object.members().size() == 1
                    ? object.object("error")
                    : Optional.empty();
        }
    }

    /// It certainly did not run: refused before anything left for the upstream, never reached it, or was refused
    /// by it unread (an HTTP status of 4xx).
    record NotRun(ProblemType type, String detail) implements Outcome {}

    /// It may have run: the request left, and no answer that counts came back.
    record Lost(ProblemType type, String detail) implements Outcome {}
}
