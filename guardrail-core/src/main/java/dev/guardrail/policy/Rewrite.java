package dev.guardrail.policy;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonObject;
import dev.guardrail.condition.Facts;
import dev.guardrail.condition.Truth;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// What all `modify` rules make of the original call, together; order does not matter because each reads the original
/// and none may touch what another sets.
final class Rewrite {
    /// First part of every path that a rule sets.
    static final String ARGUMENTS = "args.";

    private final Facts facts;
    private final Map<String, Json> values = new TreeMap<>();
    private final Map<String, RuleId> setters = new TreeMap<>();
    private final Set<RuleId> applied = new TreeSet<>();
    private final Set<RuleId> failed = new TreeSet<>();
    private final Set<RuleId> conflicting = new TreeSet<>();

    Rewrite(Facts facts) {
        this.facts = facts;
    }

    Amendment amendment(Row rules) {
        for (int i = 0; i < rules.size(); i++) collect(rules.rule(i), rules.test(i, facts));
        refuseOverlaps();
        if (!conflicting.isEmpty()) return refused(conflicting, Cause.POLICY);
        if (!failed.isEmpty()) return refused(failed, Cause.GUARD_ERROR);
        JsonObject original = facts.request().action().arguments();
        Optional<JsonObject> changed = Optional.of(original);
        for (var entry : values.entrySet()) {
            var path = List.of(entry.getKey().substring(ARGUMENTS.length()).split("\\.", -1));
            changed = changed.flatMap(arguments -> with(arguments, path, entry.getValue()));
        }
        if (changed.isEmpty()) return refused(applied, Cause.GUARD_ERROR);
        return changed.get().equals(original) ? Amendment.UNCHANGED : new Amendment.Changed(changed.get(), applied);
    }

    private void collect(Rule rule, Truth truth) {
        switch (truth) {
            case FALSE -> {}
            case ERROR -> failed.add(rule.id());
            case TRUE -> {
                applied.add(rule.id());
                rule.set()
                        .forEach((path, expression) -> expression
                                .evaluate(facts)
                                .ifPresentOrElse(value -> put(rule, path, value), () -> failed.add(rule.id())));
            }
        }
    }

    private void put(Rule rule, String path, Json value) {
        Json other = values.putIfAbsent(path, value);
        RuleId setter = setters.merge(path, rule.id(), (before, now) -> before);
        if (other != null && !other.equals(value)) {
            conflicting.add(rule.id());
            conflicting.add(setter);
        }
    }

    /// A path and a prefix of it cannot both be set: the result would depend on which comes first.
    private void refuseOverlaps() {
        for (String path : values.keySet()) {
            for (int dot = path.indexOf('.', ARGUMENTS.length()); dot > 0; dot = path.indexOf('.', dot + 1)) {
                RuleId above = setters.get(path.substring(0, dot));
                if (above == null) continue;
                conflicting.add(above);
                conflicting.add(setters.get(path));
            }
        }
    }

    /// @return the object with the value set, with objects made where the path has none; empty where it leads through
    ///     something else
    private static Optional<JsonObject> with(JsonObject object, List<String> path, Json value) {
        if (path.size() == 1) return Optional.of(object.set(path.getFirst(), value));
        Json inner = object.get(path.getFirst()).orElse(JsonObject.EMPTY);
        return inner instanceof JsonObject below
                ? with(below, path.subList(1, path.size()), value).map(changed -> object.set(path.getFirst(), changed))
                : Optional.empty();
    }

    private static Amendment refused(Set<RuleId> rules, Cause cause) {
        return new Amendment.Refused(new Decision.Deny(rules, cause, "", List.of(), false));
    }
}
