package dev.guardrail.server.sheet;

import dev.guardrail.approval.Plan;
import dev.guardrail.base.Json;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.MalformedJson;
import dev.guardrail.policy.Reach;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// A plan in sentences of ours: how many calls of what, and a line for each.
final class PlanLines {
    private PlanLines() {}

    /// @param arguments of the call; empty where they are not kept any more
    /// @return empty where they are no plan
    private static Optional<Plan> read(Optional<Json> arguments) {
        try {
            return arguments
                    .filter(JsonObject.class::isInstance)
                    .map(JsonObject.class::cast)
                    .map(Plan::parse);
        } catch (MalformedJson changed) {
            // Secrets that were taken out of it leave a plan that cannot be read: it is shown as it is.
            return Optional.empty();
        }
    }

    /// What is asked for, in one sentence, as [Claim].
    static Optional<List<Phrase>> claim(String agent, Optional<String> user, Optional<Json> arguments) {
        return read(arguments).map(plan -> {
            int calls = plan.steps().size();
            var phrases = new ArrayList<Phrase>();
            phrases.add(new Phrase(Legible.line(agent), true));
            user.ifPresent(name -> phrases.add(new Phrase(", for " + Exhibit.quoted(Legible.of(name)) + ",", false)));
            phrases.add(new Phrase(
                    " wants " + (calls == 1 ? "one call" : calls + " calls") + " approved at once: ", false));
            phrases.add(new Phrase(tools(plan), true));
            return List.copyOf(phrases);
        });
    }

    private static String tools(Plan plan) {
        Map<String, Integer> tools = new LinkedHashMap<>();
        for (Plan.Step step : plan.steps()) tools.merge(step.tool().toString(), 1, Integer::sum);
        return tools.entrySet().stream()
                .map(tool ->
                        Legible.line(tool.getKey()) + (tool.getValue() == 1 ? "" : " (" + tool.getValue() + " times)"))
                .collect(Collectors.joining(", "));
    }

    /// The calls, one a line.
    static List<String> of(Optional<Json> arguments) {
        var lines = new ArrayList<String>();
        read(arguments).ifPresent(plan -> {
            for (Plan.Step step : plan.steps()) lines.add((lines.size() + 1) + ". " + line(step));
        });
        return lines;
    }

    private static String line(Plan.Step step) {
        Reach reach = step.scope().reach();
        int times = step.scope().calls();
        return Legible.line(step.tool().toString())
                + (times == 1 ? "" : ", up to " + times + " times")
                + Claim.with(step.arguments())
                + (reach.vary().isEmpty()
                        ? ""
                        : "; anything may stand in "
                                + new TreeSet<>(reach.vary())
                                        .stream().map(Legible::line).collect(Collectors.joining(", ")))
                + reach.sum()
                        .map(sum -> "; all " + Legible.line(sum.argument()) + " together at most "
                                + sum.max().toPlainString())
                        .orElse("");
    }
}
