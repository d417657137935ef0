package dev.guardrail.approval;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.MalformedJson;
import dev.guardrail.call.ToolName;
import dev.guardrail.pack.Durations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Several calls that an agent asks people for at once, as the arguments of [ToolName#PLAN] say it:
/// `{"calls": [{"tool": "bank.pay", "arguments": {…}, "times": 3, "vary": ["note"], "sum": {…}}], "for": "2h"}`.
///
/// @param steps 1 to 50
/// @param life how long they may run once they are approved, as asked for; empty for as long as usual
public record Plan(List<Step> steps, Optional<Duration> life) {
    /// How long a planned call may run that says nothing, where its rules let it.
    public static final Duration LIFE = Duration.ofHours(1);

    /// Most calls of a plan.
    public static final int MOST_STEPS = 50;

    private static final Set<String> KEYS = Set.of("calls", "for");
    private static final Set<String> STEP = Set.of("tool", "arguments", "times", "vary", "sum");

    public Plan {
        steps = List.copyOf(steps);
    }

    /// One of the calls: exact, and once, or a template of calls with caps.
    ///
    /// @param scope how often it may run and in what it may differ; its life is not the plan's
    public record Step(ToolName tool, JsonObject arguments, Scope scope) {}

    /// @throws MalformedJson where the arguments are no plan, with one lower-case sentence for the agent
    public static Plan parse(JsonObject arguments) {
        only(arguments, KEYS, "a plan");
        List<JsonObject> calls = objects(arguments);
        Optional<Duration> life = Optional.empty();
        if (arguments.has("for")) {
            life = arguments.text("for").flatMap(Durations::parse).filter(Duration::isPositive);
            if (life.isEmpty()) throw new MalformedJson("`for` is a span of time such as `2h`");
        }
        var steps = new ArrayList<Step>();
        for (JsonObject call : calls) {
            try {
                steps.add(step(call));
            } catch (IllegalArgumentException | MalformedJson wrong) {
                throw new MalformedJson("call " + (steps.size() + 1) + ": " + wrong.getMessage());
            }
        }
        return new Plan(steps, life);
    }

    private static List<JsonObject> objects(JsonObject arguments) {
        List<Json> items = arguments
                .array("calls")
                .orElseThrow(() -> new MalformedJson("`calls` is a list of calls"))
                .items();
        if (items.isEmpty() || items.size() > MOST_STEPS)
            throw new MalformedJson("`calls` has 1 to " + MOST_STEPS + " calls");
        var calls = new ArrayList<JsonObject>();
        for (Json item : items) {
            if (!(item instanceof JsonObject call)) throw new MalformedJson("each of `calls` is an object");
            calls.add(call);
        }
        return calls;
    }

    private static Step step(JsonObject call) {
        only(call, STEP, "it");
        ToolName tool = ToolName.parse(
                call.text("tool").orElseThrow(() -> new MalformedJson("`tool` names the tool, as `server.name`")));
        JsonObject arguments = call.has("arguments")
                ? call.object("arguments").orElseThrow(() -> new MalformedJson("`arguments` is an object"))
                : JsonObject.EMPTY;
        return new Step(tool, arguments, Scope.planned(call, LIFE));
    }

    private static void only(JsonObject json, Set<String> known, String what) {
        for (String key : json.members().keySet())
            if (!known.contains(key)) throw new MalformedJson(what + " has no `" + key + "`");
    }
}
