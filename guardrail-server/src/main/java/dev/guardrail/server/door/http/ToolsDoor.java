package dev.guardrail.server.door.http;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.ProblemType;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.Caller;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.call.ToolName;
import dev.guardrail.pipeline.Difference;
import dev.guardrail.pipeline.Guard;
import dev.guardrail.pipeline.Pins;
import dev.guardrail.pipeline.Refusal;
import dev.guardrail.pipeline.Standing;
import dev.guardrail.server.door.Callers;
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
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;

/// `/v1/tools`: the pinned catalogue. Agents and hosts see what could be permitted; operators see how each tool stands.
@Controller("/v1/tools")
@Consumes(MediaType.ALL)
@Produces(MediaType.ALL)
@ExecuteOn(TaskExecutors.BLOCKING)
@Requires(beans = Pins.class)
final class ToolsDoor {
    private final Pins pins;
    private final Guard guard;
    private final DoorSettings settings;

    ToolsDoor(Pins pins, Guard guard, DoorSettings settings) {
        this.pins = pins;
        this.guard = guard;
        this.settings = settings;
    }

    /// A tool and how it is shown.
    private record Line(String name, JsonObject json) {}

    @Get
    HttpResponse<?> list(HttpRequest<?> request) {
        return Answers.answered(() -> {
            Caller caller = Callers.of(request);
            var query = new Query(request);
            List<Line> page = settings.servers().stream()
                    .filter(query.text("server")
                            .map(only -> (java.util.function.Predicate<String>) only::equals)
                            .orElse(server -> true))
                    .flatMap(server -> lines(caller, server))
                    .filter(line -> line.name().compareTo(query.after()) > 0)
                    .sorted(java.util.Comparator.comparing(Line::name))
                    .limit(query.limit())
                    .toList();
            Optional<String> next = page.size() < query.limit()
                    ? Optional.empty()
                    : Optional.of(page.getLast().name());
            return Answers.page(page.stream().map(Line::json).toList(), next);
        });
    }

    private Stream<Line> lines(Caller caller, String server) {
        return caller.kind() == Caller.Kind.OPERATOR
                ? pins.states(server).stream().map(this::line)
                : visible(caller, server).map(ToolsDoor::line);
    }

    /// A host has no session of its own until it opens one: it is shown what its agents' catalogue holds.
    private Stream<ToolDefinition> visible(Caller caller, String server) {
        return caller.kind() == Caller.Kind.HOST ? pins.list(server).stream() : guard.visible(caller, server).stream();
    }

    private static Line line(ToolDefinition tool) {
        return new Line(
                tool.name().toString(),
                JsonObject.with("tool", tool.name().toString())
                        .with("digest", tool.digest().toString())
                        .with("definition", tool.definition())
                        .build());
    }

    private Line line(Standing standing) {
        return new Line(standing.tool().toString(), json(standing));
    }

    private JsonObject json(Standing standing) {
        var json = JsonObject.with("tool", standing.tool().toString())
                .with("state", standing.state().text())
                .with("digest", standing.digest().map(Sha256::toString))
                .with("offered", standing.offered().map(Sha256::toString));
        standing.definition().ifPresent(definition -> json.with("definition", definition));
        standing.change().ifPresent(change -> json.with("change", change));
        List<Json> differences =
                standing.differences().stream().<Json>map(Difference::json).toList();
        if (!differences.isEmpty()) json.with("differences", new JsonArray(differences));
        if (!standing.findings().isEmpty()) json.with("findings", JsonArray.ofTexts(standing.findings()));
        pins.find(standing.tool())
                .ifPresent(tool -> json.with("effect", tool.effect().text())
                        .with("labels", JsonArray.ofTexts(new TreeSet<>(tool.labels())))
                        .with("taints", JsonArray.ofTexts(new TreeSet<>(tool.taints())))
                        .with("idempotent", tool.idempotent()));
        return json.build();
    }

    @Post("/{tool}/accept")
    HttpResponse<?> accept(HttpRequest<byte[]> request, String tool) {
        return Answers.answered(() -> {
            var body = RequestBody.read(request, settings.body(), "digest");
            ToolName name = CallsDoor.tool(tool);
            pins.accept(name, body.requiredDigest("digest"), Callers.of(request).name());
            return Answers.json(
                    200,
                    json(pins.state(name)
                            .orElseThrow(() ->
                                    new Refusal(ProblemType.NOT_FOUND, "no server lists a tool `" + name + "`"))));
        });
    }
}
