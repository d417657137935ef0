package dev.guardrail.server.door.http;

import dev.guardrail.approval.ApproversQueue;
import dev.guardrail.approval.Scope;
import dev.guardrail.approval.Ticket;
import dev.guardrail.approval.TicketState;
import dev.guardrail.approval.VoteResult;
import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.MalformedJson;
import dev.guardrail.base.ProblemType;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.Caller;
import dev.guardrail.journal.Journal;
import dev.guardrail.pipeline.HeldCalls;
import dev.guardrail.pipeline.Pins;
import dev.guardrail.pipeline.Refusal;
import dev.guardrail.pipeline.ScopedVotes;
import dev.guardrail.policy.RuleId;
import dev.guardrail.server.door.Callers;
import dev.guardrail.server.problem.Problems;
import dev.guardrail.server.sheet.ApprovalJson;
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
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// `/v1/approvals`: the queue, one request in full, votes, and whatever else people do with it.
@Controller("/v1/approvals")
@Consumes(MediaType.ALL)
@Produces(MediaType.ALL)
@ExecuteOn(TaskExecutors.BLOCKING)
@Requires(beans = ApproversQueue.class)
final class ApprovalsDoor {
    private static final int MOST_VOTES = 100;
    static final int LONGEST_WORDS = 4_000;

    private final ApproversQueue queue;
    private final ApprovalJson shown;
    private final DoorSettings settings;
    private final HeldCalls held;
    private final ScopedVotes scopedVotes;

    ApprovalsDoor(
            ApproversQueue queue,
            HeldCalls held,
            ScopedVotes scopedVotes,
            Journal journal,
            Pins pins,
            DoorSettings settings) {
        this.queue = queue;
        this.held = held;
        this.scopedVotes = scopedVotes;
        this.shown = new ApprovalJson(journal, queue.desk(), pins::find);
        this.settings = settings;
    }

    @Get
    HttpResponse<?> list(HttpRequest<?> request) {
        return Answers.answered(() -> {
            var query = new Query(request);
            List<Ticket> page = queue.list(query.text("state").map(ApprovalsDoor::state), query.after(), query.limit());
            Optional<String> next = page.size() < query.limit()
                    ? Optional.empty()
                    : Optional.of(page.getLast().id());
            return Answers.page(page.stream().map(shown::item).toList(), next);
        });
    }

    private static TicketState state(String text) {
        return Arrays.stream(TicketState.values())
                .filter(state -> state.text().equals(text))
                .findFirst()
                .orElseThrow(() -> new MalformedJson("`state` is one of "
                        + Arrays.stream(TicketState.values())
                                .map(TicketState::text)
                                .collect(Collectors.joining(", "))));
    }

    @Get("/{id}")
    HttpResponse<?> show(HttpRequest<?> request, String id) {
        return Answers.answered(() ->
                Answers.json(200, shown.detail(queue.find(id).orElseThrow(() -> unknown(id)))));
    }

    static Refusal unknown(String id) {
        return new Refusal(ProblemType.NOT_FOUND, "there is no approval `" + id + "`; look at the queue again");
    }

    @Post("/{id}/approve")
    HttpResponse<?> approve(HttpRequest<byte[]> request, String id) {
        return Answers.answered(() -> {
            var body = RequestBody.read(request, settings.body(), "argumentsDigest", "reason", "confirm", "scope");
            Caller voter = Callers.of(request);
            Sha256 seen = body.requiredDigest("argumentsDigest");
            String reason = body.text("reason").orElse("");
            Optional<String> confirm = body.text("confirm");
            if (!body.json().has("scope")) return voted(queue.approve(voter, id, seen, reason, confirm));
            var scope = Scope.parse(body.object("scope"));
            return voted(
                    queue.approveWider(voter, id, seen, scopedVotes.approve(voter, id, seen, reason, confirm, scope)));
        });
    }

    @Post("/{id}/deny")
    HttpResponse<?> deny(HttpRequest<byte[]> request, String id) {
        return Answers.answered(() -> {
            var body = RequestBody.read(request, settings.body(), "argumentsDigest", "reason");
            return voted(queue.deny(Callers.of(request), id, body.text("reason").orElse("")));
        });
    }

    /// Votes on several at once; each is a vote of its own, and counts or not by itself.
    @Post("/votes")
    HttpResponse<?> votes(HttpRequest<byte[]> request) {
        return Answers.answered(() -> {
            var body = RequestBody.read(request, settings.body(), "vote", "items", "reason");
            boolean approve = isApproval(body.requiredText("vote"));
            var items = body.json().array("items").orElse(JsonArray.EMPTY).objects();
            if (items.isEmpty() || items.size() > MOST_VOTES)
                throw new MalformedJson("`items` are 1 to " + MOST_VOTES + " of {id, argumentsDigest, confirm?}");
            String reason = body.text("reason").orElse("");
            return Answers.json(
                    200,
                    JsonObject.with(
                                    "items",
                                    new JsonArray(items.stream()
                                            .<Json>map(item -> vote(Callers.of(request), item, approve, reason))
                                            .toList()))
                            .build());
        });
    }

    private static boolean isApproval(String vote) {
        return switch (vote) {
            case "approve" -> true;
            case "deny" -> false;
            default -> throw new MalformedJson("`vote` is `approve` or `deny`");
        };
    }

