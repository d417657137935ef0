package dev.guardrail.server.upstream;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.call.DecisionRequest;
import dev.guardrail.call.Purpose;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.call.ToolEffect;
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
    /// The member of `_meta` that says which call it is.
    static final String KEY = "dev.guardrail/idempotency-key";

    private static final String META = "_meta";

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
        JsonObject params = isTool(tool) ? named(request, call(tool, sent, arguments)) : around(sent, arguments);
        if (relayed.isEmpty()) return Connection.Request.of(connection, method, params);
        return new Connection.Request(
                method,
                params,
                relayed.get().headers(),
                isTool(tool) ? request.resource().tool().definition().object("inputSchema") : Optional.empty(),
                relayed.get().line(),
                relayed.get().way() instanceof Way.Stateless ? Era.MODERN : Era.LEGACY);
    }

    /// Says which call it is, to servers that run once what reaches them twice: what is sent again says the same,
    /// and no other call does. It stands where the operator says that a call can be taken back or repeated, and in
    /// what takes one back. All else goes on as it came, but for a client that says so itself: it is not believed.
    private static JsonObject named(DecisionRequest request, JsonObject params) {
        ToolDefinition tool = request.resource().tool();
        boolean told = tool.undo().isPresent()
                || tool.idempotent()
                || request.context().purpose() == Purpose.UNDO;
        Optional<JsonObject> meta = params.object(META);
        // What is read is not run. What has another form is for the server to refuse.
        if (!told || tool.effect() == ToolEffect.READ || params.has(META) && meta.isEmpty())
            return meta.filter(said -> said.has(KEY))
                    .map(said -> params.set(META, said.without(KEY)))
                    .orElse(params);
        return params.set(
                META,
                meta.orElse(JsonObject.EMPTY)
                        .set(KEY, new JsonText(request.call().value())));
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
