package dev.guardrail.server.door.mcp;

import dev.guardrail.base.JsonObject;

/// One JSON-RPC message of a client, read strictly.
sealed interface Message {

    /// Wants an answer.
    record Request(RpcId id, String method, JsonObject params) implements Message {}

    /// Wants none, and never runs anything.
    record Notification(String method, JsonObject params) implements Message {}

    /// Answers a request of ours; none is ever made, so it is stray.
    record Response() implements Message {}

    /// Must not be judged.
    ///
    /// @param detail one lower-case sentence for whoever wrote the client
    record Malformed(Fault fault, String detail) implements Message {}
}
