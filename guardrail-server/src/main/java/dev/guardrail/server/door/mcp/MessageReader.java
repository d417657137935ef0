package dev.guardrail.server.door.mcp;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.base.MalformedJson;
import dev.guardrail.base.ProblemType;
import dev.guardrail.base.StrictJson;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Reads a message from bytes: the one parse of the wire. The envelope is closed, so that no other reader can see
/// another message in the same bytes; what lies in `_meta`, and params that nobody here knows, pass unread.
final class MessageReader {
    private static final Set<String> ENVELOPE = Set.of("jsonrpc", "id", "method", "params", "result", "error");

    /// Params that are read here; a name that some reader takes for one of them is refused.
    private static final Set<String> PARAMS = Set.of(
            "name",
            "arguments",
            "_meta",
            "cursor",
            "requestId",
            "reason",
            "task",
            "uri",
            "level",
            "ref",
            "taskId",
            "inputResponses",
            "requestState",
            "protocolVersion",
            "capabilities",
            "clientInfo");

    private static final Set<String> FOLDED =
            PARAMS.stream().map(MessageReader::fold).collect(Collectors.toUnmodifiableSet());

    private MessageReader() {}

    static Message read(byte[] bytes, StrictJson.Limits limits) {
        Json json;
        try {
            json = StrictJson.parse(bytes, limits);
        } catch (MalformedJson malformed) {
            var fault = malformed.type() == ProblemType.TOO_LARGE ? Fault.TOO_LARGE : Fault.PARSE;
            return new Message.Malformed(fault, detail(malformed));
        }
        return json instanceof JsonObject object
                ? read(object)
                : malformed("a message is one object; batches and bare values are refused");
    }

    private static String detail(MalformedJson malformed) {
        return Optional.ofNullable(malformed.getMessage()).orElse("the message is not strict json");
    }

    private static Message read(JsonObject envelope) {
        for (String name : envelope.members().keySet())
            if (!ENVELOPE.contains(name)) return malformed("the envelope has an unknown member");
        if (!(envelope.members().get("jsonrpc") instanceof JsonText(String version)) || !version.equals("2.0"))
            return malformed("`jsonrpc` must be \"2.0\"");
        return envelope.has("method") ? asked(envelope) : answered(envelope);
    }

    private static Message asked(JsonObject envelope) {
        if (envelope.has("result") || envelope.has("error"))
            return malformed("a message is a request or a response, not both");
        Optional<String> method = envelope.text("method");
        if (method.isEmpty()) return malformed("`method` must be a text");
        if (envelope.has("params") && envelope.object("params").isEmpty())
            return malformed("`params` must be an object");
        JsonObject params = envelope.object("params").orElse(JsonObject.EMPTY);
        if (params.members().keySet().stream().anyMatch(MessageReader::poses))
            return malformed("`params` has a name that differs from a known one only in case");
        Json id = envelope.members().get("id");
        if (id == null) return new Message.Notification(method.get(), params);
        return RpcId.of(id)
                .<Message>map(known -> new Message.Request(known, method.get(), params))
                .orElseGet(() -> malformed("`id` must be a text of at most 256 characters or an int64"));
    }

    private static Message answered(JsonObject envelope) {
        if (envelope.has("result") == envelope.has("error") || envelope.has("params") || !envelope.has("id"))
            return malformed("a message has `method`, or `id` and one of `result` and `error`");
        if (envelope.has("error") && envelope.object("error").isEmpty()) return malformed("`error` must be an object");
        return new Message.Response(
                envelope.get("id").flatMap(RpcId::of), envelope.get("result"), envelope.object("error"));
    }

    /// True where a reader that folds case (`Name`, `argumentſ`) takes the name for a known one that it is not.
    private static boolean poses(String name) {
        return !PARAMS.contains(name) && FOLDED.contains(fold(name));
    }

    private static String fold(String name) {
        return name.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT);
    }

    private static Message malformed(String detail) {
        return new Message.Malformed(Fault.ENVELOPE, detail);
    }
}
