package dev.guardrail.server.door.http;

import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.call.Caller;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Queued;
import dev.guardrail.pipeline.QueuedCalls;
import dev.guardrail.server.door.Callers;
import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Produces;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// `/v1/outbox`: permitted calls that wait for their time. Agents and hosts see those of their own sessions.
@Controller("/v1/outbox")
@Consumes(MediaType.ALL)
@Produces(MediaType.ALL)
@ExecuteOn(TaskExecutors.BLOCKING)
@Requires(beans = QueuedCalls.class)
final class OutboxDoor {
    private final QueuedCalls queued;

    OutboxDoor(QueuedCalls queued) {
        this.queued = queued;
    }

    @Get
    HttpResponse<?> list(HttpRequest<?> request) {
        return Answers.answered(() -> {
            Caller caller = Callers.of(request);
            var query = new Query(request);
            List<CallRecord> page = queued.list(caller, query.after(), query.limit());
            Optional<String> next = page.size() < query.limit()
                    ? Optional.empty()
                    : Optional.of(page.getLast().id().value());
            return Answers.page(page.stream().map(OutboxDoor::json).toList(), next);
        });
    }

    private static JsonObject json(CallRecord call) {
        Queued put = call.queued().orElseThrow();
        return JsonObject.with("callId", call.id().value())
                .with("session", call.session().value())
                .with("agent", call.agent())
                .with("user", call.user())
                .with("tool", call.tool().toString())
                .with("argumentsDigest", call.argumentsDigest().toString())
                .with("run", call.run().name().toLowerCase(Locale.ROOT))
                .with("rules", JsonArray.ofTexts(call.rules()))
                .with("approval", call.ticket())
                .with("queuedAt", put.since().toString())
                .with("runsAt", put.runsAt().toString())
                .build();
    }
}
