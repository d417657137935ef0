package dev.guardrail.call;

import dev.guardrail.base.Sha256;
import java.util.List;
import java.util.Optional;

/// What is acted on (AuthZEN's resource): the pinned tool, the paths that the arguments name, and of a plan the calls
/// that it is about.
///
/// @param planned fingerprints of those calls, in their order; empty for any other tool
/// @param confinement the sandbox profile that it runs under, where a rule has it run in one
public record Resource(ToolDefinition tool, PathFacts paths, List<Sha256> planned, Optional<Confinement> confinement) {
    public Resource {
        planned = List.copyOf(planned);
    }

    /// Of a call that runs in no sandbox.
    public Resource(ToolDefinition tool, PathFacts paths, List<Sha256> planned) {
        this(tool, paths, planned, Optional.empty());
    }

    /// Of a call that is no plan.
    public Resource(ToolDefinition tool, PathFacts paths) {
        this(tool, paths, List.of());
    }
}
