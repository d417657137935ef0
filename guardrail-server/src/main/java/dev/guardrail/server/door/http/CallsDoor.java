package dev.guardrail.server.door.http;

import dev.guardrail.approval.VoteResult;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonWriter;
import dev.guardrail.base.MalformedJson;
import dev.guardrail.base.ProblemType;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.CallId;
import dev.guardrail.call.Caller;
import dev.guardrail.call.Proposal;
import dev.guardrail.call.Run;
import dev.guardrail.call.SessionId;
import dev.guardrail.call.ToolName;
import dev.guardrail.pipeline.Attendance;
import dev.guardrail.pipeline.Guard;
import dev.guardrail.pipeline.HeldCalls;
import dev.guardrail.pipeline.Refusal;
import dev.guardrail.server.door.Callers;
import dev.guardrail.server.door.Policies;
import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.Produces;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// `/v1/calls`: proposals, where they stand, running them, and what came of those that the caller ran.
@Controller("/v1/calls")
@Consumes(MediaType.ALL)
@Produces(MediaType.ALL)
@ExecuteOn(TaskExecutors.BLOCKING)
@Requires(beans = Guard.class)
final class CallsDoor {
    private static final int LONGEST_KEY = 255;

    private final Guard guard;
    private final DoorSettings settings;
    private final CallAnswer answer;

    private final HeldCalls held;

    CallsDoor(Guard guard, HeldCalls held, DoorSettings settings, Policies policies) {
        this.guard = guard;
        this.held = held;
        this.settings = settings;
        this.answer = new CallAnswer(policies::inForce);
    }

    @Post
    HttpResponse<?> propose(HttpRequest<byte[]> request) {
        return Answers.answered(() -> {
            Caller caller = Callers.of(request);
            var body = RequestBody.read(request, settings.body(), "session", "tool", "arguments", "reason", "run");
            var proposal = new Proposal(
                    caller,
                    body.text("session").map(SessionId::new),
                    "http",
                    tool(body.requiredText("tool")),
                    arguments(body),
                    body.text("reason").orElse(""),
                    run(body));
            return answer.of(caller, guard.propose(proposal, key(request, body), Attendance.silent(settings.run())));
        });
    }

    static ToolName tool(String text) {
        try {
            return ToolName.parse(text);
        } catch (IllegalArgumentException malformed) {
            throw new MalformedJson("`tool` is a server's name, a dot and a tool's name, as in files.write_file");
        }
    }

    private JsonObject arguments(RequestBody body) {
        JsonObject arguments = body.object("arguments");
        if (JsonWriter.bytes(arguments).length > settings.argumentBytes())
            throw new Refusal(
                    ProblemType.TOO_LARGE,
                    "the arguments are larger than `limits.arguments` allows; send less at a time");
        return arguments;
    }

    private static Run run(RequestBody body) {
        return switch (body.text("run").orElse("caller")) {
            case "caller" -> Run.CALLER;
            case "guard" -> Run.GUARD;
            default -> throw new MalformedJson("`run` is `caller` or `guard`");
        };
    }

    private static Optional<Guard.IdempotencyKey> key(HttpRequest<?> request, RequestBody body) {
        List<String> keys = request.getHeaders().getAll("Idempotency-Key");
        if (keys.isEmpty()) return Optional.empty();
        String key = keys.getFirst();
        if (keys.size() > 1 || key.isBlank() || key.length() > LONGEST_KEY)
            throw new MalformedJson("`Idempotency-Key` stands once and has 1 to " + LONGEST_KEY + " characters");
        return Optional.of(new Guard.IdempotencyKey(key, Sha256.of(body.json())));
    }

    @Get("/{id}")
    HttpResponse<?> state(HttpRequest<?> request, String id) {
        return Answers.answered(() -> {
            Caller caller = Callers.of(request);
            return answer.of(
                    caller, guard.state(caller, new CallId(id), new Query(request).wait(settings.longestWait())));
        });
    }

    @Post("/{id}/execute")
    HttpResponse<?> execute(HttpRequest<byte[]> request, String id) {
        return Answers.answered(() -> {
            Caller caller = Callers.of(request);
            RequestBody.read(request, settings.body());
            return answer.of(caller, guard.execute(caller, new CallId(id), Attendance.silent(settings.run())));
        });
    }

    @Post("/{id}/result")
    HttpResponse<?> result(HttpRequest<byte[]> request, String id) {
        return Answers.answered(() -> {
            Caller caller = Callers.of(request);
            var body = RequestBody.read(request, settings.body(), "ok", "result", "error");
            boolean ok = body.requiredBool("ok");
            return answer.of(
                    caller,
                    guard.report(
                            caller,
                            new CallId(id),
                            ok,
                            body.json().get("result"),
                            body.text("error").orElse("")));
        });
    }

    /// Takes back a call that waits, for people or for its time.
    @Post("/{id}/cancel")
    HttpResponse<?> cancel(HttpRequest<byte[]> request, String id) {
        return Answers.answered(() -> {
            Caller caller = Callers.of(request);
            var body = RequestBody.read(request, settings.body(), "reason");
            String reason = body.text("reason").orElse("");
            if (reason.length() > ApprovalsDoor.LONGEST_WORDS)
                throw new MalformedJson("`reason` has at most " + ApprovalsDoor.LONGEST_WORDS + " characters");
            return answer.of(caller, guard.withdraw(caller, new CallId(id), reason));
        });
    }

    /// Answers what an approver asked about a held call.
    @Post("/{id}/answer")
    HttpResponse<?> say(HttpRequest<byte[]> request, String id) {
        return Answers.answered(() -> {
            Caller caller = Callers.of(request);
            var body = RequestBody.read(request, settings.body(), "text");
            var result = held.answer(caller, new CallId(id), ApprovalsDoor.words(body));
            if (result instanceof VoteResult.NotPossible(var ticket, String why))
                throw new Refusal(ProblemType.CONFLICT, why);
            if (result instanceof VoteResult.AlreadyClosed(var ticket))
                throw new Refusal(
                        ProblemType.TICKET_CLOSED,
                        "the approval is " + ticket.state().text() + " already");
            return answer.of(caller, guard.state(caller, new CallId(id), Duration.ZERO));
        });
    }
}
