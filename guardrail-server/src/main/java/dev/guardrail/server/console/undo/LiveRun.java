package dev.guardrail.server.console.undo;

import dev.guardrail.server.console.KeyRing;
import dev.guardrail.server.console.LivePart;
import dev.guardrail.server.console.Pages;
import dev.guardrail.server.console.Visit;
import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpParameters;
import jakarta.inject.Singleton;
import java.util.Map;
import java.util.Optional;

/// Undoing at work.
@Singleton
@Requires(beans = KeyRing.class)
final class LiveRun implements LivePart {
    private final Runs runs;
    private final Plans plans;
    private final Pages pages;

    LiveRun(Runs runs, Plans plans, Pages pages) {
        this.runs = runs;
        this.plans = plans;
        this.pages = pages;
    }

    @Override
    public Optional<Part> of(Visit visit, HttpParameters query) {
        return query.getFirst("run")
                .filter(id -> Rows.mayUndo(visit))
                .flatMap(runs::find)
                .map(run -> part(visit, run));
    }

    private Part part(Visit visit, Run run) {
        String signature = run.isOver() + " " + run.tried().size();
        return new Part(
                "run", signature, () -> pages.part("undo/progress.jte", Map.of("page", plans.result(visit, run))));
    }
}
