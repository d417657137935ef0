package dev.guardrail.server.console.approvals;

import dev.guardrail.approval.QualityReport;
import dev.guardrail.approval.ReviewQuality;
import dev.guardrail.approval.Ticket;
import dev.guardrail.server.console.Pages;
import dev.guardrail.server.console.Visit;
import dev.guardrail.server.console.Wing;
import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Produces;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.time.Duration;

/// `/console/approvals`: the queue, one request with all that is to be seen of it, and how people review.
@Controller("/console/approvals")
@Produces(MediaType.ALL)
@ExecuteOn(TaskExecutors.BLOCKING)
@Requires(beans = Pages.class)
final class ApprovalsPages {
    private static final Duration REVIEWED = Duration.ofDays(7);
    private static final Pages.Kind QUEUE = new Pages.Kind("approvals/queue.jte", Wing.APPROVALS, "Approvals");
    private static final Pages.Kind QUALITY = new Pages.Kind("approvals/quality.jte", Wing.APPROVALS, "Review quality");

    private final Pages pages;
    private final Desk desk;
    private final Details details;
    private final ReviewQuality quality;

    ApprovalsPages(Pages pages, Desk desk, Details details, ReviewQuality quality) {
        this.pages = pages;
        this.desk = desk;
        this.details = details;
        this.quality = quality;
    }

    @Get
    HttpResponse<?> queue(HttpRequest<?> request) {
        return pages.answered(request, () -> {
            Visit visit = Visit.of(request);
            Queue queue = desk.queue(visit, View.of(request.getParameters(), visit), "");
            return pages.page(request, queue.fault() == null ? 200 : 400, QUEUE, new QueuePage(queue));
        });
    }

    /// Small groups' figures, and those of what waits, are for whose task it is to look at them.
    @Get("/quality")
    HttpResponse<?> quality(HttpRequest<?> request) {
        return pages.answered(request, () -> {
            boolean peer = !Visit.of(request).seesSources();
            QualityReport report = quality.report(REVIEWED, QualityReport.Axis.RULE, peer, peer);
            return pages.page(request, QUALITY, QualityPage.of(report));
        });
    }

    @Get("/{id}")
    HttpResponse<?> show(HttpRequest<?> request, String id) {
        return pages.answered(request, () -> page(request, id, 200, Details.Fault.NONE));
    }

    /// The page again, after a try that did nothing.
    HttpResponse<?> again(HttpRequest<?> request, String id, int status, Details.Fault fault) {
        return page(request, id, status, fault);
    }

    private HttpResponse<?> page(HttpRequest<?> request, String id, int status, Details.Fault fault) {
        Visit visit = Visit.of(request);
        Ticket ticket = desk.find(id);
        View view = View.of(request.getParameters(), visit);
        var kind = new Pages.Kind("approvals/detail.jte", Wing.APPROVALS, "Approvals / " + id);
        return pages.page(request, status, kind, details.of(visit, view, ticket, Asked.of(request), fault));
    }
}
