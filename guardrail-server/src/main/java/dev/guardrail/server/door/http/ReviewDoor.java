package dev.guardrail.server.door.http;

import dev.guardrail.approval.QualityReport;
import dev.guardrail.approval.QualityReport.Axis;
import dev.guardrail.approval.ReviewQuality;
import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.MalformedJson;
import dev.guardrail.call.Caller;
import dev.guardrail.server.door.Callers;
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
import java.util.Arrays;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/// `/v1/approvals/quality`: how people review, in figures that name nobody.
@Controller("/v1/approvals")
@Produces(MediaType.ALL)
@ExecuteOn(TaskExecutors.BLOCKING)
@Requires(beans = ReviewQuality.class)
final class ReviewDoor {
    private static final Duration SINCE = Duration.ofDays(7);
    private static final Duration LONGEST = Duration.ofDays(400);

    private final ReviewQuality quality;

    ReviewDoor(ReviewQuality quality) {
        this.quality = quality;
    }

    @Get("/quality")
    HttpResponse<?> quality(HttpRequest<?> request) {
        return Answers.answered(() -> {
            var query = new Query(request);
            Axis by = query.text("by").map(ReviewDoor::axis).orElse(Axis.RULE);
            boolean peer = !oversees(Callers.of(request));
            var report = quality.report(query.since(SINCE, LONGEST), by, peer, peer);
            return Answers.json(200, json(report, by));
        });
    }

    /// Whose task it is to look at small groups' figures, too, and at what waits. Approvers see the queue itself; a
    /// count
    /// of it beside would tell them what in it is no agent's call.
    private static boolean oversees(Caller caller) {
        return caller.roles().contains("auditor") || caller.roles().contains("admin");
    }

    private static Axis axis(String text) {
        return Arrays.stream(Axis.values())
                .filter(axis -> word(axis).equals(text))
                .findFirst()
                .orElseThrow(() -> new MalformedJson("`by` is one of "
                        + Arrays.stream(Axis.values()).map(ReviewDoor::word).collect(Collectors.joining(", "))));
    }

    private static String word(Axis axis) {
        return axis.name().toLowerCase(Locale.ROOT);
    }

    private static JsonObject json(QualityReport report, Axis by) {
        return JsonObject.with("from", report.from().toString())
                .with("to", report.to().toString())
                .with("complete", report.complete())
                .with("by", word(by))
                .with("quickSeconds", ReviewQuality.READING.toSeconds())
                .with("total", figures(report.total()).build())
                .with(
                        "items",
                        new JsonArray(report.rows().stream()
                                .<Json>map(ReviewDoor::row)
                                .toList()))
                .build();
    }

    private static JsonObject row(QualityReport.Row row) {
        var json = JsonObject.with("name", row.name());
        row.people().ifPresent(people -> json.with("people", people));
        return json.withAll(figures(row.figures()).build().members()).build();
    }

    private static JsonObject.Builder figures(QualityReport.Figures figures) {
        var json = JsonObject.builder()
                .with("opened", figures.opened())
                .with("pending", figures.pending())
                .with("decided", figures.decided())
                .with("approved", figures.approved())
                .with("denied", figures.denied())
                .with("expired", figures.expired())
                .with("cancelled", figures.cancelled())
                .with("repeats", figures.repeats())
                .with("askedAgainAfterDenial", figures.afterDenial())
                .with("quickApprovals", figures.quick());
        figures.median().ifPresent(span -> json.with("p50Seconds", seconds(span)));
        figures.slow().ifPresent(span -> json.with("p95Seconds", seconds(span)));
        share(json, "rejectRate", figures.rejectRate());
        share(json, "expiredShare", figures.expiredShare());
        share(json, "repeatShare", figures.repeatShare());
        return json;
    }

    private static JsonNumber seconds(Duration span) {
        return JsonNumber.of(span.toMillis() / 1_000.0);
    }

    /// To three digits; absent where nothing is there to be a part of.
    private static void share(JsonObject.Builder json, String name, OptionalDouble share) {
        share.ifPresent(value -> json.with(name, JsonNumber.of(Math.round(value * 1_000) / 1_000.0)));
    }
}
