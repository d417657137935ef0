package dev.guardrail.server.door.http;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.MalformedJson;
import dev.guardrail.base.ProblemType;
import dev.guardrail.call.CallId;
import dev.guardrail.call.SessionId;
import dev.guardrail.pipeline.Refusal;
import dev.guardrail.pipeline.Undoing;
import dev.guardrail.server.door.Callers;
import dev.guardrail.undo.UndoPlan;
import dev.guardrail.undo.UndoStep;
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
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// Takes calls back: one, or those of a session. Approvers and admins do, under policy like any call.
@Controller("/v1")
@Consumes(MediaType.ALL)
@Produces(MediaType.ALL)
@ExecuteOn(TaskExecutors.BLOCKING)
@Requires(beans = Undoing.class)
final class UndoDoor {
    private static final int LONGEST_REASON = 2_000;

    private final Undoing undoing;
    private final DoorSettings settings;

    UndoDoor(Undoing undoing, DoorSettings settings) {
        this.undoing = undoing;
        this.settings = settings;
    }

    @Post("/calls/{id}/undo")
    HttpResponse<?> call(HttpRequest<byte[]> request, String id) {
        return Answers.answered(() -> {
            var body = RequestBody.read(request, settings.body(), "plan", "reason");
            Undoing.Wish wish = wish(request, body);
            UndoPlan undone = undoing.call(new CallId(id), wish);
            if (!wish.plan()) refuse(undone.steps().getFirst());
            boolean held = undone.steps().getFirst().state() == UndoStep.State.HELD;
            return Answers.json(held ? 202 : 200, shown(undone, wish));
        });
    }

    @Post("/sessions/{id}/undo")
    HttpResponse<?> session(HttpRequest<byte[]> request, String id) {
        return Answers.answered(() -> {
            var body = RequestBody.read(request, settings.body(), "plan", "only", "reason");
            Undoing.Wish wish = wish(request, body);
            return Answers.json(200, shown(undoing.session(new SessionId(id), only(body), wish), wish));
        });
    }

    /// What stands against one call by itself is an error; among others it is one of their answers.
    private static void refuse(UndoStep step) {
        if (step.state() == UndoStep.State.CANNOT)
            throw new Refusal(ProblemType.NOT_UNDOABLE, "the call cannot be undone: " + step.why());
        if (step.state() == UndoStep.State.CONFLICT)
            throw new Refusal(ProblemType.CONFLICT, "nothing was undone: " + step.why());
    }

    private static Undoing.Wish wish(HttpRequest<byte[]> request, RequestBody body) {
        boolean plan = body.json().has("plan") && body.requiredBool("plan");
        String reason = plan ? body.text("reason").orElse("") : body.requiredText("reason");
        if (reason.length() > LONGEST_REASON)
            throw new MalformedJson("`reason` has at most " + LONGEST_REASON + " characters");
        return new Undoing.Wish(Callers.of(request), plan, reason);
    }

    private static Set<CallId> only(RequestBody body) {
        var only = new LinkedHashSet<CallId>();
        if (!body.json().has("only")) return only;
        List<String> named = body.json()
                .array("only")
                .map(JsonArray::texts)
                .filter(texts -> !texts.isEmpty())
                .orElseThrow(() -> new MalformedJson("`only` is a list of ids of calls, and not empty"));
        named.forEach(id -> only.add(new CallId(id)));
        return only;
    }

    private static JsonObject shown(UndoPlan undone, Undoing.Wish wish) {
        return JsonObject.with("session", undone.session().value())
                .with("plan", wish.plan())
                .with("complete", undone.isComplete())
                .with(
                        "steps",
                        new JsonArray(undone.steps().stream()
                                .<Json>map(UndoDoor::shown)
                                .toList()))
                .build();
    }

    private static JsonObject shown(UndoStep step) {
        var json = JsonObject.with("call", step.call().value())
                .with("tool", step.tool().toString())
                .with("exactness", step.exactness().text())
                .with("state", step.state().text());
        if (!step.why().isEmpty()) json.with("why", step.why());
        json.with("by", step.by().map(CallId::value)).with("approval", step.approval());
        if (step.asks()) json.with("asks", true);
        if (!step.after().isEmpty())
            json.with(
                    "after",
                    JsonArray.ofTexts(step.after().stream().map(CallId::value).toList()));
        return json.build();
    }
}
