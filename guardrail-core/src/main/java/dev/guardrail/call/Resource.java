package dev.guardrail.call;

import dev.guardrail.base.Sha256;
import java.util.List;

/// What is acted on (AuthZEN's resource): the pinned tool, the paths that the arguments name, and of a plan the calls
/// that it is about.
///
/// @param planned fingerprints of those calls, in their order; empty for any other tool
public record Resource(ToolDefinition tool, PathFacts paths, List<Sha256> planned) {
    public Resource {
        planned = List.copyOf(planned);
    }

    /// Of a call that is no plan.
    public Resource(ToolDefinition tool, PathFacts paths) {
        this(tool, paths, List.of());
    }
}
