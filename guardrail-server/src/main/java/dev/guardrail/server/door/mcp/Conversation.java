package dev.guardrail.server.door.mcp;

import dev.guardrail.base.JsonBoolean;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.call.Caller;
import dev.guardrail.pipeline.Guard;
import dev.guardrail.pipeline.Reply;
import dev.guardrail.server.problem.Faults;
import dev.guardrail.server.relay.Answer;
import dev.guardrail.server.relay.Relay;
import dev.guardrail.server.relay.TraceContext;
import dev.guardrail.server.relay.Tracing;
import dev.guardrail.server.relay.Way;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What is said within a session of the first era (MCP 2025-11-25): the handshake, requests, and the client's own
/// notices. Every request is answered, whatever breaks on the way.
final class Conversation {
    private static final Logger LOG = LoggerFactory.getLogger(Conversation.class);

    /// Notices of a client that its server hears.
    private static final Set<String> NOTICES =
            Set.of("notifications/initialized", "notifications/progress", "notifications/roots/list_changed");

    private final Guard guard;
    private final McpSettings settings;
    private final Relay relay;
    private final Traffic traffic;
    private final Tracing tracing;
    private final Supplier<String> ids;
    private final Executor executor;

    /// @param ids makes ids that cannot be guessed
    Conversation(
            Guard guard,
            McpSettings settings,
            Relay relay,
            Traffic traffic,
            Tracing tracing,
            Supplier<String> ids,
            Executor executor) {
        this.guard = guard;
        this.settings = settings;
        this.relay = relay;
        this.traffic = traffic;
        this.tracing = tracing;
        this.ids = ids;
        this.executor = executor;
    }

    /// Opens the session upstream, with the client's own words.
    ///
    /// @return the server's greeting, unchanged but that tools may change
    Answer greeting(Caller caller, McpSession session, JsonObject params) {
        var standing = new StandingLine(session, questions(caller, session));
        session.declared(params.object("capabilities").orElse(JsonObject.EMPTY));
        Answer answer = relay.open(session.server(), session.connection(), params, standing, caller.token());
        return answer instanceof Answer.Result(JsonObject greeting) ? new Answer.Result(announced(greeting)) : answer;
    }

    /// What a client is shown changes with policy too, and it is told so.
    private static JsonObject announced(JsonObject greeting) {
        JsonObject capabilities = greeting.object("capabilities").orElse(JsonObject.EMPTY);
        return capabilities
                .object("tools")
                .map(tools -> greeting.set(
                        "capabilities", capabilities.set("tools", tools.set("listChanged", JsonBoolean.TRUE))))
                .orElse(greeting);
    }

    private ClientQuestions questions(Caller caller, McpSession session) {
        return new ClientQuestions(guard, settings, caller, session, ids, executor);
    }

    /// Shows the client's user where to decide, and waits until they say that they look.
    boolean shown(Asked asked, McpSession session, Reply.Held held) {
        return questions(asked.caller(), session)
                .shown(
                        Ladder.question(asked, held),
                        message -> asked.exchange().tell(message, false),
                        asked.exchange().left());
    }

    /// Answers a request of a session.
    @SuppressWarnings("CatchThrowable") // every request is answered
    void answer(Message.Request request, McpDoor.Arrival arrival, McpSession session, Exchange exchange) {
        Caller caller = arrival.caller();
        Optional<Message.Malformed> refused = session.begin(request.id(), exchange);
        if (refused.isPresent()) {
            Fault fault = refused.get().fault();
            exchange.refused(fault);
            exchange.answer(fault.status(), Rpc.refusal(fault, refused.get().detail()));
            return;
        }
        JsonObject answer;
        try {
            var asked = new Asked(
                    request,
                    caller,
                    session.server(),
                    new Way.Session(session.connection()),
                    session.capabilities(),
                    arrival.address(),
                    Map.of(),
                    exchange,
                    new RequestLine(exchange, request, Optional.of(questions(caller, session))));
            answer = tracing.traced(
                    arrival.inbound(request, asked.way()),
                    params -> traffic.answer(asked.with(params)),
                    Tracing.Ending::of);
        } catch (Throwable broken) {
            LOG.error("a request could not be answered: {}", Faults.trace(broken));
            exchange.refused(Fault.INTERNAL);
            answer = Rpc.error(request.id(), Fault.INTERNAL, "the guard failed; nothing is known of this request");
        } finally {
            session.finish(request.id());
        }
        exchange.answer(answer);
    }

    /// Takes a notification; what is not known is ignored, as JSON-RPC asks (section 4.1).
    void take(Message.Notification notification, McpSession session) {
        if (notification.method().equals("notifications/cancelled"))
            notification
                    .params()
                    .get("requestId")
                    .flatMap(RpcId::of)
                    .ifPresent(id -> session.takeBack(id, cancellation(notification.params())));
        else if (NOTICES.contains(notification.method()))
            relay.tell(
                    session.server(),
                    session.connection(),
                    notification.method(),
                    TraceContext.withoutBaggage(notification.params()));
    }

    private static String cancellation(JsonObject params) {
        return params.members().get("reason") instanceof JsonText(String reason) && !reason.isBlank()
                ? "the client cancelled: " + reason
                : "the client cancelled";
    }
}
