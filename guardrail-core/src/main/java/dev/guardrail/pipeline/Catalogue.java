package dev.guardrail.pipeline;

import dev.guardrail.call.ToolDefinition;
import dev.guardrail.call.ToolName;
import java.util.List;
import java.util.Optional;

/// The pinned tools. A tool that it does not find is denied.
public interface Catalogue {

    /// @return the tool as it is pinned now; empty where nobody knows it or a changed definition waits for acceptance
    Optional<ToolDefinition> find(ToolName name);

    /// True where a tool is not found only because its definition waits for an operator's acceptance.
    default boolean isQuarantined(ToolName name) {
        return false;
    }

    /// Tools of a server that can be called, in the server's order.
    List<ToolDefinition> list(String server);
}
