package dev.guardrail.server.door.mcp;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.call.Caller;
import dev.guardrail.pipeline.Guard;
import dev.guardrail.server.problem.Faults;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What is said within the protocol: the handshake, the list of tools, calls. Every request is answered, whatever
/// breaks on the way.
final class Conversation {
    /// Revisions spoken, newest first.
    static final List<String> VERSIONS = List.of("2025-11-25", "2025-06-18", "2025-03-26");

    private static final Logger LOG = LoggerFactory.getLogger(Conversation.class);

    private final Guard guard;
    private final McpSettings settings;
    private final ToolCalls calls;
    private final WireCounts counts;

    Conversation(Guard guard, McpSettings settings, ToolCalls calls, WireCounts counts) {
        this.guard = guard;
        this.settings = settings;
        this.calls = calls;
        this.counts = counts;
    }

    /// The client's revision where it is spoken, else the newest.
    ///
    /// @return the result of `initialize`; empty where the client names no revision
    Optional<JsonObject> greeting(String server, JsonObject params) {
        return params.text("protocolVersion")
                .map(asked -> JsonObject.with("protocolVersion", VERSIONS.contains(asked) ? asked : VERSIONS.getFirst())
                        .with(
                                "capabilities",
                                JsonObject.with(
                                                "tools",
                                                JsonObject.builder()
                                                        .with("listChanged", true)
                                                        .build())
                                        .build())
                        .with(
                                "serverInfo",
                                JsonObject.with("name", "guardrail/" + server)
                                        .with("title", "Guardrail in front of " + server)
                                        .with("version", settings.version())
                                        .build())
                        .with(
                                "instructions",
                                "Tool calls pass a guard: some are denied, some wait for a person."
                                        + " A result that says so tells what to do next.")
                        .build());
    }

    /// Answers a request of a session.
    void answer(Message.Request request, Caller caller, McpSession session, Exchange exchange) {
        Optional<Message.Malformed> refused = session.begin(request.id(), exchange);
        if (refused.isPresent()) {
            Fault fault = refused.get().fault();
            counts.count(fault);
            exchange.answer(fault.status(), Rpc.refusal(fault, refused.get().detail()));
            return;
        }
        JsonObject answer;
        try {
            answer = dispatch(request, caller, session, exchange);
        } catch (Throwable broken) {
            LOG.error("a request could not be answered: {}", Faults.trace(broken));
            answer = fault(request.id(), Fault.INTERNAL, "the guard failed; nothing is known of this request");
        } finally {
            session.finish(request.id());
        }
        exchange.answer(answer);
    }

    private JsonObject dispatch(Message.Request request, Caller caller, McpSession session, Exchange exchange) {
        return switch (request.method()) {
            case "tools/call" -> call(request, caller, session, exchange);
            case "tools/list" -> list(request, caller, session.server());
            case "ping" -> Rpc.result(request.id(), JsonObject.EMPTY);
            default -> fault(request.id(), Fault.UNDECLARED_METHOD, "the method is not offered here");
        };
    }

    private JsonObject call(Message.Request request, Caller caller, McpSession session, Exchange exchange) {
        var read = ToolCall.read(session.server(), request.params(), settings.argumentBytes());
        return read.call()
                .map(call -> calls.answer(request.id(), call, caller, session, exchange))
                .orElseGet(() -> fault(request.id(), read.fault(), read.detail()));
    }

    private JsonObject list(Message.Request request, Caller caller, String server) {
        if (request.params().has("cursor") && request.params().text("cursor").isEmpty())
            return fault(request.id(), Fault.PARAMS, "`cursor` must be a text");
        return ToolPage.of(guard.visible(caller, server), request.params().text("cursor"))
                .map(page -> Rpc.result(request.id(), page))
                .orElseGet(() -> fault(request.id(), Fault.PARAMS, "`cursor` names no page; list from the start"));
    }

    /// Takes a notification: a cancellation is carried out, anything else is without consequence.
    void take(Message.Notification notification, McpSession session) {
        if (!notification.method().equals("notifications/cancelled")) return;
        Optional.ofNullable(notification.params().members().get("requestId"))
                .flatMap(RpcId::of)
                .ifPresent(id -> session.takeBack(id, cancellation(notification.params())));
    }

    private static String cancellation(JsonObject params) {
        return params.members().get("reason") instanceof JsonText(String reason) && !reason.isBlank()
                ? "the client cancelled: " + reason
                : "the client cancelled";
    }

    private JsonObject fault(RpcId id, Fault fault, String detail) {
        counts.count(fault);
        return Rpc.error(id, fault, detail);
    }
}
