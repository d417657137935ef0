package dev.guardrail.server.door.authzen;

import dev.guardrail.approval.ApprovalDesk;
import dev.guardrail.approval.Ticket;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.MalformedJson;
import dev.guardrail.base.ProblemType;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.Caller;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Journal;
import dev.guardrail.pipeline.AgentText;
import dev.guardrail.pipeline.Attendance;
import dev.guardrail.pipeline.Guard;
import dev.guardrail.pipeline.Refusal;
import dev.guardrail.pipeline.Reply;
import dev.guardrail.registry.SessionRegistry;
import dev.guardrail.server.door.Callers;
import dev.guardrail.server.problem.Faults;
import dev.guardrail.server.problem.Problems;
import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;
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
import java.util.function.Supplier;

/// `/access/v1/requests`: have people asked about a call that was denied for want of them, and look what they said (the
/// access request profile of AuthZEN, a draft). Nothing here permits anything: once they agreed, the call is evaluated
/// again with `context.approval`.
@Controller(EvaluationDoor.REQUESTS)
@Consumes(MediaType.ALL)
@Produces(MediaType.ALL)
@ExecuteOn(TaskExecutors.BLOCKING)
@Requires(beans = {Guard.class, AuthzenSettings.class})
final class RequestsDoor {
    private static final int LONGEST_KEY = 255;

    private final Guard guard;
    private final ApprovalDesk desk;
    private final Submission submission;
    private final Tasks tasks;
    private final AuthzenSettings settings;

    RequestsDoor(Guard guard, SessionRegistry sessions, ApprovalDesk desk, Journal journal, AuthzenSettings settings) {
        this.guard = guard;
        this.desk = desk;
        this.submission =
                new Submission(guard, new Mapping(new Places(sessions), settings), new Binding(journal), journal);
        this.tasks = new Tasks(desk);
        this.settings = settings;
    }

    @Post
    HttpResponse<?> request(HttpRequest<byte[]> request) {
        return answered(() -> {
            Caller caller = Callers.of(request);
            JsonObject body = Wire.read(request, settings.body());
            var key = key(request, body);
            Meaning.Call call = submission.of(caller, body);
            Reply reply = guard.request(call.proposal(), key, Attendance.silent(settings.run()));
            return ticket(reply)
                    .<HttpResponse<?>>map(ticket -> taken(request, ticket))
                    .orElseGet(() -> refused(reply));
        });
    }

    private static Optional<Guard.IdempotencyKey> key(HttpRequest<?> request, JsonObject body) {
        List<String> keys = request.getHeaders().getAll("Idempotency-Key");
        if (keys.isEmpty()) return Optional.empty();
        String key = keys.getFirst();
        if (keys.size() > 1 || key.isBlank() || key.length() > LONGEST_KEY)
            throw new MalformedJson("`Idempotency-Key` stands once and has 1 to " + LONGEST_KEY + " characters");
        return Optional.of(new Guard.IdempotencyKey(key, Sha256.of(body)));
    }

    /// The ticket of whatever became of the call: a request that is sent again meets it as it stands.
    private Optional<Ticket> ticket(Reply reply) {
        Optional<String> id = switch (reply) {
            case Reply.Held(CallRecord call, Reply.Pending pending) -> Optional.of(pending.ticket());
            case Reply.Refused(CallRecord call) -> call.ticket();
            case Reply.Permitted(CallRecord call, JsonObject arguments) -> call.ticket();
            case Reply.Queued(CallRecord call) -> call.ticket();
            case Reply.Present(CallRecord call) -> call.ticket();
            case Reply.Ran(CallRecord call, var result, boolean ok, boolean replayed) -> call.ticket();
            case Reply.Faulted(CallRecord call, var type, String detail) -> call.ticket();
            case Reply.Asked(CallRecord call) -> Optional.empty();
            case Reply.Broken broken -> Optional.empty();
        };
        return id.flatMap(desk::find);
    }

    private HttpResponse<?> taken(HttpRequest<?> request, Ticket ticket) {
        String endpoint = endpoint(request);
        var response = Wire.json(ticket.pending() ? 202 : 201, tasks.json(ticket, endpoint))
                .header(HttpHeaders.LOCATION, endpoint + "/" + ticket.id());
        return ticket.pending() ? waiting(response) : response;
    }

    private static HttpResponse<?> refused(Reply reply) {
        if (!(reply instanceof Reply.Broken(ProblemType type, String detail)))
            throw new NotTaken(Denial.NOT_REQUESTABLE, AgentText.of(reply).text());
        if (type == ProblemType.MALFORMED_CALL) throw new NotTaken(Denial.NOT_REQUESTABLE, detail);
        if (type == ProblemType.CONFLICT) throw new NotTaken(Denial.DUPLICATE_REQUEST, detail);
        return Problems.of(type, detail);
    }

    @Get("/{id}")
    HttpResponse<?> show(HttpRequest<?> request, String id) {
        return answered(() -> {
            Ticket ticket = own(Callers.of(request), id);
            var response = Wire.json(200, tasks.json(ticket, endpoint(request)));
            return ticket.pending() ? waiting(response) : response;
        });
    }

    @Post("/{id}/cancel")
    HttpResponse<?> cancel(HttpRequest<byte[]> request, String id) {
        return answered(() -> {
            Caller caller = Callers.of(request);
            Ticket ticket = own(caller, id);
            if (!ticket.pending())
                throw new NotTaken(Denial.INVALID_TASK_STATE, "the request is " + Tasks.status(ticket) + " already");
            if (guard.cancel(caller, ticket.call()) instanceof Reply.Broken(ProblemType type, String detail))
                return Problems.of(type, detail);
            return Wire.json(200, tasks.json(desk.find(id).orElseThrow(), endpoint(request)));
        });
    }

    /// A ticket of the caller's own; of others nobody learns whether there are any.
    private Ticket own(Caller caller, String id) {
        var unknown = new NotTaken(Denial.UNKNOWN_TASK, "there is no request `" + id + "` here");
        Ticket ticket = desk.find(id).orElseThrow(() -> unknown);
        if (guard.state(caller, ticket.call(), Duration.ZERO) instanceof Reply.Broken(ProblemType type, String detail))
            throw type == ProblemType.NOT_FOUND ? unknown : new Refusal(type, detail);
        return ticket;
    }

    private String endpoint(HttpRequest<?> request) {
        return Wire.address(request, settings.origins()) + EvaluationDoor.REQUESTS;
    }

    private static HttpResponse<?> waiting(MutableHttpResponse<byte[]> response) {
        return response.header(HttpHeaders.RETRY_AFTER, String.valueOf(Decisions.RETRY_SECONDS));
    }

    private static HttpResponse<?> problem(NotTaken told) {
        return Problems.foreign(
                told.why().status(), told.why().type(), told.why().title(), String.valueOf(told.getMessage()));
    }

    private static HttpResponse<?> answered(Supplier<HttpResponse<?>> work) {
        return Faults.<HttpResponse<?>>answered(
                () -> {
                    try {
                        return work.get();
                    } catch (NotTaken told) {
                        return problem(told);
                    }
                },
                problem -> problem);
    }
}
