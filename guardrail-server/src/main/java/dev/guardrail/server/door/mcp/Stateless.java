package dev.guardrail.server.door.mcp;

import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.Caller;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.call.ToolName;
import dev.guardrail.pipeline.Guard;
import dev.guardrail.server.problem.Faults;
import dev.guardrail.server.relay.Answer;
import dev.guardrail.server.relay.Era;
import dev.guardrail.server.relay.Mirror;
import dev.guardrail.server.relay.Relay;
import dev.guardrail.server.relay.Tracing;
import dev.guardrail.server.relay.Way;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Requests of the second era (MCP 2026-07-28): each stands by itself, and its headers must say what its body says.
final class Stateless {
    /// Requests that the second era no longer has.
    private static final Set<String> REMOVED = Set.of(
            "initialize",
            "ping",
            "logging/setLevel",
            "resources/subscribe",
            "resources/unsubscribe",
            "tasks/result",
            "tasks/list");

    private static final Logger LOG = LoggerFactory.getLogger(Stateless.class);

    private final Guard guard;
    private final Relay relay;
    private final Traffic traffic;
    private final Inputs inputs;
    private final Tracing tracing;
    private final int most;

    private final Map<Running, Exchange> running = new ConcurrentHashMap<>();

    /// A request under way. Ids of two clients may be alike, and whether two requests come from one client nobody can
    /// tell: only a call that is the same in every respect is taken for one that came twice.
    ///
    /// @param content digest of a call's params; of anything else, a value of its own
    private record Running(McpSession.Owner owner, String server, RpcId id, Object content) {
        static Running of(Asked asked) {
            boolean call = asked.request().method().equals("tools/call");
            Object content = call ? Sha256.of(asked.params()) : new Object();
            return new Running(McpSession.Owner.of(asked.caller()), asked.server(), asked.id(), content);
        }
    }

    /// @param most requests at a time, of all callers
    Stateless(Guard guard, Relay relay, Traffic traffic, Inputs inputs, Tracing tracing, int most) {
        this.guard = guard;
        this.relay = relay;
        this.traffic = traffic;
        this.inputs = inputs;
        this.tracing = tracing;
        this.most = most;
    }

    /// True where the request is one of the second era, by its header or by what it says.
    static boolean isModern(List<String> versions, Message message) {
        return versions.contains(Era.REVISION)
                || message instanceof Message.Request request
                        && Era.revision(request.params()).isPresent();
    }

    @SuppressWarnings("CatchThrowable") // every request is answered
    void answer(McpDoor.Arrival arrival, Message.Request request, Exchange exchange) {
        exchange.modern();
        Caller caller = arrival.caller();
        Optional<JsonObject> refused = unfit(arrival, request, exchange);
        if (refused.isPresent()) {
            exchange.answer(refused.get());
            return;
        }
        var asked = new Asked(
                request,
                caller,
                arrival.server(),
                new Way.Stateless(),
                facts(request.params()).object(Era.META_CAPABILITIES).orElse(JsonObject.EMPTY),
                arrival.address(),
                unknownParameters(arrival, request),
                exchange,
                new RequestLine(exchange, request, Optional.empty()));
        var key = Running.of(asked);
        if (running.size() >= most) {
            exchange.answer(fault(request, exchange, Fault.OVERLOADED, "too many requests are running"));
            return;
        }
        if (running.putIfAbsent(key, exchange) != null) {
            exchange.answer(fault(request, exchange, Fault.DUPLICATE_ID, "this very request is still running"));
            return;
        }
        JsonObject answer;
        try {
            answer = tracing.traced(
                    arrival.inbound(request, asked.way()), params -> answer(asked.with(params)), Tracing.Ending::of);
        } catch (Throwable broken) {
            LOG.error("a request could not be answered: {}", Faults.trace(broken));
            answer = fault(request, exchange, Fault.INTERNAL, "the guard failed; nothing is known of this request");
        } finally {
            // Before the client has its answer: from then on the id is free.
            running.remove(key);
        }
        exchange.answer(answer);
    }

    private JsonObject answer(Asked asked) {
        var opened = inputs.opened(asked);
        if (opened.isEmpty())
            return traffic.fault(asked, Fault.STATE, "`requestState` is not good for this request; begin anew");
        return traffic.answer(opened.get());
    }

