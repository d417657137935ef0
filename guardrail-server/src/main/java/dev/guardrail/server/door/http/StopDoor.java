package dev.guardrail.server.door.http;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.MalformedJson;
import dev.guardrail.base.ProblemType;
import dev.guardrail.call.SessionId;
import dev.guardrail.call.ToolName;
import dev.guardrail.pipeline.Refusal;
import dev.guardrail.registry.SessionRegistry;
import dev.guardrail.server.door.AgentNames;
import dev.guardrail.server.door.Callers;
import dev.guardrail.stop.KillSwitch;
import dev.guardrail.stop.Scope;
import dev.guardrail.stop.Stop;
import dev.guardrail.stop.Swept;
import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Delete;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.Produces;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/// `/v1/stop`: the kill switch. Approvers and admins stop, admins lift.
@Controller("/v1/stop")
@Consumes(MediaType.ALL)
@Produces(MediaType.ALL)
@ExecuteOn(TaskExecutors.BLOCKING)
@Requires(beans = KillSwitch.class)
final class StopDoor {
    private static final int LONGEST_REASON = 2_000;

    private final KillSwitch kill;
    private final SessionRegistry sessions;
    private final AgentNames agents;
    private final DoorSettings settings;

    StopDoor(KillSwitch kill, SessionRegistry sessions, AgentNames agents, DoorSettings settings) {
        this.kill = kill;
        this.sessions = sessions;
        this.agents = agents;
        this.settings = settings;
    }

    @Post
    HttpResponse<?> stop(HttpRequest<byte[]> request) {
        return Answers.answered(() -> {
            var body = RequestBody.read(request, settings.body(), "scope", "id", "reason");
            Scope scope = scope(body.requiredText("scope"));
            String subject = subject(scope, body);
            String reason = body.requiredText("reason");
            if (reason.length() > LONGEST_REASON)
                throw new MalformedJson("`reason` has at most " + LONGEST_REASON + " characters");
            var ordered = kill.order(scope, subject, Callers.of(request).name(), reason);
            return Answers.json(201, ordered(ordered));
        });
    }

    private static Scope scope(String word) {
        try {
            return Scope.parse(word);
        } catch (IllegalArgumentException unknown) {
            throw new MalformedJson("`scope` is all, agent, session, tool or server");
        }
    }

    /// A misspelt name would stop nothing, and whoever stops is in a hurry.
    private String subject(Scope scope, RequestBody body) {
        if (scope == Scope.ALL) {
            if (body.text("id").isPresent()) throw new MalformedJson("a stop of all has no `id`");
            return "";
        }
        String id = body.requiredText("id");
        switch (scope) {
            case ALL -> {}
            case AGENT -> known("agent", id, agents.all());
            case SERVER -> known("server", id, settings.servers());
            case TOOL -> known("server", tool(id).server(), settings.servers());
            case SESSION -> {
                if (sessions.find(new SessionId(id)).isEmpty())
                    throw new Refusal(ProblemType.NOT_FOUND, "there is no session `" + id + "` here");
            }
        }
        return id;
    }

    private static ToolName tool(String id) {
        try {
            return ToolName.parse(id);
        } catch (IllegalArgumentException malformed) {
            throw new MalformedJson("the `id` of a tool is a server's name, a dot and a tool's name");
        }
    }

    private static void known(String what, String name, Collection<String> names) {
        if (!names.contains(name))
            throw new Refusal(
                    ProblemType.NOT_FOUND,
                    "there is no " + what + " `" + name + "` here, and nothing was stopped; there are: "
                            + String.join(", ", new TreeSet<>(names)));
    }

    @Get
    HttpResponse<?> list(HttpRequest<?> request) {
        return Answers.answered(() -> {
            var query = new Query(request);
            List<Stop> page = kill.inForce().stream()
                    .filter(stop -> stop.id().compareTo(query.after()) > 0)
                    .limit(query.limit())
                    .toList();
            Optional<String> next = page.size() < query.limit()
                    ? Optional.empty()
                    : Optional.of(page.getLast().id());
            return Answers.page(page.stream().map(this::shown).toList(), next);
        });
    }

    @Delete("/{id}")
    HttpResponse<?> lift(HttpRequest<?> request, String id) {
        return Answers.answered(() -> Answers.json(
                200,
                shown(kill.lift(id, Callers.of(request).name())
                        .orElseThrow(() -> new Refusal(ProblemType.NOT_FOUND, "there is no stop `" + id + "` here")))));
    }

    private JsonObject ordered(KillSwitch.Ordered ordered) {
        JsonObject shown = shown(ordered.stop());
        return ordered.swept().map(swept -> shown.set("swept", json(swept))).orElse(shown);
    }

    private static JsonObject json(Swept swept) {
        return JsonObject.builder()
                .with("approvals", swept.holds())
                .with("leases", swept.leases())
                .with("queued", swept.queued())
                .with("running", swept.runs())
                .build();
    }

    private JsonObject shown(Stop stop) {
        var json = JsonObject.with("id", stop.id()).with("scope", stop.scope().text());
        if (!stop.subject().isEmpty()) json.with("target", stop.subject());
        return json.with("reason", kill.reason(stop))
                .with("by", stop.by())
                .with("at", stop.at().toString())
                .with("liftedBy", stop.lifted().map(Stop.Lifting::by))
                .with("liftedAt", stop.lifted().map(lifting -> lifting.at().toString()))
                .build();
    }
}
