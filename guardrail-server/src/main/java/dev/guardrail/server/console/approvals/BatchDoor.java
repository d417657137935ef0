package dev.guardrail.server.console.approvals;

import dev.guardrail.server.console.Form;
import dev.guardrail.server.console.Pages;
import dev.guardrail.server.console.Visit;
import dev.guardrail.server.console.Wing;
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
import java.util.HashSet;

/// `/console/approvals/batch`: like calls on one page, and votes on those that are picked there.
@Controller("/console/approvals/batch")
@Consumes(MediaType.ALL)
@Produces(MediaType.ALL)
@ExecuteOn(TaskExecutors.BLOCKING)
@Requires(beans = Pages.class)
final class BatchDoor {
    private static final int LONGEST_WORDS = 4_000;
    private static final Pages.Kind BATCH = new Pages.Kind("approvals/batch.jte", Wing.APPROVALS, "Like calls");

    private final Pages pages;
    private final Batches batches;

    BatchDoor(Pages pages, Batches batches) {
        this.pages = pages;
        this.batches = batches;
    }

    @Get
    HttpResponse<?> show(HttpRequest<?> request) {
        return pages.answered(
                request,
                () -> pages.page(
                        request,
                        BATCH,
                        batches.page(Visit.of(request), request.getParameters().getAll("id"), Details.Fault.NONE)));
    }

    @Post
    HttpResponse<?> vote(HttpRequest<byte[]> request) {
        return pages.answered(request, () -> {
            var form = Form.of(request);
            var page = batches.vote(
                    Visit.of(request),
                    new Batches.Try(
                            form.text("token").orElse(""),
                            form.all("item").stream()
                                    .flatMap(item -> Batches.Shown.parse(item).stream())
                                    .toList(),
                            new HashSet<>(form.all("pick")),
                            form.text("vote").orElse("").equals("approve"),
                            form.text("reason", LONGEST_WORDS).strip()));
            return pages.page(request, page.error().isEmpty() ? 200 : 409, BATCH, page);
        });
    }
}
