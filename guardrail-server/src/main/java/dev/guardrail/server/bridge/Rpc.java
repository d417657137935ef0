package dev.guardrail.server.bridge;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonNull;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import java.util.Optional;

/// Messages that the bridge itself writes, and what it reads of others.
final class Rpc {
    static final int PARSE = -32700;
    static final int INVALID = -32600;
    static final int NO_METHOD = -32601;

    /// As the guard's doors say it of an upstream; for the host, everything behind the bridge is one.
    static final int FAILED = -32018;

    static final int OVERLOADED = -32015;

    private static final Json VERSION = new JsonText("2.0");

    private Rpc() {}

    static JsonObject request(String id, String method, JsonObject params) {
        return JsonObject.with("jsonrpc", VERSION)
                .with("id", id)
                .with("method", method)
                .with("params", params)
                .build();
    }

    static JsonObject notification(String method) {
        return JsonObject.with("jsonrpc", VERSION).with("method", method).build();
    }

    static JsonObject notification(String method, JsonObject params) {
        return notification(method).set("params", params);
    }

    static JsonObject error(Json id, JsonObject error) {
        return JsonObject.with("jsonrpc", VERSION)
                .with("id", id)
                .with("error", error)
                .build();
    }

    /// A refusal of what has no id, or none that can be read.
    static JsonObject refusal(int code, String detail) {
        return error(JsonNull.NULL, error(code, detail));
    }

    static JsonObject error(int code, String detail) {
        return JsonObject.builder().with("code", code).with("message", detail).build();
    }

    /// @param fault short name of what happened
    /// @param ran false where it certainly did not run; empty where nobody here knows
    static JsonObject failure(String fault, Optional<Boolean> ran, String detail) {
        var data = JsonObject.with("type", "upstream-failed").with("fault", fault);
        ran.ifPresent(known -> data.with("executed", known));
        return error(FAILED, detail).set("data", data.build());
    }

    static boolean isResponse(JsonObject message) {
        return !message.has("method") && (message.has("result") || message.has("error"));
    }
}
