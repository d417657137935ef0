package dev.guardrail.server.door.http;

import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.ProblemType;
import dev.guardrail.server.door.Readiness;
import dev.guardrail.server.problem.Problems;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Produces;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.nio.charset.StandardCharsets;

/// `/health` and `/metrics`: how the guard itself is.
@Controller
@Produces(MediaType.ALL)
@Requires(beans = Readiness.class)
final class HealthDoor {
    private static final String EXPOSITION = "text/plain; version=0.0.4; charset=utf-8";

    private final Readiness readiness;
    private final PrometheusMeterRegistry meters;

    HealthDoor(Readiness readiness, PrometheusMeterRegistry meters) {
        this.readiness = readiness;
        this.meters = meters;
    }

    @Get("/health/live")
    HttpResponse<?> live() {
        return Answers.json(200, JsonObject.with("status", "up").build());
    }

    @Get("/health/ready")
    @ExecuteOn(TaskExecutors.BLOCKING)
    HttpResponse<?> ready() {
        return Answers.answered(() -> readiness
                .fault()
                .<HttpResponse<?>>map(reason -> Problems.of(
                        ProblemType.JOURNAL_UNAVAILABLE,
                        "no call can be judged now",
                        JsonObject.with("reason", reason).build()))
                .orElseGet(() -> Answers.json(200, up())));
    }

    private JsonObject up() {
        var worries = readiness.worries();
        var up = JsonObject.with("status", "up");
        return worries.isEmpty()
                ? up.build()
                : up.with("worries", JsonArray.ofTexts(worries)).build();
    }

    @Get("/metrics")
    @ExecuteOn(TaskExecutors.BLOCKING)
    HttpResponse<?> metrics() {
        return Answers.answered(() -> HttpResponse.ok(meters.scrape().getBytes(StandardCharsets.UTF_8))
                .contentType(MediaType.of(EXPOSITION)));
    }
}
