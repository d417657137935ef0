package dev.guardrail.server.door.mcp;

import dev.guardrail.base.JsonObject;
import dev.guardrail.call.Caller;
import dev.guardrail.server.relay.Line;
import dev.guardrail.server.relay.Way;
import java.util.Map;

/// One request of a client under way, and everything that an answer to it needs.
///
/// @param capabilities what the client declared
/// @param address of this guard, as the client reached it
/// @param headers mirrored parameters that nobody here knows
/// @param line where the client hears what comes before the answer
record Asked(
        Message.Request request,
        Caller caller,
        String server,
        Way way,
        JsonObject capabilities,
        String address,
        Map<String, String> headers,
        Exchange exchange,
        Line line) {

    boolean isStateless() {
        return way instanceof Way.Stateless;
    }

    RpcId id() {
        return request.id();
    }

    JsonObject params() {
        return request.params();
    }

    /// The same request with other params.
    Asked with(JsonObject params) {
        return new Asked(
                new Message.Request(request.id(), request.method(), params),
                caller,
                server,
                way,
                capabilities,
                address,
                headers,
                exchange,
                line);
    }
}
