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
import dev.guardrail.undo.UndoPart;
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
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/// Takes calls back: one, those of a session, or all since a time. Approvers and admins do, under policy like any call.
@Controller("/v1")
@Consumes(MediaType.ALL)
@Produces(MediaType.ALL)
@ExecuteOn(TaskExecutors.BLOCKING)
@Requires(beans = Undoing.class)
final class UndoDoor {
    private static final int LONGEST_REASON = 2_000;
    private static final int MOST = 1_000_000;

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
            var body = RequestBody.read(request, settings.body(), "plan", "only", "from", "since", "most", "reason");
            Undoing.Wish wish = wish(request, body);
            return Answers.json(200, shown(undoing.session(new SessionId(id), part(body), wish), wish));
        });
    }

    @Post("/undo")
    HttpResponse<?> since(HttpRequest<byte[]> request) {
        return Answers.answered(() -> {
            var body = RequestBody.read(request, settings.body(), "plan", "since", "agent", "only", "most", "reason");
            Undoing.Wish wish = wish(request, body);
            Instant since = time(body.requiredText("since"));
            Set<CallId> only = body.json().has("only") ? only(body) : Set.of();
            return Answers.json(200, shown(undoing.since(since, body.text("agent"), only, wish), wish));
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
        int most = body.json().has("most") ? body.count("most", MOST) : Integer.MAX_VALUE;
        return new Undoing.Wish(Callers.of(request), plan, reason, most);
    }

    private static UndoPart part(RequestBody body) {
        List<String> named = Stream.of("only", "from", "since")
                .filter(member -> body.json().has(member))
                .toList();
        if (named.size() > 1)
            throw new MalformedJson("`" + String.join("` and `", named) + "` say two different things; keep one");
        if (named.isEmpty()) return new UndoPart.All();
        return switch (named.getFirst()) {
            case "only" -> new UndoPart.Only(only(body));
            case "from" -> new UndoPart.From(new CallId(body.requiredText("from")));
            default -> new UndoPart.Since(time(body.requiredText("since")));
        };
    }

    private static Instant time(String text) {
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeParseException malformed) {
            throw new MalformedJson("`since` is a time such as `2026-11-20T10:00:00Z`");
        }
    }

    private static Set<CallId> only(RequestBody body) {
        var only = new LinkedHashSet<CallId>();
        List<String> named = body.json()
                .array("only")
                .map(JsonArray::texts)
                .filter(texts -> !texts.isEmpty())
                .orElseThrow(() -> new MalformedJson("`only` is a list of ids of calls, and not empty"));
        named.forEach(id -> only.add(new CallId(id)));
        return only;
    }

    private static JsonObject shown(UndoPlan undone, Undoing.Wish wish) {
        return JsonObject.builder()
                .with("session", undone.session().map(SessionId::value))
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
                .with("session", step.session().value())
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
