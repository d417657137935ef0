package dev.guardrail.server.door.mcp;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonBoolean;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.pipeline.AgentText;
import dev.guardrail.pipeline.Outcome;
import dev.guardrail.pipeline.Reply;
import java.util.ArrayList;
import java.util.function.BooleanSupplier;

/// A reply in the words of MCP. What an upstream answered passes as it was judged; a decision is a tool result with
/// `isError`, never a JSON-RPC error; an error says that nothing could be judged or run.
final class ToolAnswer {
    static final String DECISION = "dev.guardrail/decision";

    private ToolAnswer() {}

    /// @param structured whether the tool declares no output schema, asked only for a decision: some clients check
    ///     `structuredContent` even of errors
    /// @param stateless whether the client is of the second era, whose results say what they are
    static JsonObject of(RpcId id, Reply reply, boolean stateless, BooleanSupplier structured) {
        return switch (reply) {
            case Reply.Ran(var call, Json result, boolean ok, boolean replayed) ->
                Outcome.Answered.protocolError(result, ok)
                        .map(error -> Rpc.error(id, error))
                        .orElseGet(() -> Rpc.result(id, told(reply, call, result(result, ok))));
            case Reply.Broken(var type, String detail) -> Rpc.broken(id, type, detail);
            case Reply.Refused refused -> decision(id, refused, stateless, structured);
            case Reply.Held held -> decision(id, held, stateless, structured);
            case Reply.Queued queued -> decision(id, queued, stateless, structured);
            case Reply.Asked asked -> decision(id, asked, stateless, structured);
            case Reply.Permitted permitted -> decision(id, permitted, stateless, structured);
            case Reply.Present present -> decision(id, present, stateless, structured);
            case Reply.Faulted faulted -> decision(id, faulted, stateless, structured);
        };
    }

    private static JsonObject result(Json result, boolean ok) {
        return result instanceof JsonObject object
                ? object
                : JsonObject.with("content", content(result.toString()))
                        .with("isError", !ok)
                        .build();
    }

    /// Where a person changed the arguments, the server's answer is followed by our word on it: the model asked for
    /// something else.
    private static JsonObject told(Reply reply, CallRecord call, JsonObject result) {
        if (call.edits() == 0) return result;
        var words = AgentText.of(reply);
        var content =
                new ArrayList<>(result.array("content").orElse(JsonArray.EMPTY).items());
        content.addAll(content(words.text()).items());
        var meta = result.object("_meta").orElse(JsonObject.EMPTY).set(DECISION, words.decision());
        return result.set("content", new JsonArray(content)).set("_meta", meta);
    }

    private static JsonObject decision(RpcId id, Reply reply, boolean stateless, BooleanSupplier structured) {
        var words = AgentText.of(reply);
        var result = JsonObject.builder();
        if (stateless) result.with("resultType", "complete");
        result.with("content", content(words.text())).with("isError", JsonBoolean.TRUE);
        if (structured.getAsBoolean())
            result.with("structuredContent", words.decision().set("message", new JsonText(words.text())));
        result.with("_meta", JsonObject.with(DECISION, words.decision()).build());
        return Rpc.result(id, result.build());
    }

    private static JsonArray content(String text) {
        return new JsonArray(java.util.List.of(
                JsonObject.with("type", "text").with("text", text).build()));
    }
}
