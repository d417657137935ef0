package dev.guardrail.server.door.authzen;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.MalformedJson;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.CallId;
import dev.guardrail.call.Caller;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Journal;
import dev.guardrail.pipeline.Guard;
import dev.guardrail.pipeline.Reply;
import dev.guardrail.policy.Cause;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;

/// Requests for access, tied to the denials that they answer: by the token that the denial gave, or by its id where the
/// arguments of the denied call are kept whole. What was added to the context since is no part of the call.
record Submission(Guard guard, Mapping mapping, Binding binding, Journal journal) {

    /// The call that people are to be asked about.
    ///
    /// @throws NotTaken where it is tied to no denial, or to one that is too old
    /// @throws MalformedJson where it is no request
    Meaning.Call of(Caller caller, JsonObject body) {
        if (body.has("items")) throw new MalformedJson("`items` is not carried out; send one request for each");
        var question = Question.of(body);
        JsonObject denial = Question.object(body, "denial")
                .orElseThrow(() -> unbound("the request needs `denial`, from the decision that it answers"));
        Optional<String> token = Question.text(denial, "binding_token");
        if (token.isPresent()) return byToken(caller, question, denial, token.get());
        String evaluation = Question.text(denial, "evaluation_id")
                .orElseThrow(() -> unbound("`denial` needs `binding_token` or `evaluation_id`"));
        return byRecord(caller, question, new CallId(evaluation));
    }

    private Meaning.Call byToken(Caller caller, Question question, JsonObject denial, String token) {
        Binding.Claims claims = Binding.claims(token).orElseThrow(() -> unbound("the token is none of this guard's"));
        Meaning.Call call = call(caller, question.as(claims.said()));
        if (!binding.isGenuine(token, claims, caller, call))
            throw unbound("the token is for another request; send what was evaluated, unchanged");
        if (!until(denial).map(claims.until()::equals).orElse(true))
            throw unbound("`denial.expires_at` is not what the decision said");
        fresh(claims.until());
        return call;
    }

    private static Optional<Instant> until(JsonObject denial) {
        try {
            return Question.text(denial, "expires_at").map(Instant::parse);
        } catch (DateTimeParseException malformed) {
            throw new MalformedJson("`denial.expires_at` is a time as RFC 3339 has it, in UTC");
        }
    }

    private void fresh(Instant until) {
        if (!journal.now().isBefore(until))
            throw new NotTaken(Denial.EXPIRED_DENIAL, "the denial is too old to be answered; evaluate again");
    }

    private Meaning.Call byRecord(Caller caller, Question question, CallId evaluation) {
        CallRecord denied = recorded(guard.state(caller, evaluation, Duration.ZERO))
                .orElseThrow(() -> unbound("there is no such evaluation here"));
        JsonObject arguments = arguments(denied)
                .filter(kept -> denied.whole())
                .orElseThrow(() -> unbound("what was evaluated is not kept; send the `binding_token`"));
        Meaning.Call call = call(caller, question.as(Mapping.said(arguments, question)));
        boolean same = denied.session().equals(call.session())
                && denied.tool().equals(call.proposal().tool())
                && Sha256.of(arguments).equals(Sha256.of(call.proposal().arguments()));
        if (!same) throw unbound("the evaluation was of something else; send what was evaluated, unchanged");
        if (denied.ticket().isEmpty()) fresh(denied.at().plus(Binding.LIFE));
        return call;
    }

    /// A denial that people can be asked to lift, or a call that they are asked about already.
    private static Optional<CallRecord> recorded(Reply reply) {
        return switch (reply) {
            case Reply.Refused(CallRecord call) ->
                Optional.of(call).filter(known -> known.cause().equals(Cause.REQUESTABLE.text()));
            case Reply.Held(CallRecord call, Reply.Pending pending) -> Optional.of(call);
            case Reply.Permitted permitted -> Optional.empty();
            case Reply.Queued queued -> Optional.empty();
            case Reply.Asked asked -> Optional.empty();
            case Reply.Present present -> Optional.empty();
            case Reply.Ran ran -> Optional.empty();
            case Reply.Faulted faulted -> Optional.empty();
            case Reply.Broken broken -> Optional.empty();
        };
    }

    /// As they were proposed.
    private Optional<JsonObject> arguments(CallRecord call) {
        for (String id : List.of(call.proposedBody(), call.argumentsBody())) {
            Optional<Json> body = journal.body(id);
            if (body.isPresent() && body.get() instanceof JsonObject kept) return Optional.of(kept);
        }
        return Optional.empty();
    }

    private Meaning.Call call(Caller caller, Question question) {
        return switch (mapping.of(caller, question)) {
            case Meaning.Call call -> call;
            case Meaning.Nothing(String reason, String message) ->
                throw new NotTaken(Denial.NOT_REQUESTABLE, "this cannot be requested: " + message);
        };
    }

    private static NotTaken unbound(String detail) {
        return new NotTaken(Denial.INVALID_DENIAL_BINDING, detail);
    }
}
