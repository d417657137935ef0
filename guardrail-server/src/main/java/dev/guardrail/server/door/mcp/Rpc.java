package dev.guardrail.server.door.mcp;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonNull;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.base.ProblemType;

/// Messages that the door writes.
final class Rpc {
    private static final Json VERSION = new JsonText("2.0");

    private Rpc() {}

    static JsonObject request(RpcId id, String method, JsonObject params) {
        return JsonObject.with("jsonrpc", VERSION)
                .with("id", id.json())
                .with("method", method)
                .with("params", params)
                .build();
    }

    static JsonObject result(RpcId id, Json result) {
        return JsonObject.with("jsonrpc", VERSION)
                .with("id", id.json())
                .with("result", result)
                .build();
    }

    /// An answer that no result can be given in.
    ///
    /// @param error with its `code` and `message`
    static JsonObject error(RpcId id, JsonObject error) {
        return JsonObject.with("jsonrpc", VERSION)
                .with("id", id.json())
                .with("error", error)
                .build();
    }

    static JsonObject error(RpcId id, Fault fault, String detail) {
        return error(id, error(fault, detail));
    }

    /// A refusal of something that has no id, or none that may be answered.
    static JsonObject refusal(Fault fault, String detail) {
        return JsonObject.with("jsonrpc", VERSION)
                .with("id", JsonNull.NULL)
                .with("error", error(fault, detail))
                .build();
    }

    /// The request was well-formed, but the guard could not judge or run it; -32010 to -32019 are ours.
    static JsonObject broken(RpcId id, ProblemType type, String detail) {
        return error(
                id,
                JsonObject.builder()
                        .with("code", code(type))
                        .with("message", detail)
                        .with("data", JsonObject.with("type", type.slug()).build())
                        .build());
    }

    /// An error as an upstream gave it, without an id.
    static JsonObject unnamed(JsonObject error) {
        return JsonObject.with("jsonrpc", VERSION)
                .with("id", JsonNull.NULL)
                .with("error", error)
                .build();
    }

    /// A decision against a request that is no tool call.
    ///
    /// @param text for the agent
    /// @param data the decision
    static JsonObject denied(RpcId id, String text, JsonObject data) {
        return error(
                id,
                JsonObject.builder()
                        .with("code", code(ProblemType.NOT_ELIGIBLE))
                        .with("message", text)
                        .with("data", data)
                        .build());
    }

    static JsonObject notification(String method, JsonObject params) {
        return JsonObject.with("jsonrpc", VERSION)
                .with("method", method)
                .with("params", params)
                .build();
    }

    private static JsonObject error(Fault fault, String detail) {
        return JsonObject.builder()
                .with("code", fault.code())
                .with("message", detail)
                .with(
                        "data",
                        JsonObject.with("type", fault.type().slug())
                                .with("fault", fault.told().slug())
                                .build())
                .build();
    }

    private static int code(ProblemType type) {
        return switch (type) {
            case MALFORMED_CALL -> -32600;
            case UNAUTHENTICATED, IDENTITY_UNAVAILABLE -> -32010;
            case FORBIDDEN_ROUTE, NOT_ELIGIBLE -> -32011;
            case NOT_FOUND -> -32012;
            case ARGUMENTS_CHANGED,
                    LEASE_SPENT,
                    TICKET_CLOSED,
                    NOT_UNDOABLE,
                    CONFLICT,
                    CONFIRM_MISMATCH,
                    SCOPE_REFUSED -> -32013;
            case TOO_LARGE -> -32014;
            case OVERLOADED -> -32015;
            case JOURNAL_UNAVAILABLE -> -32016;
            case SANDBOX_UNAVAILABLE -> -32017;
            case UPSTREAM_FAILED -> -32018;
            case UPSTREAM_TIMEOUT -> -32019;
            case PACK_INVALID, INTERNAL -> -32603;
        };
    }
}
