package dev.guardrail.server.sheet;

import dev.guardrail.base.Json;
import dev.guardrail.call.ToolName;
import java.util.List;
import java.util.Optional;

/// What a call did, in one line of ours: its tool and the first of its arguments. A long argument is told by its size
/// and never in part, as in the sentence that people decide by.
public final class Deed {
    private Deed() {}

    /// The tool alone.
    public static List<Phrase> of(ToolName tool) {
        return List.of(new Phrase(Legible.line(tool.toString()), true));
    }

    /// @param arguments empty where they are not kept any more
    public static List<Phrase> of(ToolName tool, Optional<Json> arguments) {
        String with = arguments.map(Claim::with).orElse(", with arguments that are not kept any more");
        return List.of(of(tool).getFirst(), new Phrase(with, false));
    }
}
