package dev.guardrail.server.console.undo;

import dev.guardrail.base.MalformedJson;
import dev.guardrail.base.ProblemType;
import dev.guardrail.pipeline.Refusal;
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
import java.util.List;
import java.util.concurrent.TimeUnit;

/// `/console/undo`: what can be taken back, what that would come to, and doing it.
@Controller(UndoPages.PATH)
@Consumes(MediaType.ALL)
@Produces(MediaType.ALL)
@ExecuteOn(TaskExecutors.BLOCKING)
@Requires(beans = Pages.class)
final class UndoPages {
    static final String PATH = "/console/undo";
    static final String RUNS = PATH + "/runs";

    private static final int LONGEST_REASON = 2_000;
    private static final int LONGEST_COUNT = 10;

    /// Most seconds that a form is waited for; then its page says how far it is.
    private static final int PATIENCE = 2;

    private static final Pages.Kind LIST = new Pages.Kind("undo/list.jte", Wing.UNDO, "Undo");

    private final Pages pages;
    private final Recent recent;
    private final Plans plans;
    private final Runs runs;

    UndoPages(Pages pages, Recent recent, Plans plans, Runs runs) {
        this.pages = pages;
        this.recent = recent;
        this.plans = plans;
        this.runs = runs;
    }

    @Get
    HttpResponse<?> list(HttpRequest<?> request) {
        return pages.answered(request, () -> {
            String before = parameter(request, "before");
            if (!before.matches("[0-9]{0,18}")) throw new MalformedJson("an entry's place is a whole number");
            return pages.page(request, LIST, recent.page(Visit.of(request), before));
        });
    }

    private static String parameter(HttpRequest<?> request, String name) {
        return request.getParameters().getFirst(name).orElse("");
    }

    @Get("/{id}")
    HttpResponse<?> plan(HttpRequest<?> request, String id) {
        return pages.answered(request, () -> {
            var choice = new Choice(request.getParameters().getAll("call"), parameter(request, "from"));
            return plan(request, 200, plans.plan(Visit.of(request), id, choice, Plans.Fault.NONE));
        });
    }

    private HttpResponse<?> plan(HttpRequest<?> request, int status, PlanPage page) {
        var kind = new Pages.Kind("undo/plan.jte", Wing.UNDO, "Undo / " + page.session());
        return pages.page(request, status, kind, page);
    }

    /// Undoes what a plan showed: the calls that its form names, and no others.
    @Post("/{id}")
    HttpResponse<?> run(HttpRequest<byte[]> request, String id) {
        return pages.answered(request, () -> {
            var form = Form.of(request);
            var visit = Visit.of(request);
            String reason = form.text("reason", LONGEST_REASON).strip();
            List<String> calls = form.all("call").stream().distinct().toList();
            String error = error(
                    calls.size(), reason, form.text("count", LONGEST_COUNT).strip());
            if (!error.isEmpty())
                return plan(request, 422, plans.plan(visit, id, new Choice(calls, ""), new Plans.Fault(error, reason)));
            Run run = plans.start(visit, id, calls, reason);
            await(run);
            return Pages.to(RUNS + "/" + run.id());
        });
    }

    private static String error(int calls, String reason, String count) {
        if (calls == 0) return "Choose at least one call. Nothing was undone.";
        if (calls > Plans.MOST) return "Choose at most " + Plans.MOST + " calls. Nothing was undone.";
        if (reason.isEmpty()) return "Say why: the log keeps it. Nothing was undone.";
        if (!count.equals(String.valueOf(calls)))
            return "Type " + calls + ", the number of calls, to undo them. Nothing was undone.";
        return "";
    }

    private static void await(Run run) {
        try {
            run.end().await(PATIENCE, TimeUnit.SECONDS);
        } catch (InterruptedException hurried) {
            Thread.currentThread().interrupt();
        }
    }

    @Get("/runs/{run}")
    HttpResponse<?> result(HttpRequest<?> request, String run) {
        return pages.answered(request, () -> {
            Run found = runs.find(run)
                    .orElseThrow(() -> new Refusal(
                            ProblemType.NOT_FOUND,
                            "this undo is not remembered any more, as after a start of the guard; the plan of its"
                                    + " session shows how each call stands"));
            var kind = new Pages.Kind(
                    "undo/run.jte", Wing.UNDO, "Undo / " + found.session().value());
            return pages.page(request, kind, plans.result(Visit.of(request), found));
        });
    }
}
