package dev.guardrail.server.door.mcp;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.call.ToolName;
import dev.guardrail.pipeline.AgentText;
import dev.guardrail.pipeline.Attendance;
import dev.guardrail.pipeline.Guard;
import dev.guardrail.pipeline.Outcome;
import dev.guardrail.pipeline.Reply;
import dev.guardrail.server.relay.Asking;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/// Results of the second era that want something of the client first: what they ask is decided like any action, and
/// their state passes through us sealed.
final class Inputs {
    private static final String REQUESTS = "inputRequests";
    static final String STATE = "requestState";

    /// What a server may ask a client for.
    private static final Set<String> QUESTIONS = Set.of("sampling/createMessage", "elicitation/create", "roots/list");

    private final Guard guard;
    private final McpSettings settings;
    private final StateSeal seal;

    Inputs(Guard guard, McpSettings settings, StateSeal seal) {
        this.guard = guard;
        this.settings = settings;
        this.seal = seal;
    }

    static boolean isWanted(JsonObject response) {
        return response.object("result")
                .flatMap(result -> result.text("resultType"))
                .equals(Optional.of("input_required"));
    }

    /// @return the response as the client gets it
    JsonObject passed(Asked asked, JsonObject response) {
        if (!isWanted(response)) return response;
        JsonObject result = response.object("result").orElse(JsonObject.EMPTY);
        var decided = JsonObject.builder();
        for (Map.Entry<String, Json> request :
                result.object(REQUESTS).orElse(JsonObject.EMPTY).members().entrySet()) {
            switch (decide(asked, request.getValue())) {
                case Verdict.Passed(JsonObject whole) -> decided.with(request.getKey(), whole);
                case Verdict.Denied(String text, JsonObject decision) -> {
                    return Rpc.denied(
                            asked.id(),
                            text,
                            JsonObject.with(ToolAnswer.DECISION, decision).build());
                }
            }
        }
        JsonObject whole = result.has(REQUESTS) ? result.set(REQUESTS, decided.build()) : result;
        JsonObject sealed = result.text(STATE)
                .map(state -> whole.set(STATE, new JsonText(seal.seal(asked, StateSeal.State.ofUpstream(state)))))
                .orElse(whole);
        return Rpc.result(asked.id(), sealed);
    }

    private sealed interface Verdict {
        record Passed(JsonObject request) implements Verdict {}

        record Denied(String text, JsonObject decision) implements Verdict {}
    }

    private Verdict decide(Asked asked, Json request) {
        if (!(request instanceof JsonObject object) || object.text("method").isEmpty())
            return new Verdict.Denied("The server asked for something that is no request.", JsonObject.EMPTY);
        String method = object.text("method").get();
        if (!QUESTIONS.contains(method))
            return new Verdict.Denied("The server asked for what no client gives.", JsonObject.EMPTY);
        JsonObject params = object.object("params").orElse(JsonObject.EMPTY);
        // Handing the question to the client is what is permitted; its answer comes with the next request.
        Asking handing = decided -> new Outcome.Answered(decided, true);
        var attendance = new Attendance(Optional.of(handing), settings.run(), new CompletableFuture<>());
        Reply reply = guard.propose(
                ToolCalls.proposal(
                        asked.caller(), new ToolName(asked.server(), "mcp:" + method), Beside.seen(params), ""),
                Optional.empty(),
                attendance);
        if (reply instanceof Reply.Ran(var call, JsonObject decided, boolean ok, boolean replayed)) {
            JsonObject whole = params.object("_meta")
                    .map(meta -> decided.set("_meta", meta))
                    .orElse(decided);
            return new Verdict.Passed(params.members().isEmpty() ? object : object.set("params", whole));
        }
        var words = AgentText.of(reply);
        return new Verdict.Denied(words.text(), words.decision());
    }

    /// Puts the upstream's own state back into a request that gives a sealed one.
    ///
    /// @return empty where the seal is not good for this request
    Optional<Opened> opened(Asked asked) {
        Optional<Json> given = asked.params().get(STATE);
        if (given.isEmpty()) return Optional.of(new Opened(asked, Optional.empty()));
        if (!(given.get() instanceof JsonText(String text))) return Optional.empty();
        return seal.open(asked, text)
                .map(state -> new Opened(
                        asked.with(state.upstream()
                                .map(own -> asked.params().set(STATE, new JsonText(own)))
                                .orElseGet(() -> asked.params().without(STATE))),
                        state.held()));
    }

    /// A request whose seal was opened.
    ///
    /// @param held the call that it waits for; empty where it waits for none
    record Opened(Asked asked, Optional<String> held) {}
}
