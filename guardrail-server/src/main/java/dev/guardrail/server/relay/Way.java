package dev.guardrail.server.relay;

/// How a client's request reaches the upstream.
public sealed interface Way {

    /// On the session that was opened upstream for this client's connection.
    record Session(String connection) implements Way {}

    /// By itself, on the connection that all share.
    record Stateless() implements Way {}
}
