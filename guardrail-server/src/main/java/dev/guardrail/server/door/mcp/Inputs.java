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
import dev.guardrail.server.relay.Beside;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/// Results of the second era that want something of the client first: what they ask is decided like any action, and
/// their state passes through us sealed.
final class Inputs {
    private static final String REQUESTS = "inputRequests";
    static final String STATE = "requestState";
    private static final String RESPONSES = "inputResponses";

    /// Keys of questions that only the guard asks begin so.
    private static final String OURS = "dev.guardrail/";

    private static final Set<String> MEMBERS = Set.of("method", "params");

    /// Questions of one result.
    private static final int MOST = 16;

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

    /// True where a result wants something of the client, whatever it calls itself.
    private static boolean isWanted(JsonObject result) {
        return result.has(REQUESTS) || result.text("resultType").equals(Optional.of("input_required"));
    }

    /// @return the response as the client gets it
    JsonObject passed(Asked asked, JsonObject response) {
        JsonObject result = response.object("result").orElse(JsonObject.EMPTY);
        if (!isWanted(result)) return response;
        JsonObject requests = result.object(REQUESTS).orElse(JsonObject.EMPTY);
        if (requests.members().size() > MOST
                || result.has(REQUESTS) && result.object(REQUESTS).isEmpty())
            return Rpc.denied(asked.id(), "The server asked for too much, or for nothing.", JsonObject.EMPTY);
        var decided = JsonObject.builder();
        for (Map.Entry<String, Json> request : requests.members().entrySet()) {
            switch (decide(asked, request.getKey(), request.getValue())) {
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
        if (!asked.isStateless() || !result.text("resultType").equals(Optional.of("input_required")))
            return Rpc.result(asked.id(), whole);
        // Also where the server has no state of its own: what it was permitted to ask has to be known again.
        var state = new StateSeal.State(
                result.text(STATE), List.copyOf(requests.members().keySet()));
        return Rpc.result(asked.id(), whole.set(STATE, new JsonText(seal.seal(asked, state))));
    }

    private sealed interface Verdict {
        record Passed(JsonObject request) implements Verdict {}

        record Denied(String text, JsonObject decision) implements Verdict {}
    }

    private Verdict decide(Asked asked, String key, Json request) {
        if (!(request instanceof JsonObject object)
                || object.text("method").isEmpty()
                || !MEMBERS.containsAll(object.members().keySet())
                || object.has("params") && object.object("params").isEmpty()
                || key.startsWith(OURS))
            return new Verdict.Denied("The server asked for something that is no request.", JsonObject.EMPTY);
        String method = object.text("method").get();
        if (!QUESTIONS.contains(method))
            return new Verdict.Denied("The server asked for what no client gives.", JsonObject.EMPTY);
        JsonObject params = object.object("params").orElse(JsonObject.EMPTY);
        Reply reply = handed(asked, method, Beside.seen(params));
        if (reply instanceof Reply.Ran(var call, JsonObject decided, boolean ok, boolean replayed)) {
            JsonObject whole = params.object("_meta")
                    .map(meta -> decided.set("_meta", meta))
                    .orElse(decided);
            // Made anew from what was decided: no reader finds more in it than we did.
            var question = JsonObject.with("method", method);
            if (object.has("params")) question.with("params", whole);
            return new Verdict.Passed(question.build());
        }
        var words = AgentText.of(reply);
        return new Verdict.Denied(words.text(), words.decision());
    }

    /// Puts the upstream's own state back into a request that gives a sealed one, and takes out answers to questions
    /// that nobody was permitted to ask, unless policy permits answers unasked.
    ///
    /// @return empty where the seal is not good for this request
    Optional<Asked> opened(Asked asked) {
        Optional<Json> given = asked.params().get(STATE);
        if (given.isEmpty()) return Optional.of(answered(asked, List.of()));
        if (!(given.get() instanceof JsonText(String text))) return Optional.empty();
        return seal.open(asked, text)
                .map(state -> answered(
                        asked.with(state.upstream()
                                .map(own -> asked.params().set(STATE, new JsonText(own)))
                                .orElseGet(() -> asked.params().without(STATE))),
                        state.keys()));
    }

    private Asked answered(Asked asked, List<String> permitted) {
        Optional<Json> given = asked.params().get(RESPONSES);
        if (given.isEmpty()) return asked;
        if (!(given.get() instanceof JsonObject answers))
            return isUnaskedPermitted(asked, given.get())
                    ? asked
                    : asked.with(asked.params().without(RESPONSES));
        JsonObject unasked = kept(answers, key -> !permitted.contains(key));
        if (unasked.members().isEmpty() || isUnaskedPermitted(asked, unasked)) return asked;
        JsonObject rest = kept(answers, permitted::contains);
        return asked.with(
                rest.members().isEmpty()
                        ? asked.params().without(RESPONSES)
                        : asked.params().set(RESPONSES, rest));
    }

    private static JsonObject kept(JsonObject answers, Predicate<String> which) {
        var kept = JsonObject.builder();
        answers.members().forEach((key, answer) -> {
            if (which.test(key)) kept.with(key, answer);
        });
        return kept.build();
    }

    /// An answer that was not asked for is an action of its own: `server.mcp:inputResponses`.
    private boolean isUnaskedPermitted(Asked asked, Json unasked) {
        var arguments = JsonObject.with("method", asked.request().method())
                .with(
                        "name",
                        asked.params().text("name").or(() -> asked.params().text("uri")))
                .with(RESPONSES, unasked)
                .build();
        return handed(asked, RESPONSES, arguments)
                        instanceof Reply.Ran(var call, Json decided, boolean ok, boolean replayed)
                && decided.equals(arguments);
    }

    /// Decides whether a client may hear of a resource's changes.
    boolean isSubscriptionPermitted(Asked asked, String uri) {
        return handed(asked, "resources/subscribe", JsonObject.with("uri", uri).build())
                        instanceof Reply.Ran(var call, JsonObject decided, boolean ok, boolean replayed)
                && decided.text("uri").equals(Optional.of(uri));
    }

    /// Decides an action whose running is handing something over: what was permitted is its result.
    private Reply handed(Asked asked, String method, JsonObject arguments) {
        Asking handing = (decided, left) -> new Outcome.Answered(decided, true);
        return guard.propose(
                ToolCalls.proposal(asked.caller(), new ToolName(asked.server(), "mcp:" + method), arguments, ""),
                Optional.empty(),
                new Attendance(Optional.of(handing), settings.run(), new CompletableFuture<>()));
    }
}
