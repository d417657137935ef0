package dev.guardrail.server.relay;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// Places each request of a client in its trace. What goes on says where it stands: below us.
public interface Tracing {
    /// Leaves everything as it came.
    Tracing NOTHING = new Tracing() {
        @Override
        public <A> A traced(Inbound inbound, Function<JsonObject, A> work, Function<A, Ending> ending) {
            return work.apply(inbound.params());
        }
    };

    /// Does the work of a request on this thread, once, and gives back what it gave.
    ///
    /// @param work is given the params as they may go on
    /// @param ending how the answer is seen
    <A> A traced(Inbound inbound, Function<JsonObject, A> work, Function<A, Ending> ending);

    /// A request as it came.
    ///
    /// @param revision of the protocol, where it says one
    /// @param headers all values of the header with a name, whatever its case
    record Inbound(
            String server,
            Way way,
            String method,
            Json id,
            JsonObject params,
            Optional<String> revision,
            Function<String, List<String>> headers) {}

    /// How a request ended.
    ///
    /// @param code of a JSON-RPC error
    /// @param fault one word; empty where nothing went wrong
    record Ending(Optional<String> code, Optional<String> fault) {
        /// The word for a tool that says that it failed (OpenTelemetry's conventions for MCP).
        public static final String TOOL = "tool_error";

        public static final Ending WELL = new Ending(Optional.empty(), Optional.empty());

        /// @param error a JSON-RPC error
        public static Ending error(JsonObject error) {
            var code = error.integer("code");
            String text = code.isPresent() ? String.valueOf(code.getAsLong()) : "_OTHER";
            return new Ending(Optional.of(text), Optional.of(text));
        }

        public static Ending fault(String word) {
            return new Ending(Optional.empty(), Optional.of(word));
        }

        /// @param response a JSON-RPC response, whole
        public static Ending of(JsonObject response) {
            var error = response.object("error");
            return error.isPresent()
                    ? error(error.get())
                    : result(response.get("result").orElse(JsonObject.EMPTY));
        }

        public static Ending of(Answer answer) {
            return switch (answer) {
                case Answer.Result(Json value) -> result(value);
                case Answer.Failure failure -> error(failure.error());
                case Answer.Missing missing -> fault(missing.type().slug());
            };
        }

        private static Ending result(Json value) {
            return value instanceof JsonObject result && result.isTrue("isError") ? fault(TOOL) : WELL;
        }
    }
}
