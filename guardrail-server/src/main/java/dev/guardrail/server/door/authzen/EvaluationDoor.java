package dev.guardrail.server.door.authzen;

import dev.guardrail.approval.ApprovalDesk;
import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.journal.Journal;
import dev.guardrail.pipeline.Guard;
import dev.guardrail.registry.SessionRegistry;
import dev.guardrail.server.door.Callers;
import dev.guardrail.server.door.RefusalBook;
import dev.guardrail.server.problem.Faults;
import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.Produces;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.util.List;
import java.util.function.Supplier;

/// `/access/v1/evaluation` and `/access/v1/evaluations`: may this be done (AuthZEN Authorization API 1.0)? A decision
/// is an answer, 200; a permit is a lease, as after `POST /v1/calls` with `run: caller`.
@Controller("/access/v1")
@Consumes(MediaType.ALL)
@Produces(MediaType.ALL)
@ExecuteOn(TaskExecutors.BLOCKING)
@Requires(beans = {Guard.class, AuthzenSettings.class})
final class EvaluationDoor {
    static final String REQUESTS = "/access/v1/requests";

    private final Evaluator evaluator;

    EvaluationDoor(
            Guard guard,
            SessionRegistry sessions,
            ApprovalDesk desk,
            Journal journal,
            RefusalBook book,
            AuthzenSettings settings) {
        this.evaluator = new Evaluator(
                guard,
                new Mapping(new Places(sessions), settings),
                new Decisions(desk, new Binding(journal)),
                book,
                settings);
    }

    @Post("/evaluation")
    HttpResponse<?> evaluation(HttpRequest<byte[]> request) {
        return answered(() -> evaluator.answer(asker(request, "/access/v1/evaluation"), read(request)));
    }

    @Post("/evaluations")
    HttpResponse<?> evaluations(HttpRequest<byte[]> request) {
        return answered(() -> {
            JsonObject body = read(request);
            var asker = asker(request, "/access/v1/evaluations");
            return Batch.of(body)
                    .map(batch -> several(batch.answered(item -> evaluator.answerOne(asker, item))))
                    .orElseGet(() -> evaluator.answer(asker, body));
        });
    }

    private static JsonObject several(List<Json> answers) {
        return JsonObject.with("evaluations", new JsonArray(answers)).build();
    }

    private JsonObject read(HttpRequest<byte[]> request) {
        return Wire.read(request, evaluator.settings().body());
    }

    private Evaluator.Asker asker(HttpRequest<?> request, String path) {
        return new Evaluator.Asker(
                Callers.of(request),
                "POST " + path,
                Wire.address(request, evaluator.settings().origins()) + REQUESTS);
    }

    private static HttpResponse<?> answered(Supplier<JsonObject> work) {
        return Faults.<HttpResponse<?>>answered(() -> Wire.json(200, work.get()), problem -> problem);
    }
}
