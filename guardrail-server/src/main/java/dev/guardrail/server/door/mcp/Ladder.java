package dev.guardrail.server.door.mcp;

import dev.guardrail.base.JsonObject;
import dev.guardrail.call.CallId;
import dev.guardrail.call.ToolName;
import dev.guardrail.journal.Status;
import dev.guardrail.pipeline.AgentText;
import dev.guardrail.pipeline.Outcome;
import dev.guardrail.pipeline.Reply;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/// What a client gets of a call that people have not decided while it waited, by what it declared: a task to ask for,
/// an address for its user, or else the text that every client reads (the last rung is none of this class).
final class Ladder {
    static final String EXTENSION = "io.modelcontextprotocol/tasks";

    /// Ids of our tasks; what follows is the call's own.
    static final String PREFIX = "guardrail-";

    /// Key of our question among those of a result.
    static final String QUESTION = "dev.guardrail/approval";

    private static final long POLL_MILLIS = 5_000;

    /// Longest wait after a user said that they look at the address.
    static final Duration LOOKING = Duration.ofMinutes(10);

    private final StateSeal seal;
    private final InstantSource clock;

    Ladder(StateSeal seal, InstantSource clock) {
        this.seal = seal;
        this.clock = clock;
    }

    static boolean takesTasks(Asked asked) {
        return asked.isStateless()
                && asked.capabilities()
                        .object("extensions")
                        .filter(extensions -> extensions.has(EXTENSION))
                        .isPresent();
    }

    static boolean takesAddresses(Asked asked) {
        return asked.capabilities()
                .object("elicitation")
                .filter(elicitation -> elicitation.has("url"))
                .isPresent();
    }

    /// The result of a request of the second era that stands for the call.
    ///
    /// @return empty where the client declared nothing that could
    Optional<JsonObject> handed(Asked asked, Reply.Held held) {
        if (!asked.isStateless()) return Optional.empty();
        if (takesTasks(asked)) {
            var task = task(held.call().id(), "working", createdAt(held), until(held));
            task.with("resultType", "task")
                    .with("statusMessage", AgentText.of(held).text());
            return Optional.of(Rpc.result(asked.id(), task.build()));
        }
        if (!takesAddresses(asked) || declined(asked)) return Optional.empty();
        var question = JsonObject.with("method", "elicitation/create")
                .with("params", question(asked, held))
                .build();
        return Optional.of(Rpc.result(
                asked.id(),
                JsonObject.with("resultType", "input_required")
                        .with(
                                "inputRequests",
                                JsonObject.with(QUESTION, question).build())
                        .with(
                                "requestState",
                                seal.seal(asked, new StateSeal.State(Optional.empty(), List.of(QUESTION))))
                        .build()));
    }

    /// The result of a request of the second era whose call waits for its time: a task, where the client takes one.
    Optional<JsonObject> queued(Asked asked, Reply.Queued queued) {
        if (!takesTasks(asked)) return Optional.empty();
        return Optional.of(
                Rpc.result(asked.id(), task(queued).with("resultType", "task").build()));
    }

    /// It is kept for a while after its time: somebody has to fetch what came of it.
    private JsonObject.Builder task(Reply.Queued queued) {
        var put = queued.call().queued().orElseThrow();
        return task(queued.call().id(), "working", put.since(), put.runsAt().plus(LOOKING))
                .with("statusMessage", AgentText.of(queued).text());
    }

    /// True where the client's user has been asked to look, and would not.
    private static boolean declined(Asked asked) {
        return asked.params()
                .object("inputResponses")
                .flatMap(responses -> responses.object(QUESTION))
                .filter(answer -> !accepted(answer))
                .isPresent();
    }

    static boolean accepted(JsonObject answer) {
        return answer.text("action").equals(Optional.of("accept"));
    }

    /// Params of the elicitation that shows a user where to decide (MCP 2025-11-25, client/elicitation, URL mode).
    static JsonObject question(Asked asked, Reply.Held held) {
        String ticket = held.pending().ticket();
        return JsonObject.with("mode", "url")
                .with("elicitationId", ticket)
                .with("url", asked.address() + "/approvals/" + ticket)
                .with(
                        "message",
                        "The call of `" + held.call().tool() + "` waits for a person's approval (" + ticket + ").")
                .build();
    }

