package dev.guardrail.pack;

import dev.guardrail.call.Confinement;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.policy.DecisionPoint;
import dev.guardrail.policy.Effect;
import dev.guardrail.policy.Layer;
import dev.guardrail.policy.Rule;
import dev.guardrail.policy.RuleId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/// Keeps a pack to its promises: runs its cases, and notes which rules none of them shows at work.
public final class PackTest {
    private final PolicyPack pack;
    private final DecisionPoint decisions;
    private final Map<RuleId, Rule> rules = new TreeMap<>();
    private final KnownTools tools;

    /// What came of one case; kept where nothing failed.
    ///
    /// @param failures one sentence for each thing that came out otherwise
    public record Result(PackCase promise, List<String> failures) {
        public Result {
            failures = List.copyOf(failures);
        }

        public boolean kept() {
            return failures.isEmpty();
        }
    }

    /// What came of all cases.
    ///
    /// @param silent rules that determine no case
    /// @param unopposed rules of which no case shows that they do not apply
    public record Report(List<Result> results, List<Rule> silent, List<Rule> unopposed) {
        public Report {
            results = List.copyOf(results);
            silent = List.copyOf(silent);
            unopposed = List.copyOf(unopposed);
        }

        public boolean kept() {
            return results.stream().allMatch(Result::kept);
        }

        /// True where every rule determines a case and a case shows it not applying.
        public boolean covers() {
            return silent.isEmpty() && unopposed.isEmpty();
        }
    }

    /// @param pack a sound one
    /// @param pinned definitions of servers' tools, as they were given to the reader
    public PackTest(PolicyPack pack, Collection<ToolDefinition> pinned) {
        this.pack = pack;
        this.decisions = new DecisionPoint(pack.policies());
        this.tools = new KnownTools(pinned, pack.catalogue());
        for (Layer layer : pack.policies().layers()) for (Rule rule : layer.rules()) rules.put(rule.id(), rule);
    }

    public Report run() {
        var results = new ArrayList<Result>();
        var determining = new TreeSet<RuleId>();
        var opposed = new TreeSet<RuleId>();
        for (PackCase promise : pack.cases()) {
            var failures = new ArrayList<String>();
            var rehearsal = new Rehearsal(decisions, tools, promise.given());
            for (PackCase.Step step : promise.steps()) {
                var outcome = rehearsal.play(step);
                failures.addAll(failures(step, outcome));
                for (Rule rule : rules.values()) {
                    if (!outcome.applies(rule)) opposed.add(rule.id());
                    // A rule that has a say because it fails is not shown at work.
                    else if (outcome.names(rule)) determining.add(rule.id());
                }
            }
            results.add(new Result(promise, failures));
        }
        return new Report(results, missing(determining), missing(opposed));
    }

    private List<Rule> missing(Collection<RuleId> shown) {
        return rules.values().stream()
                .filter(rule -> !shown.contains(rule.id()))
                .toList();
    }

    private List<String> failures(PackCase.Step step, Rehearsal.Outcome outcome) {
        PackCase.Expected expected = step.expected();
        var failures = new ArrayList<String>();
        var found = new TreeSet<String>();
        outcome.determining().forEach(id -> found.add(id.value()));
        if (outcome.effect().equals(Effect.MODIFY.text())) outcome.modifying().forEach(id -> found.add(id.value()));
        for (RuleId approved : step.approved())
            if (decisions
                    .rule(approved)
                    .filter(rule -> rule.effect() == Effect.REQUIRE_APPROVAL)
                    .isEmpty()) failures.add("there is no rule `" + approved + "` that could be approved");
        compare(failures, "effect", expected.effect(), outcome.effect() + " by " + found, outcome.effect());
        expected.rule()
                .filter(rule -> !found.contains(rule))
                .ifPresent(rule -> failures.add("rule: expected `" + rule + "` among " + found));
        expected.rules().ifPresent(rules -> compare(failures, "rules", new TreeSet<>(rules), found, found));
        expected.arguments()
                .ifPresent(arguments ->
                        compare(failures, "arguments", arguments, outcome.arguments(), outcome.arguments()));
        expected.message()
                .ifPresent(message -> compare(failures, "message", message, outcome.message(), outcome.message()));
        expected.cause().ifPresent(cause -> compare(failures, "cause", cause, outcome.cause(), outcome.cause()));
        expected.isFinal().ifPresent(fixed -> compare(failures, "final", fixed, outcome.isFinal(), outcome.isFinal()));
        String sandbox = outcome.facts()
                .request()
                .resource()
                .confinement()
                .map(Confinement::profile)
                .orElse("none");
        expected.sandbox().ifPresent(name -> compare(failures, "sandbox", name, sandbox, sandbox));
        expected.delay()
                .ifPresent(delay -> compare(
                        failures,
                        "delay",
                        Durations.text(delay),
                        Durations.text(outcome.delay()),
                        Durations.text(outcome.delay())));
        return failures;
    }

    private static void compare(List<String> failures, String what, Object expected, Object shown, Object found) {
        if (!expected.equals(found)) failures.add(what + ": expected `" + expected + "`, found `" + shown + "`");
    }
}
