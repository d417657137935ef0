package dev.guardrail.server.console.control;

import dev.guardrail.approval.ApproversQueue;
import dev.guardrail.approval.GrantBook;
import dev.guardrail.approval.GrantRecord;
import dev.guardrail.approval.GrantState;
import dev.guardrail.base.ProblemType;
import dev.guardrail.pipeline.Refusal;
import dev.guardrail.server.console.Badge;
import dev.guardrail.server.console.Bit;
import dev.guardrail.server.console.Form;
import dev.guardrail.server.console.Pages;
import dev.guardrail.server.console.Visit;
import dev.guardrail.server.console.Wing;
import dev.guardrail.server.sheet.Legible;
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
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// `/console/grants`: approvals that are remembered, and taking them back.
@Controller("/console/grants")
@Consumes(MediaType.ALL)
@Produces(MediaType.ALL)
@ExecuteOn(TaskExecutors.BLOCKING)
@Requires(beans = Pages.class)
final class GrantsPages {
    private static final int MOST = 200;
    private static final int LONGEST_REASON = 4_000;
    private static final String PATH = "/console/grants";
    private static final Pages.Kind GRANTS = new Pages.Kind("grants.jte", Wing.GRANTS, "Grants");

    private final Pages pages;
    private final GrantBook grants;

    GrantsPages(Pages pages, ApproversQueue queue) {
        this.pages = pages;
        this.grants = queue.desk().grants();
    }

    @Get
    HttpResponse<?> list(HttpRequest<?> request) {
        return pages.answered(request, () -> {
            String word = request.getParameters().getFirst("state").orElse("");
            GrantState state = Arrays.stream(GrantState.values())
                    .filter(each -> each.text().equals(word))
                    .findFirst()
                    .orElse(GrantState.ACTIVE);
            List<GrantsPage.Item> items = grants.list(Optional.of(state), "", MOST).stream()
                    .sorted(Comparator.comparing(GrantRecord::id).reversed())
                    .map(this::item)
                    .toList();
            var page = new GrantsPage(
                    state.text(),
                    Arrays.stream(GrantState.values()).map(GrantState::text).toList(),
                    items,
                    Visit.of(request).isAny("approver", "admin"));
            return pages.page(request, GRANTS, page);
        });
    }

    private GrantsPage.Item item(GrantRecord grant) {
        GrantState state = grants.state(grant);
        return new GrantsPage.Item(
                grant.id(),
                Badge.of(state),
                state == GrantState.ACTIVE,
                Bit.of(Legible.line(grant.agent())),
                Bit.of(Legible.line(grant.tool().toString())),
                Scopes.words(grant.scope()),
                grant.step()
                        .map(step -> "Call " + step + " of a plan; taking it back takes back the rest of the plan.")
                        .orElse(""),
                grant.used() + " of " + grant.scope().calls(),
                grant.scope()
                        .reach()
                        .sum()
                        .map(sum -> grant.spent().toPlainString() + " of "
                                + sum.max().toPlainString())
                        .orElse(""),
                grant.until().toString(),
                String.join(", ", grant.approvers()),
                grant.ticket(),
                ended(grant));
    }

    private List<Bit> ended(GrantRecord grant) {
        return grant.ending()
                .map(how -> Bit.of(Legible.line((how.by().isEmpty() ? "" : "by " + how.by() + " ") + "at " + how.at()
                        + grants.reason(grant).map(words -> ": " + words).orElse(""))))
                .orElse(List.of());
    }

    @Post("/{id}/revoke")
    HttpResponse<?> revoke(HttpRequest<byte[]> request, String id) {
        return pages.answered(request, () -> {
            String reason = Form.of(request).text("reason", LONGEST_REASON);
            GrantRecord over = grants.revoke(id, Visit.of(request).name(), reason)
                    .orElseThrow(() -> new Refusal(ProblemType.NOT_FOUND, "there is no grant `" + id + "`"));
            String what = over.step().isPresent() ? "Taken back, with all that was left of its plan." : "Taken back.";
            return pages.to(request, PATH, what + " People are asked again from the next call on.");
        });
    }
}
