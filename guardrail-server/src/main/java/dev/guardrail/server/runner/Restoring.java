package dev.guardrail.server.runner;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonBoolean;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.base.Printable;
import dev.guardrail.base.ProblemType;
import dev.guardrail.call.DecisionRequest;
import dev.guardrail.call.Purpose;
import dev.guardrail.call.ToolName;
import dev.guardrail.journal.Lease;
import dev.guardrail.pipeline.Attendance;
import dev.guardrail.pipeline.Looks;
import dev.guardrail.pipeline.Outcome;
import dev.guardrail.pipeline.Runner;
import dev.guardrail.undo.Compensator;
import dev.guardrail.undo.Hindrance;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A compensator as the tools `undo:look` and `undo:restore` of its server.
public final class Restoring implements Runner, Looks, Closeable {
    private static final Logger LOG = LoggerFactory.getLogger(Restoring.class);

    /// Longest clause of why a state cannot be kept, in characters.
    private static final int CLAUSE = 300;

    private final Compensator compensator;

    public Restoring(Compensator compensator) {
        this.compensator = compensator;
    }

    /// The definitions of both tools.
    public List<JsonObject> definitions() {
        JsonObject target = compensator.target();
        JsonObject properties = target.object("properties").orElse(JsonObject.EMPTY);
        var needed = new ArrayList<Json>(
                target.array("required").map(JsonArray::items).orElse(List.of()));
        needed.add(new JsonText("state"));
        needed.add(new JsonText("expect"));
        JsonObject restore = target.set(
                        "properties", properties.set("state", type("object")).set("expect", type("string")))
                .set("required", new JsonArray(needed));
        return List.of(
                tool(
                        ToolName.LOOK,
                        "Reads a state, to be put back.",
                        target.set("properties", properties.set(ToolName.AGAIN, type("object")))),
                tool(ToolName.RESTORE, "Puts back a state that was read.", restore));
    }

    private static JsonObject type(String name) {
        return JsonObject.with("type", name).build();
    }

    private static JsonObject tool(String name, String description, JsonObject schema) {
        return JsonObject.with("name", name)
                .with("description", description)
                .with("inputSchema", schema)
                .build();
    }

    @Override
    public Outcome look(DecisionRequest question, Duration atMost) {
        if (!question.action().tool().name().equals(ToolName.LOOK))
            return new Outcome.NotRun(ProblemType.UPSTREAM_FAILED, "the guard does not look at its own servers so");
        var seen = new CompletableFuture<Outcome>();
        Thread looking = Thread.ofVirtual().name("guardrail-look").start(() -> seen.complete(looked(question)));
        try {
            return seen.get(atMost.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException late) {
            looking.interrupt();
            return new Outcome.NotRun(ProblemType.UPSTREAM_TIMEOUT, "looking took too long");
        } catch (ExecutionException impossible) {
            return new Outcome.NotRun(ProblemType.INTERNAL, "looking failed inside the guard");
        } catch (InterruptedException stopped) {
            looking.interrupt();
            Thread.currentThread().interrupt();
            return new Outcome.NotRun(ProblemType.INTERNAL, "the guard is stopping");
        }
    }

    @SuppressWarnings("CatchThrowable") // whatever a compensator throws, whoever waits for it is told
    private Outcome looked(DecisionRequest question) {
        try {
            return switch (look(question)) {
                case Compensator.Look.Seen(JsonObject state, String version, List<String> touches) ->
                    new Outcome.Answered(seen(state, version, touches), true);
                case Compensator.Look.Unfit(Hindrance kind, String why) ->
                    new Outcome.Answered(unfit(kind, Printable.text(why, CLAUSE)), false);
            };
        } catch (Throwable fault) {
            LOG.warn("`{}` could not look: {}", question.action().tool().server(), Printable.trace(fault));
            return new Outcome.NotRun(ProblemType.UPSTREAM_FAILED, "what is there could not be read");
        }
    }

    private Compensator.Look look(DecisionRequest question) throws IOException {
        JsonObject arguments = question.action().arguments();
        JsonObject target = arguments.without(ToolName.AGAIN);
        var paths = question.resource().paths();
        var before = arguments.object(ToolName.AGAIN);
        if (before.isEmpty()) return compensator.look(target, paths);
        boolean left = question.context().purpose() == Purpose.ACT;
        return compensator.again(target, before.get(), left, paths);
    }

    @Override
    public Outcome run(Lease lease, DecisionRequest request, Attendance attendance) {
        if (!request.action().tool().name().equals(ToolName.RESTORE))
            return new Outcome.NotRun(ProblemType.UPSTREAM_FAILED, "only looking and putting back are done here");
        if (attendance.left().isDone())
            return new Outcome.NotRun(ProblemType.UPSTREAM_FAILED, "whoever asked has left; nothing was put back");
        var outcome = new CompletableFuture<Outcome>();
        Thread working = Thread.ofVirtual().name("guardrail-restore").unstarted(() -> outcome.complete(run(request)));
        working.start();
        return Workspace.awaited("`" + request.action().tool().server() + "`", working, outcome, attendance);
    }

    @SuppressWarnings("CatchThrowable") // as above
    private Outcome run(DecisionRequest request) {
        JsonObject arguments = request.action().arguments();
        try {
            var restored = compensator.restore(
                    arguments.without("state").without("expect"),
                    arguments.object("state").orElse(JsonObject.EMPTY),
                    arguments.text("expect").orElse(""),
                    request.call(),
                    request.resource().paths());
            return switch (restored) {
                case Compensator.Restored.Done done -> new Outcome.Answered(text("Put back."), true);
                case Compensator.Restored.Changed changed ->
                    new Outcome.Answered(refusal("somebody changed it since; nothing was put back", true), false);
                case Compensator.Restored.Refused(String why) ->
                    new Outcome.Answered(refusal("nothing was put back: " + Printable.text(why, CLAUSE), false), false);
            };
        } catch (Throwable fault) {
            LOG.error("`{}` failed to put back: {}", request.action().tool().server(), Printable.trace(fault));
            return new Outcome.Lost(ProblemType.INTERNAL, "putting back failed; whether it was done is not known");
        }
    }

    private static JsonObject seen(JsonObject state, String version, List<String> touches) {
        return JsonObject.with("content", new JsonArray(List.of()))
                .with(
                        "structuredContent",
                        JsonObject.with("state", state)
                                .with("version", version)
                                .with("touches", JsonArray.ofTexts(touches))
                                .build())
                .build();
    }

    private static JsonObject unfit(Hindrance kind, String why) {
        return refusal("it cannot be taken back: " + why, false)
                .set(
                        "structuredContent",
                        JsonObject.with("unfit", kind.text()).with("why", why).build());
    }

    private static JsonObject refusal(String why, boolean changed) {
        JsonObject said = text(why).set("isError", JsonBoolean.TRUE);
        return changed
                ? said.set(
                        "structuredContent",
                        JsonObject.with("changed", JsonBoolean.TRUE).build())
                : said;
    }

    private static JsonObject text(String words) {
        var item = JsonObject.with("type", "text").with("text", words).build();
        return JsonObject.with("content", new JsonArray(List.of(item))).build();
    }

    /// One that cannot be closed keeps no other from it.
    @Override
    @SuppressWarnings("CatchThrowable") // as above
    public void close() {
        try {
            compensator.close();
        } catch (Throwable fault) {
            LOG.warn("what puts back could not be closed: {}", Printable.trace(fault));
        }
    }
}
