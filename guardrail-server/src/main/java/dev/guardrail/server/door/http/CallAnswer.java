package dev.guardrail.server.door.http;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.call.Caller;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.pipeline.AgentText;
import dev.guardrail.pipeline.Reply;
import dev.guardrail.policy.DecisionPoint;
import dev.guardrail.policy.Rule;
import dev.guardrail.policy.RuleId;
import dev.guardrail.server.problem.Problems;
import io.micronaut.http.HttpResponse;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/// A reply of the guard as its HTTP answer (contract, section 4): a decision is data, 200, or 202 when held.
record CallAnswer(Supplier<DecisionPoint> policies) {
    private static final Set<String> SEES_SOURCES = Set.of("auditor", "admin");

    /// As long as there are replies: one case each.
    HttpResponse<?> of(Caller caller, Reply reply) {
        return switch (reply) {
            case Reply.Ran(CallRecord call, Json result, boolean ok, boolean replayed) ->
                answer(
                        caller,
                        reply,
                        call,
                        JsonObject.with("result", result)
                                .with("ok", ok)
                                .with("attested", call.attested())
                                .with("replayed", replayed));
            case Reply.Permitted(CallRecord call, JsonObject arguments) ->
                answer(
                        caller,
                        reply,
                        call,
                        JsonObject.with("arguments", arguments)
                                .with("leaseExpiresAt", call.leaseUntil().map(Object::toString)));
            case Reply.Queued(CallRecord call) ->
                Answers.json(202, body(caller, reply, call, JsonObject.builder().with("queued", true)));
            case Reply.Refused(CallRecord call) -> answer(caller, reply, call, JsonObject.builder());
            case Reply.Asked(CallRecord call) -> answer(caller, reply, call, JsonObject.builder());
            case Reply.Held(CallRecord call, Reply.Pending pending) ->
                Answers.json(202, body(caller, reply, call, JsonObject.with("approval", approval(pending))));
            case Reply.Present(CallRecord call) -> answer(caller, reply, call, present(call));
            case Reply.Faulted(CallRecord call, var type, String detail) ->
                answer(
                        caller,
                        reply,
                        call,
                        JsonObject.with(
                                "error",
                                JsonObject.with("type", Problems.SITE + type.slug())
                                        .with("detail", detail)
                                        .build()));
            case Reply.Broken(var type, String detail) -> Problems.of(type, detail);
        };
    }

    private static JsonObject approval(Reply.Pending pending) {
        return JsonObject.with("id", pending.ticket())
                .with("state", pending.state())
                .with("required", pending.required())
                .with("given", pending.given())
                .with(
                        "expiresAt",
                        pending.expiresAt().truncatedTo(ChronoUnit.SECONDS).toString())
                .build();
    }

    private static JsonObject.Builder present(CallRecord call) {
        var more = JsonObject.builder();
        if (!call.attested().isEmpty()) more.with("attested", call.attested());
        if (!call.error().isEmpty())
            more.with("error", JsonObject.with("detail", call.error()).build());
        return more;
    }

    private HttpResponse<?> answer(Caller caller, Reply reply, CallRecord call, JsonObject.Builder more) {
        return Answers.json(200, body(caller, reply, call, more));
    }

    private JsonObject body(Caller caller, Reply reply, CallRecord call, JsonObject.Builder more) {
        var told = AgentText.of(reply);
        var body = JsonObject.with("callId", call.id().value())
                .with("session", call.session().value())
                .with("tool", call.tool().toString())
                .with("effect", call.effect())
                .with("state", call.status().text());
        for (String member : List.of("cause", "executed", "final", "instead"))
            told.decision().get(member).ifPresent(value -> body.with(member, value));
        body.with("rules", rules(caller, call))
                .with("argumentsDigest", call.argumentsDigest().toString())
                .with("policyVersion", call.policy().toString());
        call.reversal().exactness().ifPresent(how -> body.with("undo", how.text()));
        if (!call.reversal().why().isEmpty())
            body.with(
                    "undoWhy",
                    call.reversal().clause().isEmpty()
                            ? call.reversal().why().replace('_', ' ')
                            : call.reversal().clause());
        call.queued().ifPresent(put -> body.with("runsAt", put.runsAt().toString()));
        call.entry()
                .ifPresent(entry -> body.with(
                        "auditEntry",
                        JsonObject.with("log", entry.log().value())
                                .with("seq", entry.seq())
                                .build()));
        return body.withAll(more.build().members()).with("message", told.text()).build();
    }

    /// Where a rule stands is for auditors and admins alone.
    private JsonArray rules(Caller caller, CallRecord call) {
        boolean sources =
                caller.kind() == Caller.Kind.OPERATOR && caller.roles().stream().anyMatch(SEES_SOURCES::contains);
        DecisionPoint point = policies.get();
        return new JsonArray(call.rules().stream()
                .sorted()
                .<Json>map(id -> {
                    Optional<Rule> rule = point.rule(new RuleId(id));
                    return JsonObject.with("id", id)
                            .with(
                                    "effect",
                                    rule.map(known -> known.effect().text()).orElse(call.effect()))
                            .with("source", rule.filter(known -> sources).map(Rule::position))
                            .build();
                })
                .toList());
    }
}
