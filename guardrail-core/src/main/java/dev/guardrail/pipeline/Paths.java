package dev.guardrail.pipeline;

import dev.guardrail.base.JsonObject;
import dev.guardrail.call.PathFacts;
import dev.guardrail.call.ToolName;

/// Works out path facts on the host that a server shares with us. Does I/O; safe for concurrent use.
@FunctionalInterface
public interface Paths {

    /// Facts for every text among the arguments that can be a path (at most 64 texts of at most 4,096 characters
    /// without
    /// NUL); none where the server has no root on this host. A text that cannot be resolved gets no fact.
    PathFacts resolve(ToolName tool, JsonObject arguments);
}
