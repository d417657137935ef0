package dev.guardrail.server.door.http;

import dev.guardrail.approval.Canaries;
import dev.guardrail.approval.Canary;
import dev.guardrail.approval.CanaryReport;
import dev.guardrail.approval.Planting;
import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.ProblemType;
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
import java.time.Duration;

/// `/v1/approvals/canaries`: what approvers made of requests that were made up to test them, and one more of these now.
@Controller("/v1/approvals/canaries")
@Consumes(MediaType.ALL)
@Produces(MediaType.ALL)
@ExecuteOn(TaskExecutors.BLOCKING)
@Requires(beans = Canaries.class)
final class CanariesDoor {
    private static final Duration SINCE = Duration.ofDays(90);
    private static final Duration LONGEST = Duration.ofDays(400);

    private final Canaries canaries;
    private final DoorSettings settings;

    CanariesDoor(Canaries canaries, DoorSettings settings) {
        this.canaries = canaries;
        this.settings = settings;
    }

    @Get
    HttpResponse<?> report(HttpRequest<?> request) {
        return Answers.answered(() ->
                Answers.json(200, json(canaries.report(new Query(request).since(SINCE, LONGEST)))));
    }

    @Post
    HttpResponse<?> plant(HttpRequest<byte[]> request) {
        return Answers.answered(() -> {
            RequestBody.read(request, settings.body());
            return switch (canaries.plant(Callers.of(request).name())) {
                case Planting.Planted(Canary canary) ->
                    Answers.json(
                            201,
                            JsonObject.with("id", canary.guise().id())
                                    .with("callId", canary.guise().call().value())
                                    .with("tool", canary.guise().tool().toString())
                                    .with(
                                            "expiresAt",
                                            canary.guise().expiresAt().toString())
                                    .build());
                case Planting.Refused(String why) -> Problems.of(ProblemType.CONFLICT, why);
            };
        });
    }

    private static JsonObject json(CanaryReport report) {
        return JsonObject.with("from", report.from().toString())
                .with("to", report.to().toString())
                .with("complete", report.complete())
                .with("total", figures(report.total()).build())
                .with(
                        "items",
                        new JsonArray(report.rows().stream()
                                .<Json>map(row -> JsonObject.with("name", row.name())
                                        .with("people", row.people())
                                        .withAll(figures(row.figures()).build().members())
                                        .build())
                                .toList()))
                .build();
    }

    private static JsonObject.Builder figures(CanaryReport.Figures figures) {
        var json = JsonObject.with("planted", JsonNumber.of(figures.planted()))
                .with("pending", figures.pending())
                .with("n", figures.missed() + figures.caught())
                .with("missed", figures.missed())
                .with("caught", figures.caught())
                .with("silent", figures.silent())
                .with("handled", figures.handled());
        figures.missRate().ifPresent(rate -> json.with("missRate", JsonNumber.of(Math.round(rate * 1_000) / 1_000.0)));
        return json;
    }
}
