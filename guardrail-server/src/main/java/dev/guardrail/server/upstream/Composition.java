package dev.guardrail.server.upstream;

import dev.guardrail.base.JsonObject;
import dev.guardrail.call.DecisionRequest;
import dev.guardrail.call.ToolName;
import dev.guardrail.pipeline.Attendance;
import dev.guardrail.policy.Glob;
import dev.guardrail.server.relay.Beside;
import dev.guardrail.server.relay.Era;
import dev.guardrail.server.relay.Relayed;
import dev.guardrail.server.relay.Way;
import java.util.Optional;

/// What is sent for a decided call: what was decided, and around it what the client sent that no policy sees.
final class Composition {
    private Composition() {}

    /// The client's request, where a client waits for this call.
    static Optional<Relayed> relayed(Attendance attendance) {
        return attendance.errand().filter(Relayed.class::isInstance).map(Relayed.class::cast);
    }

    static boolean isStateless(Attendance attendance) {
        return relayed(attendance)
                .filter(relayed -> relayed.way() instanceof Way.Stateless)
                .isPresent();
    }

    static boolean isTool(ToolName name) {
        return !name.name().startsWith(Glob.MCP);
    }

    /// @param connection on which it goes; a call without a client goes as one of the guard's own
    static Connection.Request of(Connection connection, DecisionRequest request, Attendance attendance) {
        ToolName tool = request.resource().tool().name();
        JsonObject arguments = request.action().arguments();
        String method = isTool(tool) ? "tools/call" : tool.name().substring(Glob.MCP.length());
        Optional<Relayed> relayed = relayed(attendance);
        JsonObject sent = relayed.map(Relayed::params).orElse(JsonObject.EMPTY);
        JsonObject params = isTool(tool) ? call(tool, sent, arguments) : around(sent, arguments);
        if (relayed.isEmpty()) return Connection.Request.of(connection, method, params);
        return new Connection.Request(
                method,
                params,
                relayed.get().headers(),
                isTool(tool) ? request.resource().tool().definition().object("inputSchema") : Optional.empty(),
                relayed.get().line(),
                relayed.get().way() instanceof Way.Stateless ? Era.MODERN : Era.LEGACY);
    }

    private static JsonObject call(ToolName tool, JsonObject sent, JsonObject arguments) {
        var whole =
                sent.members().isEmpty() ? JsonObject.with("name", tool.name()).build() : sent;
        boolean bare = arguments.members().isEmpty()
                && !whole.has("arguments")
                && !sent.members().isEmpty();
        return bare ? whole : whole.set("arguments", arguments);
    }

    /// Members keep the places that the client gave them.
    private static JsonObject around(JsonObject sent, JsonObject arguments) {
        var whole = JsonObject.builder();
        sent.members().forEach((name, value) -> {
            if (Beside.has(name)) whole.with(name, value);
            else arguments.get(name).ifPresent(decided -> whole.with(name, decided));
        });
        arguments.members().forEach((name, value) -> {
            if (!Beside.has(name)) whole.with(name, value);
        });
        return whole.build();
    }
}
