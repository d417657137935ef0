package dev.guardrail.server.console.approvals;

import dev.guardrail.server.console.Pages;
import dev.guardrail.server.console.Visit;
import dev.guardrail.server.console.Wing;
import dev.guardrail.server.console.approvals.Queue.Tab;
import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Produces;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.util.Arrays;

/// `/console/approvals`: the queue.
@Controller("/console/approvals")
@Produces(MediaType.ALL)
@ExecuteOn(TaskExecutors.BLOCKING)
@Requires(beans = Pages.class)
final class ApprovalsPages {
    private static final Pages.Kind QUEUE = new Pages.Kind("approvals/queue.jte", Wing.APPROVALS, "Approvals");

    private final Pages pages;
    private final Desk desk;

    ApprovalsPages(Pages pages, Desk desk) {
        this.pages = pages;
        this.desk = desk;
    }

    @Get
    HttpResponse<?> queue(HttpRequest<?> request) {
        return pages.answered(request, () -> {
            Visit visit = Visit.of(request);
            return pages.page(request, QUEUE, new QueuePage(desk.queue(visit, tab(request, visit), "")));
        });
    }

    static Tab tab(HttpRequest<?> request, Visit visit) {
        String word = request.getParameters().getFirst("tab").orElse("");
        return Arrays.stream(Tab.values())
                .filter(tab -> tab.word().equals(word))
                .findFirst()
                .orElseGet(() -> Desk.usual(visit));
    }
}