    /// What is wrong with a request before anybody is asked about it.
    private Optional<JsonObject> unfit(McpDoor.Arrival arrival, Message.Request request, Exchange exchange) {
        JsonObject params = request.params();
        Optional<String> revision = Era.revision(params);
        if (revision.isPresent()) {
            var mismatch = Mirror.mismatch(arrival::all, request.method(), params, schema(arrival, request));
            if (mismatch.isPresent())
                return Optional.of(
                        fault(request, exchange, Fault.HEADER_MISMATCH, "header mismatch: " + mismatch.get()));
        }
        var stranger = relay.stranger(arrival.server(), arrival.caller().token());
        if (stranger.isPresent()) return stranger.map(words -> said(request, words, exchange));
        if (revision.isEmpty() || facts(params).object(Era.META_CAPABILITIES).isEmpty())
            return Optional.of(fault(
                    request,
                    exchange,
                    Fault.FACTS,
                    "`_meta` must say `" + Era.META_REVISION + "` and `" + Era.META_CAPABILITIES + "`"));
        if (REMOVED.contains(request.method())) return Optional.of(removed(request, exchange));
        boolean asksWhatIsSpoken = request.method().equals("server/discover");
        if (!revision.get().equals(Era.REVISION) && !asksWhatIsSpoken)
            return Optional.of(unsupported(request, revision.get(), exchange));
        return Optional.empty();
    }

    private static JsonObject facts(JsonObject params) {
        return params.object("_meta").orElse(JsonObject.EMPTY);
    }

    /// A server of the first era says so in its own words, so that a client falls back as it would without us.
    private static JsonObject said(Message.Request request, Answer.Failure words, Exchange exchange) {
        exchange.status(words.status());
        return words.named() ? Rpc.error(request.id(), words.error()) : Rpc.unnamed(words.error());
    }

    private JsonObject removed(Message.Request request, Exchange exchange) {
        exchange.refused(Fault.UNDECLARED_METHOD);
        exchange.status(404);
        return Rpc.error(request.id(), Answer.Failure.methodNotFound().error());
    }

    private JsonObject unsupported(Message.Request request, String revision, Exchange exchange) {
        exchange.refused(Fault.REVISION);
        exchange.status(Fault.REVISION.status());
        return Rpc.error(
                request.id(),
                JsonObject.builder()
                        .with("code", Fault.REVISION.code())
                        .with("message", "Unsupported protocol version")
                        .with(
                                "data",
                                JsonObject.with("supported", JsonArray.ofTexts(List.of(Era.REVISION)))
                                        .with("requested", revision)
                                        .build())
                        .build());
    }

    private JsonObject fault(Message.Request request, Exchange exchange, Fault fault, String detail) {
        exchange.refused(fault);
        exchange.status(fault.status());
        return Rpc.error(request.id(), fault, detail);
    }

    private Optional<JsonObject> schema(McpDoor.Arrival arrival, Message.Request request) {
        if (!request.method().equals("tools/call")) return Optional.empty();
        return request.params()
                .text("name")
                .flatMap(name -> tool(arrival.server(), name))
                .flatMap(tool -> tool.definition().object("inputSchema"));
    }

    private Optional<ToolDefinition> tool(String server, String name) {
        try {
            return guard.definition(new ToolName(server, name));
        } catch (IllegalArgumentException unusable) {
            return Optional.empty();
        }
    }

    /// Mirrored parameters that the tool's schema does not name: they are passed on, and decide nothing.
    private Map<String, String> unknownParameters(McpDoor.Arrival arrival, Message.Request request) {
        if (!request.method().equals("tools/call")) return Map.of();
        var known = Mirror.parameters(schema(arrival, request));
        var unknown = new HashMap<String, String>();
        for (String name : arrival.request().getHeaders().names()) {
            if (!name.regionMatches(true, 0, Mirror.PARAM, 0, Mirror.PARAM.length())) continue;
            if (known.contains(name.substring(Mirror.PARAM.length()))) continue;
            List<String> values = arrival.all(name);
            if (values.size() == 1 && Mirror.decode(values.getFirst()).isPresent())
                unknown.put(name, values.getFirst());
        }
        return unknown;
    }
}
