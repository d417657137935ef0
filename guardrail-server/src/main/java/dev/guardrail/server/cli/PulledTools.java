package dev.guardrail.server.cli;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.MalformedJson;
import dev.guardrail.base.StrictJson;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.call.ToolEffect;
import dev.guardrail.call.ToolName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Tool definitions that `tools pull` wrote, for commands that check policies without a running sidecar.
final class PulledTools {
    private PulledTools() {}

    /// @param file none where null
    /// @throws Api.Refused where the file is not what `tools pull` writes
    static List<ToolDefinition> of(@Nullable Path file) throws Api.Refused {
        if (file == null) return List.of();
        try {
            var limits = StrictJson.Limits.DEFAULT.withBytes(64 << 20);
            if (!(StrictJson.parse(Files.readAllBytes(file), limits) instanceof JsonObject whole))
                throw new Api.Refused("`" + file + "` was not written by `tools pull`");
            return of(whole.array("tools").stream()
                    .flatMap(tools -> tools.objects().stream())
                    .toList());
        } catch (IOException | MalformedJson | IllegalArgumentException other) {
            throw new Api.Refused("`" + file + "` cannot be read as tools; write it with `tools pull`");
        }
    }

    /// @param tools as a sidecar lists them; one that nobody accepted is left out
    static List<ToolDefinition> of(List<JsonObject> tools) {
        return tools.stream()
                .filter(tool -> tool.has("definition"))
                .map(tool -> definition(
                        ToolName.parse(tool.text("tool").orElse("")),
                        tool.object("definition").orElse(JsonObject.EMPTY)))
                .toList();
    }

    /// A tool of which nobody says more than its server.
    static ToolDefinition definition(ToolName name, JsonObject served) {
        return new ToolDefinition(
                name,
                served,
                served.object("inputSchema"),
                ToolEffect.EXTERNAL,
                Set.of(),
                Set.of(),
                false,
                false,
                ToolDefinition.digest(name, served));
    }
}
