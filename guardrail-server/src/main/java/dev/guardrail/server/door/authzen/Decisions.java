package dev.guardrail.server.door.authzen;

import dev.guardrail.approval.ApprovalDesk;
import dev.guardrail.approval.Ticket;
import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.call.Caller;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.pipeline.AgentText;
import dev.guardrail.pipeline.Refusal;
import dev.guardrail.pipeline.Reply;
import dev.guardrail.policy.Cause;
import dev.guardrail.policy.Effect;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/// Replies of the guard as AuthZEN decisions: yes or no, and what there is to say beside it. Names of the standard and
/// its drafts are spelled as there, our own as in `/v1`.
record Decisions(ApprovalDesk desk, Binding binding) {
    /// Seconds after which it makes sense to look again for people's decision.
    static final long RETRY_SECONDS = 5;

    private static final String REQUEST = "request";
    private static final String RETRY = "retry";
    private static final String NONE = "none";

    /// What was asked.
    ///
    /// @param approval id that was presented
    /// @param endpoint where people can be asked
    record Case(Caller caller, Meaning.Call call, Optional<String> approval, String endpoint) {}

    /// A denial of what is not known here.
    static JsonObject of(Meaning.Nothing nothing) {
        return decision(false, JsonObject.with("reason", nothing.reason()).with("message", nothing.message()));
    }

    /// A denial of one evaluation among several that could not be judged.
    static JsonObject failed(int status, String message) {
        var error = JsonObject.builder().with("status", status).with("message", message);
        return decision(false, JsonObject.with("error", error.build()));
    }

    /// @throws Refusal where the call could not be judged
    JsonObject of(Case asked, Reply reply) {
        return switch (reply) {
            case Reply.Permitted(CallRecord call, JsonObject arguments) -> permitted(call, arguments);
            case Reply.Held(CallRecord call, Reply.Pending pending) -> pending(asked, call);
            case Reply.Refused(CallRecord call) ->
                call.cause().equals(Cause.REQUESTABLE.text())
                        ? requestable(asked, call)
                        : denied(asked, call, reply, reason(asked, call));
            case Reply.Queued(CallRecord call) -> denied(asked, call, reply, Cause.DELAYED.text());
            case Reply.Asked(CallRecord call) -> denied(asked, call, reply, Effect.CLARIFY.text());
            case Reply.Present(CallRecord call) ->
                denied(asked, call, reply, call.status().text());
            case Reply.Ran(CallRecord call, Json result, boolean ok, boolean replayed) ->
                denied(asked, call, reply, call.status().text());
            case Reply.Faulted(CallRecord call, var type, String detail) ->
                denied(asked, call, reply, call.status().text());
            case Reply.Broken(var type, String detail) -> throw new Refusal(type, detail);
        };
    }

    private static JsonObject decision(boolean permitted, JsonObject.Builder context) {
        return JsonObject.builder()
                .with("decision", permitted)
                .with("context", context.build())
                .build();
    }

    private static JsonObject.Builder facts(CallRecord call) {
        return JsonObject.with("evaluation_id", call.id().value())
                .with("evaluated_at", call.at().toString())
                .with("callId", call.id().value());
    }

    /// Where arguments were changed, running it with others than these is not permitted: an obligation, and whoever
    /// does not know it has to read the whole as a denial.
    private JsonObject permitted(CallRecord call, JsonObject arguments) {
        var context = facts(call).with("leaseExpiresAt", call.leaseUntil().map(Instant::toString));
        boolean changed = call.effect().equals(Effect.MODIFY.text()) || call.edits() > 0;
        if (changed)
            context.with(
                    "obligations",
                    new JsonArray(List.of(JsonObject.with("id", "arguments")
                            .with("type", "custom")
                            .with("vendor", "guardrail")
                            .with("action", "replace_arguments")
                            .with("arguments", arguments)
                            .build())));
        call.ticket()
                .flatMap(desk::find)
                .ifPresent(ticket -> context.with(
                        "approval",
                        JsonObject.with("id", ticket.id())
                                .with("approved_until", ticket.usableUntil().map(Instant::toString))
                                .build()));
        return decision(true, context);
    }

    private static String reason(Case asked, CallRecord call) {
        if (call.cause().equals(Cause.PERSON.text())) return "denied_by_person";
        boolean presented = asked.approval().isPresent();
        return presented && call.cause().equals(Cause.POLICY.text()) ? "policy_denied" : call.cause();
    }

    private static JsonObject denied(Case asked, CallRecord call, Reply reply, String reason) {
        var told = AgentText.of(reply);
        var context = facts(call).with("reason", reason.isEmpty() ? "policy" : reason);
        if (asked.approval().isPresent()) context.with("next_action", NONE);
        for (String member : List.of("final", "instead", "ask"))
            told.decision().get(member).ifPresent(value -> context.with(member, value));
        return decision(false, context.with("message", told.text()));
    }

    /// People are asked already; asking once more joins them.
    private JsonObject pending(Case asked, CallRecord call) {
        var context = facts(call)
                .with("reason", "approval_pending")
                .with("next_action", RETRY)
                .with("retry_after", RETRY_SECONDS)
                .with("message", "People are asked and have not decided. The call may not run.")
                .with("access_request", invitation(asked, call));
        return decision(false, context);
    }

    private JsonObject requestable(Case asked, CallRecord call) {
        var context = facts(call);
        if (asked.approval().isEmpty())
            return decision(
                    false,
                    context.with("reason", "approval_required")
                            .with("message", "People have to agree first; ask them. The call may not run.")
                            .with("access_request", invitation(asked, call)));
        Optional<String> applies = desk.find(asked.approval().get())
                .filter(ticket -> ticket.session().equals(asked.call().session()))
                .map(Decisions::inapplicable);
        if (applies.isEmpty())
            return decision(
                    false,
                    context.with("reason", "approval_unverifiable")
                            .with("next_action", NONE)
                            .with("message", "There is no such approval here. Evaluate without it."));
        return decision(
                false,
                context.with("reason", applies.get())
                        .with("next_action", REQUEST)
                        .with("message", "That approval does not permit this call now; ask again.")
                        .with("access_request", invitation(asked, call)));
    }

    /// Why an approval of this session permits nothing here: it is over, or is for another call.
    private static String inapplicable(Ticket ticket) {
        return switch (ticket.state()) {
            case PENDING, APPROVED, DENIED -> "out_of_scope";
            case EXPIRED, CANCELLED, USED -> "approval_expired";
        };
    }

    private JsonObject invitation(Case asked, CallRecord call) {
        Instant until = binding.journal().now().plus(Binding.LIFE).truncatedTo(ChronoUnit.SECONDS);
        return JsonObject.with("endpoint", asked.endpoint())
                .with("expires_at", until.toString())
                .with("binding_token", binding.token(asked.caller(), asked.call(), call.id(), until))
                .build();
    }
}
