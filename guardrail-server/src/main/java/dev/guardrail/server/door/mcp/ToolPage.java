package dev.guardrail.server.door.mcp;

import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.call.ToolDefinition;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// One page of a server's tools, as they are pinned. A cursor names the last tool of the page before, so that a
/// page
/// stays right while tools come and go.
final class ToolPage {
    /// Large, because clients are seen to read the first page only.
    static final int SIZE = 500;

    private ToolPage() {}

    /// @param cursor as the client gives it back
    /// @return the result of `tools/list`; empty where the cursor names no tool
    static Optional<JsonObject> of(List<ToolDefinition> tools, Optional<String> cursor) {
        int from = cursor.map(text -> after(tools, text)).orElse(0);
        if (from < 0) return Optional.empty();
        int end = Math.min(tools.size(), from + SIZE);
        var page = tools.subList(from, end);
        var result = JsonObject.with(
                "tools",
                new JsonArray(page.stream()
                        .<dev.guardrail.base.Json>map(tool -> ToolDefinition.pinned(tool.definition()))
                        .toList()));
        if (end < tools.size()) result.with("nextCursor", cursor(tools.get(end - 1)));
        return Optional.of(result.build());
    }

    private static int after(List<ToolDefinition> tools, String cursor) {
        return IntStream.range(0, tools.size())
                .filter(index -> cursor(tools.get(index)).equals(cursor))
                .map(index -> index + 1)
                .findFirst()
                .orElse(-1);
    }

    private static String cursor(ToolDefinition tool) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(tool.name().name().getBytes(StandardCharsets.UTF_8));
    }
}
