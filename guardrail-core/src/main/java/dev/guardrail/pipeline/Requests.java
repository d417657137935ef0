package dev.guardrail.pipeline;

import dev.guardrail.base.JsonObject;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.call.ToolEffect;
import dev.guardrail.call.ToolName;
import dev.guardrail.policy.Glob;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// MCP requests that are no tool calls, as policy names them: `server.mcp:METHOD`, with the params as arguments. Every
/// server has them all, and no server can list one.
final class Requests {
    private static final Set<String> READING =
            Set.of("resources/read", "resources/subscribe", "resources/unsubscribe", "prompts/get");

    /// What is decided by other names, or is no action at all: a pattern that permits every request permits none of
    /// these.
    private static final Set<String> NONE = Set.of(
            "initialize",
            "ping",
            "server/discover",
            "tools/list",
            "tools/call",
            "resources/list",
            "resources/templates/list",
            "prompts/list",
            "completion/complete",
            "logging/setLevel",
            "subscriptions/listen",
            "tasks/get",
            "tasks/result",
            "tasks/update",
            "tasks/cancel");

    private static final Set<String> FOLDED = NONE.stream().map(Requests::fold).collect(Collectors.toUnmodifiableSet());

    private Requests() {}

    private static String fold(String method) {
        return method.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT);
    }

    static boolean isRequest(ToolName name) {
        return name.name().startsWith(Glob.MCP);
    }

    /// True where a policy can permit it.
    static boolean isAction(ToolName name) {
        // A server that folds case would take `Tools/Call` for what it is not here.
        String method = fold(name.name().substring(Glob.MCP.length()));
        return !FOLDED.contains(method) && !method.startsWith("notifications/");
    }

    /// @param overlay its words on the action count; results bring the taints that it says
    static ToolDefinition define(ToolName name, Overlay overlay) {
        var words = overlay.of(name, Optional.empty());
        boolean reads = READING.contains(name.name().substring(Glob.MCP.length()));
        return new ToolDefinition(
                name,
                JsonObject.EMPTY,
                words.inputSchema(),
                reads ? ToolEffect.READ : ToolEffect.EXTERNAL,
                words.labels(),
                words.taints(),
                reads,
                false,
                ToolDefinition.digest(name, JsonObject.EMPTY));
    }
}