    private JsonObject vote(Caller caller, JsonObject item, boolean approve, String reason) {
        String id = item.text("id").orElseThrow(() -> new MalformedJson("every item has an `id`"));
        Sha256 seen = new RequestBody(item).requiredDigest("argumentsDigest");
        var result = approve
                ? queue.approve(caller, id, seen, reason, item.text("confirm"))
                : queue.deny(caller, id, reason);
        return JsonObject.with("id", id)
                .with("result", word(result))
                .with("state", queue.find(id).map(ticket -> ticket.state().text()))
                .build();
    }

    private static String word(VoteResult result) {
        return switch (result) {
            case VoteResult.Counted counted -> "counted";
            case VoteResult.Changed changed -> "changed";
            case VoteResult.Closed closed -> "closed";
            case VoteResult.NotEligible refused -> ProblemType.NOT_ELIGIBLE.slug();
            case VoteResult.ArgumentsChanged other -> ProblemType.ARGUMENTS_CHANGED.slug();
            case VoteResult.ConfirmMismatch mismatch -> ProblemType.CONFIRM_MISMATCH.slug();
            case VoteResult.ScopeRefused refused -> ProblemType.SCOPE_REFUSED.slug();
            case VoteResult.NotPossible refused -> ProblemType.CONFLICT.slug();
            case VoteResult.AlreadyClosed over -> ProblemType.TICKET_CLOSED.slug();
            case VoteResult.Unknown unknown -> ProblemType.NOT_FOUND.slug();
        };
    }

    @Post("/{id}/escalate")
    HttpResponse<?> escalate(HttpRequest<byte[]> request, String id) {
        return Answers.answered(() -> {
            var body = RequestBody.read(request, settings.body(), "reason");
            return voted(
                    queue.escalate(Callers.of(request), id, body.text("reason").orElse("")));
        });
    }

    @Post("/{id}/delegate")
    HttpResponse<?> delegate(HttpRequest<byte[]> request, String id) {
        return Answers.answered(() -> {
            var body = RequestBody.read(request, settings.body(), "to", "reason");
            return voted(queue.delegate(
                    Callers.of(request),
                    id,
                    body.requiredText("to"),
                    body.text("reason").orElse("")));
        });
    }

    @Post("/{id}/ask")
    HttpResponse<?> ask(HttpRequest<byte[]> request, String id) {
        return Answers.answered(() -> {
            var body = RequestBody.read(request, settings.body(), "text");
            return voted(queue.ask(Callers.of(request), id, words(body)));
        });
    }

    /// Words of a question or an answer.
    static String words(RequestBody body) {
        String words = body.requiredText("text");
        if (words.length() > LONGEST_WORDS)
            throw new MalformedJson("`text` has at most " + LONGEST_WORDS + " characters");
        return words;
    }

    /// Other arguments for the same tool: a body that names a tool is refused.
    @Post("/{id}/edit")
    HttpResponse<?> edit(HttpRequest<byte[]> request, String id) {
        return Answers.answered(() -> {
            var body = RequestBody.read(request, settings.body(), "argumentsDigest", "arguments", "reason");
            Sha256 seen = body.requiredDigest("argumentsDigest");
            String reason = body.text("reason").orElse("");
            var revised = held.revise(Callers.of(request), id, seen, body.object("arguments"), reason);
            return switch (revised) {
                case HeldCalls.Revised.Done(Ticket ticket) -> Answers.json(200, shown.detail(ticket));
                case HeldCalls.Revised.Objected(VoteResult why) ->
                    voted(queue.edit(Callers.of(request), id, seen, reason, why));
                case HeldCalls.Revised.Refused(Set<RuleId> rules, String why) ->
                    Problems.of(
                            ProblemType.CONFLICT,
                            why,
                            JsonObject.with(
                                            "rules",
                                            JsonArray.ofTexts(rules.stream()
                                                    .map(RuleId::value)
                                                    .sorted()
                                                    .toList()))
                                    .build());
            };
        });
    }

    private HttpResponse<?> voted(VoteResult result) {
        return switch (result) {
            case VoteResult.Counted(Ticket ticket) -> Answers.json(200, shown.detail(ticket));
            case VoteResult.Closed(Ticket ticket) -> Answers.json(200, shown.detail(ticket));
            case VoteResult.Changed(Ticket ticket) -> Answers.json(200, shown.detail(ticket));
            case VoteResult.ScopeRefused(Ticket ticket, String why) -> Problems.of(ProblemType.SCOPE_REFUSED, why);
            case VoteResult.NotPossible(Ticket ticket, String why) -> Problems.of(ProblemType.CONFLICT, why);
            case VoteResult.NotEligible(String why, List<String> who) ->
                Problems.of(
                        ProblemType.NOT_ELIGIBLE,
                        why,
                        JsonObject.with("eligible", JsonArray.ofTexts(who)).build());
            case VoteResult.ArgumentsChanged(Ticket ticket) ->
                Problems.of(
                        ProblemType.ARGUMENTS_CHANGED,
                        "these are not the arguments on hold; look at the approval again and send its `argumentsDigest`");
            case VoteResult.ConfirmMismatch(Ticket ticket) ->
                Problems.of(
                        ProblemType.CONFIRM_MISMATCH,
                        "a rule asks for a value to be typed in `confirm`, and this is not it; see `holds`");
            case VoteResult.AlreadyClosed(Ticket ticket) ->
                Problems.of(
                        ProblemType.TICKET_CLOSED,
                        "the approval is " + ticket.state().text() + " already",
                        JsonObject.with("state", ticket.state().text()).build());
            case VoteResult.Unknown(String ticket) ->
                Problems.of(ProblemType.NOT_FOUND, "there is no approval `" + ticket + "`; look at the queue again");
        };
    }
}
