package dev.guardrail.server.cli;

import dev.guardrail.base.JsonObject;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.call.ToolName;
import dev.guardrail.journal.Kind;
import dev.guardrail.server.store.SqliteLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Tool definitions that a guard has pinned, read from its data directory, which may be in use.
///
/// @param tools those that can be called
/// @param waiting names of those whose definition waits for an operator
record PinnedTools(List<ToolDefinition> tools, List<String> waiting) {
    static final PinnedTools NONE = new PinnedTools(List.of(), List.of());

    PinnedTools {
        tools = List.copyOf(tools);
        waiting = List.copyOf(waiting);
    }

    /// @return none where there is no journal
    static PinnedTools in(Path data) throws IOException {
        Path journal = data.resolve("journal.db");
        if (Files.notExists(journal) || Files.size(journal) == 0) return NONE;
        try (var log = SqliteLog.open(data, Optional.empty())) {
            var pins = log.documents(Kind.TOOL).entrySet();
            return new PinnedTools(
                    pins.stream()
                            .filter(pin -> pin.getValue().has("definition"))
                            .map(PinnedTools::definition)
                            .toList(),
                    pins.stream()
                            .filter(pin -> pin.getValue().has("offered"))
                            .map(Map.Entry::getKey)
                            .toList());
        }
    }

    private static ToolDefinition definition(Map.Entry<String, JsonObject> pin) {
        return PulledTools.definition(
                ToolName.parse(pin.getKey()),
                pin.getValue().object("definition").orElse(JsonObject.EMPTY));
    }
}