    /// A request without our own question's answer, which no upstream asked for.
    static Asked without(Asked asked) {
        Optional<JsonObject> responses = asked.params().object("inputResponses").filter(given -> given.has(QUESTION));
        if (responses.isEmpty()) return asked;
        JsonObject rest = responses.get().without(QUESTION);
        return asked.with(
                rest.members().isEmpty()
                        ? asked.params().without("inputResponses")
                        : asked.params().set("inputResponses", rest));
    }

    /// Params of the call that a task stands for, as far as the request on the task gives them.
    static JsonObject params(Asked asked, ToolName tool) {
        var params = JsonObject.with("name", tool.name());
        asked.params().get("_meta").ifPresent(meta -> params.with("_meta", meta));
        return params.build();
    }

    /// The call that one of our tasks stands for.
    static Optional<CallId> call(String task) {
        return task.startsWith(PREFIX) ? Optional.of(new CallId(task.substring(PREFIX.length()))) : Optional.empty();
    }

    /// How a task stands.
    ///
    /// @param response what the call itself would be answered with
    JsonObject state(Asked asked, CallId call, Reply reply, JsonObject response) {
        if (reply instanceof Reply.Held held)
            return Rpc.result(
                    asked.id(),
                    task(call, "working", createdAt(held), until(held))
                            .with("resultType", "complete")
                            .with("statusMessage", AgentText.of(held).text())
                            .build());
        if (reply instanceof Reply.Queued queued)
            return Rpc.result(
                    asked.id(), task(queued).with("resultType", "complete").build());
        if (reply instanceof Reply.Broken) return response;
        Instant now = clock.instant();
        Optional<String> open = open(reply);
        if (open.isPresent())
            return Rpc.result(
                    asked.id(),
                    task(call, open.get(), now, now.plus(LOOKING))
                            .with("resultType", "complete")
                            .build());
        Optional<JsonObject> error = response.object("error");
        var task = task(call, error.isPresent() ? "failed" : "completed", now, now.plus(LOOKING))
                .with("resultType", "complete");
        error.ifPresent(failure -> task.with("error", failure));
        response.get("result").filter(result -> error.isEmpty()).ifPresent(result -> task.with("result", result));
        return Rpc.result(asked.id(), task.build());
    }

    /// The status of a task that has no result, now or ever.
    private static Optional<String> open(Reply reply) {
        if (reply instanceof Reply.Present(var call))
            return switch (call.status()) {
                case PROPOSED, RUNNING, PERMITTED, HELD -> Optional.of("working");
                case DENIED,
                        NEEDS_CLARIFICATION,
                        SUCCEEDED,
                        FAILED,
                        IN_DOUBT,
                        EXPIRED,
                        CANCELLED,
                        UNDONE,
                        UNDO_FAILED -> Optional.empty();
            };
        return reply instanceof Reply.Refused(var call) && call.status() == Status.CANCELLED
                ? Optional.of("cancelled")
                : Optional.empty();
    }

    /// The answer to a word about a task.
    static JsonObject acknowledged(Asked asked) {
        return Rpc.result(asked.id(), JsonObject.with("resultType", "complete").build());
    }

    private Instant createdAt(Reply.Held held) {
        return held.call().at();
    }

    private static Instant until(Reply.Held held) {
        return held.pending().expiresAt();
    }

    private JsonObject.Builder task(CallId call, String status, Instant created, Instant until) {
        Instant now = clock.instant();
        return JsonObject.with("taskId", PREFIX + call.value())
                .with("status", status)
                .with("createdAt", created.toString())
                .with("lastUpdatedAt", now.toString())
                .with("ttlMs", Math.max(1_000, Duration.between(created, until).toMillis()))
                .with("pollIntervalMs", POLL_MILLIS);
    }

    /// True where the client's user said that they look.
    static boolean isAccepted(Outcome outcome) {
        return outcome instanceof Outcome.Answered(JsonObject answer, boolean ok) && ok && accepted(answer);
    }
}
