package dev.guardrail.server.door.mcp;

/// Is told when a client's connection is over, so that what was opened upstream for it can be closed.
@FunctionalInterface
public interface ConnectionEnd {

    /// @param connection as it stood in the [dev.guardrail.pipeline.Attendance] of the client's calls
    void ended(String connection);
}
