package dev.guardrail.server.door.mcp;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.base.JsonWriter;
import dev.guardrail.call.ToolName;
import java.util.Optional;

/// The params of a `tools/call`, taken apart.
///
/// @param arguments as parsed once; an object, empty where the client sent none
/// @param reason the agent's words, trusted for nothing
record ToolCall(ToolName tool, JsonObject arguments, String reason) {
    private static final String REASON = "dev.guardrail/reason";

    /// Either the call, or what is wrong with it.
    record Read(Optional<ToolCall> call, Fault fault, String detail) {
        private static Read wrong(Fault fault, String detail) {
            return new Read(Optional.empty(), fault, detail);
        }
    }

    static Read read(String server, JsonObject params, int argumentBytes) {
        Optional<String> name = params.text("name");
        if (name.isEmpty() || !isName(name.get())) return Read.wrong(Fault.PARAMS, "`name` must be the name of a tool");
        if (params.has("arguments") && params.object("arguments").isEmpty())
            return Read.wrong(Fault.PARAMS, "`arguments` must be an object");
        JsonObject arguments = params.object("arguments").orElse(JsonObject.EMPTY);
        if (JsonWriter.bytes(arguments).length > argumentBytes)
            return Read.wrong(Fault.TOO_LARGE, "the arguments have more than " + argumentBytes + " bytes");
        JsonObject meta = params.object("_meta").orElse(JsonObject.EMPTY);
        var call = new ToolCall(
                new ToolName(server, name.get()), arguments, meta.text(REASON).orElse(""));
        return new Read(Optional.of(call), Fault.PARAMS, "");
    }

    private static boolean isName(String name) {
        // What is no tool has a method of its own, and is taken there alone.
        return !name.isEmpty()
                && !name.startsWith("mcp:")
                && name.length() <= 256
                && name.chars().noneMatch(Character::isISOControl);
    }

    /// True for what can be a progress token.
    static boolean isToken(Json token) {
        return token instanceof JsonText || token instanceof JsonNumber;
    }
}
