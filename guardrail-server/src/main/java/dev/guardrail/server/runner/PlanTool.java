package dev.guardrail.server.runner;

import dev.guardrail.approval.GrantBook;
import dev.guardrail.approval.GrantRecord;
import dev.guardrail.approval.Plan;
import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonBoolean;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.ProblemType;
import dev.guardrail.call.DecisionRequest;
import dev.guardrail.call.ToolName;
import dev.guardrail.journal.Lease;
import dev.guardrail.pipeline.Attendance;
import dev.guardrail.pipeline.Outcome;
import dev.guardrail.pipeline.Runner;
import java.util.List;

/// The built-in server `guardrail`: its tool `plan` asks people for several calls at once. What an approved plan
/// permits
/// was given with its permit; running it tells the agent.
public record PlanTool(GrantBook grants) implements Runner {

    /// The definitions, in the order in which they are listed.
    public static List<JsonObject> definitions() {
        var hints = JsonObject.builder()
                .with("readOnlyHint", false)
                .with("destructiveHint", false)
                .with("openWorldHint", false)
                .build();
        return List.of(JsonObject.with("name", ToolName.PLAN.name())
                .with(
                        "description",
                        "Asks people once for several calls that you are going to make. Name each call exactly as you"
                                + " will make it. Once they approve, make the calls, in any order: those that would have"
                                + " waited for people run at once. It runs none of the calls itself, and a call that"
                                + " would be denied makes the whole plan denied.")
                .with("inputSchema", schema())
                .with("annotations", hints)
                .build());
    }

    private static JsonObject schema() {
        return object(
                JsonObject.with(
                                "calls",
                                JsonObject.with("type", "array")
                                        .with("minItems", 1)
                                        .with("maxItems", Plan.MOST_STEPS)
                                        .with("items", call())
                                        .build())
                        .with(
                                "for",
                                text("How long they shall be permitted, such as `30m` or `2h`; an hour by default."))
                        .build(),
                "calls");
    }

    private static JsonObject call() {
        var sum = object(
                JsonObject.with("argument", text("Name of an argument that is a number."))
                        .with("max", JsonObject.with("type", "number").build())
                        .build(),
                "argument",
                "max");
        return object(
                JsonObject.with("tool", text("The tool, as `server.name`."))
                        .with("arguments", JsonObject.with("type", "object").build())
                        .with(
                                "times",
                                said("integer", "How often it may run; once by default.")
                                        .with("minimum", 1)
                                        .build())
                        .with(
                                "vary",
                                said("array", "Names of arguments that may have any value.")
                                        .with(
                                                "items",
                                                JsonObject.with("type", "string")
                                                        .build())
                                        .build())
                        .with(
                                "sum",
                                sum.set(
                                        "description",
                                        new dev.guardrail.base.JsonText(
                                                "An argument that may differ while all of it together is at most `max`.")))
                        .build(),
                "tool");
    }

    private static JsonObject object(JsonObject properties, String... required) {
        return JsonObject.with("type", "object")
                .with("properties", properties)
                .with("required", JsonArray.ofTexts(List.of(required)))
                .with("additionalProperties", JsonBoolean.FALSE)
                .build();
    }

    private static JsonObject text(String description) {
        return said("string", description).build();
    }

    private static JsonObject.Builder said(String type, String description) {
        return JsonObject.with("type", type).with("description", description);
    }

    @Override
    public Outcome run(Lease lease, DecisionRequest request, Attendance attendance) {
        if (!request.action().tool().equals(ToolName.PLAN))
            return new Outcome.NotRun(ProblemType.UPSTREAM_FAILED, "the guard has no such tool; it did not run");
        return new Outcome.Answered(answer(grants.of(request.call())), true);
    }

    private static JsonObject answer(List<GrantRecord> given) {
        var lines = new StringBuilder(
                given.isEmpty()
                        ? "None of these calls waits for people: make them."
                        : "The plan is approved. These calls run at once when you make them as planned, until "
                                + given.getFirst().until() + ":");
        for (GrantRecord grant : given) lines.append('\n').append(line(grant));
        return JsonObject.with(
                        "content",
                        new JsonArray(List.of(JsonObject.with("type", "text")
                                .with("text", lines.toString())
                                .build())))
                .with(
                        "structuredContent",
                        JsonObject.with(
                                        "grants",
                                        new JsonArray(given.stream()
                                                .<Json>map(PlanTool::json)
                                                .toList()))
                                .build())
                .build();
    }

    private static String line(GrantRecord grant) {
        int calls = grant.scope().calls();
        return grant.step().orElseThrow() + ". " + grant.tool() + ", " + (calls == 1 ? "once" : calls + " times") + " ("
                + grant.id() + ")";
    }

    private static JsonObject json(GrantRecord grant) {
        return JsonObject.with("id", grant.id())
                .with("step", grant.step().orElseThrow())
                .with("tool", grant.tool().toString())
                .with("calls", grant.scope().calls())
                .with("until", grant.until().toString())
                .build();
    }
}
