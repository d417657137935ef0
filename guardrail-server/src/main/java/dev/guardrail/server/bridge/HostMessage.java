package dev.guardrail.server.bridge;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.base.MalformedJson;
import dev.guardrail.base.ProblemType;
import dev.guardrail.base.StrictJson;
import dev.guardrail.server.relay.Era;
import java.util.Optional;

/// One line of the host, read. What is forwarded is written anew from it, so that the guard sees what was read here.
/// Only what routing needs is looked at; the guard judges the rest. A message that names its revision itself is modern.
sealed interface HostMessage {
    String CANCELLED = "notifications/cancelled";
    String INITIALIZED = "notifications/initialized";

    /// @param whole the message itself
    /// @param id a text or an int64; its type counts
    record Request(JsonObject whole, Json id, String method, JsonObject params) implements HostMessage {
        boolean isModern() {
            return Era.revision(params).isPresent();
        }
    }

    record Notification(JsonObject whole, String method, JsonObject params) implements HostMessage {
        boolean isModern() {
            return Era.revision(params).isPresent();
        }
    }

    /// Answers what the server asked.
    record Response(JsonObject whole) implements HostMessage {}

    /// Not a message, so nothing is forwarded.
    ///
    /// @param code of JSON-RPC 2.0, section 5.1
    record Malformed(int code, String detail) implements HostMessage {}

    static HostMessage read(byte[] line) {
        Json json;
        try {
            json = StrictJson.parse(line);
        } catch (MalformedJson refused) {
            int code = refused.type() == ProblemType.TOO_LARGE ? Rpc.INVALID : Rpc.PARSE;
            return new Malformed(code, String.valueOf(refused.getMessage()));
        }
        return json instanceof JsonObject whole
                ? read(whole)
                : new Malformed(Rpc.INVALID, "a line is one object; batches and bare values are refused");
    }

    private static HostMessage read(JsonObject whole) {
        if (!whole.text("jsonrpc").equals(Optional.of("2.0")))
            return new Malformed(Rpc.INVALID, "`jsonrpc` must be \"2.0\"");
        if (!whole.has("method")) return answer(whole);
        Optional<String> method = whole.text("method");
        if (method.isEmpty()) return new Malformed(Rpc.INVALID, "`method` must be a text");
        if (whole.has("params") && whole.object("params").isEmpty())
            return new Malformed(Rpc.INVALID, "`params` must be an object");
        JsonObject params = whole.object("params").orElse(JsonObject.EMPTY);
        Optional<Json> id = whole.get("id");
        if (id.isEmpty()) return new Notification(whole, method.get(), params);
        return isId(id.get())
                ? new Request(whole, id.get(), method.get(), params)
                : new Malformed(Rpc.INVALID, "`id` must be a text or an int64");
    }

    private static HostMessage answer(JsonObject whole) {
        boolean one = whole.has("result") != whole.has("error");
        return one && whole.get("id").filter(HostMessage::isId).isPresent()
                ? new Response(whole)
                : new Malformed(Rpc.INVALID, "a message has `method`, or `id` and one of `result` and `error`");
    }

    private static boolean isId(Json id) {
        return id instanceof JsonText
                || id instanceof JsonNumber number
                        && number.isInteger()
                        && number.exactLong().isPresent();
    }
}
