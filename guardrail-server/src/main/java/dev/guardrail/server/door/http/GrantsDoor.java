package dev.guardrail.server.door.http;

import dev.guardrail.approval.ApproversQueue;
import dev.guardrail.approval.GrantBook;
import dev.guardrail.approval.GrantRecord;
import dev.guardrail.approval.GrantState;
import dev.guardrail.approval.Scope;
import dev.guardrail.base.MalformedJson;
import dev.guardrail.base.ProblemType;
import dev.guardrail.journal.Journal;
import dev.guardrail.pipeline.Refusal;
import dev.guardrail.pipeline.ScopedVotes;
import dev.guardrail.server.door.Callers;
import dev.guardrail.server.problem.Problems;
import dev.guardrail.server.sheet.GrantJson;
import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Delete;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.Produces;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// `/v1/grants`: approvals that reach further than one call, what one would have meant, and taking them back.
@Controller("/v1")
@Consumes(MediaType.ALL)
@Produces(MediaType.ALL)
@ExecuteOn(TaskExecutors.BLOCKING)
@Requires(beans = ApproversQueue.class)
final class GrantsDoor {
    private static final int LONGEST_REASON = 4_000;

    private final ApproversQueue queue;
    private final GrantBook grants;
    private final ScopedVotes votes;
    private final GrantJson shown;
    private final DoorSettings settings;

    GrantsDoor(ApproversQueue queue, ScopedVotes votes, Journal journal, DoorSettings settings) {
        this.queue = queue;
        this.grants = queue.desk().grants();
        this.votes = votes;
        this.shown = new GrantJson(journal, queue.desk());
        this.settings = settings;
    }

    @Get("/grants")
    HttpResponse<?> list(HttpRequest<?> request) {
        return Answers.answered(() -> {
            var query = new Query(request);
            List<GrantRecord> page =
                    grants.list(query.text("state").map(GrantsDoor::state), query.after(), query.limit());
            Optional<String> next = page.size() < query.limit()
                    ? Optional.empty()
                    : Optional.of(page.getLast().id());
            return Answers.page(page.stream().map(shown::item).toList(), next);
        });
    }

    private static GrantState state(String text) {
        return Arrays.stream(GrantState.values())
                .filter(state -> state.text().equals(text))
                .findFirst()
                .orElseThrow(() -> new MalformedJson("`state` is one of "
                        + Arrays.stream(GrantState.values())
                                .map(GrantState::text)
                                .collect(Collectors.joining(", "))));
    }

    @Get("/grants/{id}")
    HttpResponse<?> show(String id) {
        return Answers.answered(() ->
                Answers.json(200, shown.detail(grants.find(id).orElseThrow(() -> nothing(id)))));
    }

    /// Takes a grant back; one that is over stays as it ended.
    @Delete("/grants/{id}")
    HttpResponse<?> revoke(HttpRequest<?> request, String id) {
        return Answers.answered(() -> {
            String reason = new Query(request).text("reason").orElse("");
            if (reason.length() > LONGEST_REASON)
                throw new MalformedJson("`reason` has at most " + LONGEST_REASON + " characters");
            return Answers.json(
                    200,
                    shown.detail(grants.revoke(id, Callers.of(request).name(), reason)
                            .orElseThrow(() -> nothing(id))));
        });
    }

    private static Refusal nothing(String id) {
        return new Refusal(ProblemType.NOT_FOUND, "there is no grant `" + id + "`; list them with GET /v1/grants");
    }

    /// What a scope would have meant for the agent's latest calls. It changes nothing.
    @Post("/approvals/{id}/preview")
    HttpResponse<?> preview(HttpRequest<byte[]> request, String id) {
        return Answers.answered(() -> {
            var body = RequestBody.read(request, settings.body(), "scope");
            var scope = Scope.parse(body.object("scope"));
            var ticket = queue.find(id).orElseThrow(() -> ApprovalsDoor.unknown(id));
            Optional<ScopedVotes.Previewed> previewed =
                    votes.preview(id, scope).or(() -> queue.scopeObjection(id).map(ScopedVotes.Previewed.Refused::new));
            return switch (previewed.orElseThrow(() -> ApprovalsDoor.unknown(id))) {
                case ScopedVotes.Previewed.Shown(var preview) ->
                    Answers.json(200, GrantJson.preview(preview, scope.json(), ticket.agent()));
                case ScopedVotes.Previewed.Refused(String why) -> Problems.of(ProblemType.SCOPE_REFUSED, why);
            };
        });
    }
}
