package dev.guardrail.server.door.http;

import dev.guardrail.approval.ApprovalDesk;
import dev.guardrail.approval.Ticket;
import dev.guardrail.approval.TicketState;
import dev.guardrail.approval.VoteResult;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.MalformedJson;
import dev.guardrail.base.ProblemType;
import dev.guardrail.journal.Journal;
import dev.guardrail.pipeline.Refusal;
import dev.guardrail.server.door.Callers;
import dev.guardrail.server.problem.Problems;
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
import java.util.stream.Collectors;

/// `/v1/approvals`: the queue, one request in full, and votes.
@Controller("/v1/approvals")
@Consumes(MediaType.ALL)
@Produces(MediaType.ALL)
@ExecuteOn(TaskExecutors.BLOCKING)
@Requires(beans = ApprovalDesk.class)
final class ApprovalsDoor {
    private final ApprovalDesk desk;
    private final TicketJson shown;
    private final DoorSettings settings;

    ApprovalsDoor(ApprovalDesk desk, Journal journal, DoorSettings settings) {
        this.desk = desk;
        this.shown = new TicketJson(journal, desk);
        this.settings = settings;
    }

    @Get
    HttpResponse<?> list(HttpRequest<?> request) {
        return Answers.answered(() -> {
            var query = new Query(request);
            List<Ticket> page = desk.list(query.text("state").map(ApprovalsDoor::state), query.after(), query.limit());
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
        return Answers.answered(() -> Answers.json(
                200,
                shown.detail(desk.find(id)
                        .orElseThrow(() -> new Refusal(
                                ProblemType.NOT_FOUND,
                                "there is no approval `" + id + "`; look at the queue again")))));
    }

    @Post("/{id}/approve")
    HttpResponse<?> approve(HttpRequest<byte[]> request, String id) {
        return Answers.answered(() -> {
            var body = RequestBody.read(request, settings.body(), "argumentsDigest", "reason", "confirm", "scope");
            if (body.json().has("scope"))
                throw new MalformedJson("`scope` is known but not carried out by this version; leave it out");
            return voted(desk.approve(
                    Callers.of(request),
                    id,
                    body.requiredDigest("argumentsDigest"),
                    body.text("reason").orElse(""),
                    body.text("confirm")));
        });
    }

    @Post("/{id}/deny")
    HttpResponse<?> deny(HttpRequest<byte[]> request, String id) {
        return Answers.answered(() -> {
            var body = RequestBody.read(request, settings.body(), "argumentsDigest", "reason");
            return voted(desk.deny(Callers.of(request), id, body.text("reason").orElse("")));
        });
    }

    private HttpResponse<?> voted(VoteResult result) {
        return switch (result) {
            case VoteResult.Counted(Ticket ticket) -> Answers.json(200, shown.detail(ticket));
            case VoteResult.Closed(Ticket ticket) -> Answers.json(200, shown.detail(ticket));
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
