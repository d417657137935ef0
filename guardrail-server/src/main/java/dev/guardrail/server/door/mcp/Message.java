package dev.guardrail.server.door.mcp;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonObject;
import java.util.Optional;

/// One JSON-RPC message of a client, read strictly.
sealed interface Message {

    /// Wants an answer.
    record Request(RpcId id, String method, JsonObject params) implements Message {}

    /// Wants none, and never runs anything.
    record Notification(String method, JsonObject params) implements Message {}

    /// Answers a request that was passed to the client.
    ///
    /// @param id empty where it is none that was ever made
    /// @param error where there is one, there is no result
    record Response(Optional<RpcId> id, Optional<Json> result, Optional<JsonObject> error) implements Message {}

    /// Must not be judged.
    ///
    /// @param detail one lower-case sentence for whoever wrote the client
    record Malformed(Fault fault, String detail) implements Message {}
}
