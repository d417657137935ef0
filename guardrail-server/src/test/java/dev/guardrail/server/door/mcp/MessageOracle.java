package dev.guardrail.server.door.mcp;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.base.JsonWriter;
import dev.guardrail.base.MalformedJson;
import dev.guardrail.base.StrictJson;
import dev.guardrail.testing.ForeignJson;
import java.util.Optional;
import java.util.Set;

/// What must hold of the reading of a message, whatever the bytes: a value, never an exception; and what is let
/// through is the message that an upstream with another parser would find in the same bytes.
///
/// @param reader the one to judge; a test plants wrong ones
record MessageOracle(Reader reader) {
    private static final StrictJson.Limits LIMITS = StrictJson.Limits.DEFAULT.withBytes(8 * 1024);
    private static final Set<String> ENVELOPE = Set.of("jsonrpc", "id", "method", "params", "result", "error");
    private static final Set<String> TOOL_PARAMS = Set.of("name", "arguments", "_meta", "task");

    /// A reading of bytes.
    interface Reader {
        Message read(byte[] bytes, StrictJson.Limits limits);
    }

    MessageOracle() {
        this(MessageReader::read);
    }

    /// @throws AssertionError where something does not hold
    void judge(byte[] input) {
        switch (reader.read(input, LIMITS)) {
            case Message.Malformed(Fault fault, String detail) -> refused(input, fault, detail);
            case Message.Request(RpcId id, String method, JsonObject params) ->
                asked(input, Optional.of(id), method, params);
            case Message.Notification(String method, JsonObject params) ->
                asked(input, Optional.empty(), method, params);
            case Message.Response response -> answered(seen(input), response);
        }
    }

    private static void refused(byte[] input, Fault fault, String detail) {
        require(!detail.isEmpty() && detail.length() <= 200 && detail.lines().count() == 1, "not one short line");
        require(fault == Fault.PARSE || fault == Fault.TOO_LARGE || fault == Fault.ENVELOPE, "refused as " + fault);
        require((fault == Fault.TOO_LARGE) == (input.length > LIMITS.bytes()), "the size is misjudged");
        if (fault != Fault.TOO_LARGE) require((fault == Fault.PARSE) == !isJson(input), "the json is misjudged");
    }

    private static boolean isJson(byte[] input) {
        try {
            StrictJson.parse(input, LIMITS);
            return true;
        } catch (MalformedJson refused) {
            return false;
        }
    }

    private void asked(byte[] input, Optional<RpcId> id, String method, JsonObject params) {
        JsonObject seen = seen(input);
        require(seen.text("method").equals(Optional.of(method)), "another method");
        require(seen.get("id").map(MessageOracle::plain).equals(id.map(RpcId::json)), "another id");
        require(
                seen.get("params").equals(seen.has("params") ? Optional.of(params) : Optional.empty()),
                "other parameters");
        require(seen.has("params") || params.members().isEmpty(), "parameters from nowhere");
        require(!seen.has("result") && !seen.has("error"), "a question that answers");
        params.members().keySet().forEach(name -> known(name, params));
        called(params);
        resent(input, id, method, params);
    }

    /// What is forwarded, rebuilt from what was judged, is read as the same message.
    private void resent(byte[] input, Optional<RpcId> id, String method, JsonObject params) {
        var envelope = JsonObject.with("jsonrpc", "2.0");
        id.ifPresent(known -> envelope.with("id", known.json()));
        byte[] sent = JsonWriter.bytes(
                envelope.with("method", method).with("params", params).build());
        require(sent.length <= input.length + ",\"params\":{}".length(), "resent, it outgrows what came");
        Message again = reader.read(sent, LIMITS.withBytes(sent.length));
        Message judged = id.<Message>map(known -> new Message.Request(known, method, params))
                .orElseGet(() -> new Message.Notification(method, params));
        require(again.equals(judged), "resent, it is another message");
    }

    /// The call that policy sees is the one in the parameters.
    private static void called(JsonObject params) {
        ToolCall.read("server", params, 4 * 1024).call().ifPresent(call -> {
            require(params.text("name").equals(Optional.of(call.tool().name())), "another tool");
            require(
                    call.arguments().equals(params.object("arguments").orElse(JsonObject.EMPTY)),
                    "other arguments are judged");
        });
    }

    private static void answered(JsonObject seen, Message.Response response) {
        require(seen.get("result").equals(response.result()), "another result");
        require(seen.get("error").equals(response.error().map(Json.class::cast)), "another error");
        response.id()
                .ifPresent(id ->
                        require(seen.get("id").map(MessageOracle::plain).equals(Optional.of(id.json())), "another id"));
        require(seen.has("id") && !seen.has("method") && !seen.has("params"), "an answer that asks");
        require(seen.has("result") != seen.has("error"), "an answer of two kinds, or of none");
    }

    /// The message as another parser sees it.
    private static JsonObject seen(byte[] input) {
        Optional<Json> foreign = ForeignJson.strict(input);
        require(foreign.isPresent(), "another parser refuses it");
        require(foreign.get() instanceof JsonObject, "another parser sees no object");
        var seen = (JsonObject) foreign.get();
        require(ENVELOPE.containsAll(seen.members().keySet()), "an unknown member is let through");
        require(seen.text("jsonrpc").equals(Optional.of("2.0")), "another version");
        return seen;
    }

    /// No reader that folds case can take the name for one that policy reads.
    private static void known(String name, JsonObject params) {
        for (String read : TOOL_PARAMS)
            require(name.equals(read) || !name.equalsIgnoreCase(read), "poses as `" + read + "` in " + params);
    }

    /// An id as it is kept: `-0` is `0`.
    private static Json plain(Json id) {
        return id instanceof JsonNumber number && number.exactLong().isPresent()
                ? JsonNumber.of(number.exactLong().getAsLong())
                : id instanceof JsonText ? id : JsonObject.EMPTY;
    }

    private static void require(boolean holds, String what) {
        if (!holds) throw new AssertionError(what);
    }
}
