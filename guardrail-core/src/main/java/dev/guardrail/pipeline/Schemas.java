package dev.guardrail.pipeline;

import dev.guardrail.base.JsonObject;
import dev.guardrail.call.ToolDefinition;
import java.util.Optional;

/// Checks arguments against a tool's pinned input schema. Bounded in time; safe for concurrent use.
@FunctionalInterface
public interface Schemas {

    /// @return what is wrong, as one lower-case sentence for the agent; empty where the arguments fit or the tool has
    /// no
    ///     schema
    Optional<String> violation(ToolDefinition tool, JsonObject arguments);
}
