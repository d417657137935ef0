package dev.guardrail.pack;

import dev.guardrail.condition.Condition;
import dev.guardrail.policy.Effect;
import dev.guardrail.policy.Glob;
import dev.guardrail.policy.Layer;
import dev.guardrail.policy.Match;
import dev.guardrail.policy.Rule;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Warns of rules that are sound and probably not meant: they can never have a say, say what another says, or permit
/// everything.
final class PackLint {
    /// Unconditional rules that each rule is compared with; bounds the time that a huge pack takes.
    private static final int COMPARED = 1_000;

    private PackLint() {}

    /// @param placed rules by id; warnings go where each stands
    static void warn(List<Layer> layers, Map<String, RuleReader.Placed> placed) {
        var denies = layers.stream()
                .flatMap(layer -> layer.rules().stream())
                .filter(rule -> rule.effect() == Effect.DENY && isUnconditional(rule))
                .limit(COMPARED)
                .toList();
        for (Layer layer : layers) {
            var allows = layer.rules().stream()
                    .filter(rule -> rule.effect() == Effect.ALLOW && isUnconditional(rule))
                    .limit(COMPARED)
                    .toList();
            var same = new HashMap<String, Rule>();
            for (Rule rule : layer.rules()) {
                RuleReader.Placed at = placed.get(rule.id().value());
                if (at == null) continue;
                Rule twin = same.putIfAbsent(rule.source().without("id").toString(), rule);
                if (twin != null)
                    warn(at, "duplicate", "`" + rule.id() + "` says what `" + twin.id() + "` says already");
                else if (!unreachable(rule, denies, at)) shadowed(rule, allows, at);
                overWide(rule, at);
            }
        }
    }

    private static boolean isUnconditional(Rule rule) {
        return !rule.shadow() && rule.when() instanceof Condition.Always;
    }

    private static boolean unreachable(Rule rule, List<Rule> denies, RuleReader.Placed at) {
        for (Rule deny : denies) {
            if (deny.equals(rule) || rule.effect() == Effect.DENY || !covers(deny.match(), rule.match())) continue;
            warn(
                    at,
                    "unreachable",
                    "`" + rule.id() + "` never has a say: `" + deny.id() + "` denies all that it matches");
            return true;
        }
        return false;
    }

    private static void shadowed(Rule rule, List<Rule> allows, RuleReader.Placed at) {
        if (rule.effect() != Effect.ALLOW) return;
        for (Rule allow : allows) {
            boolean wider = !allow.id().equals(rule.id())
                    && covers(allow.match(), rule.match())
                    && rule.delay().compareTo(allow.delay()) <= 0
                    && (rule.sandbox().isEmpty() || rule.sandbox().equals(allow.sandbox()));
            boolean twins = wider && isUnconditional(rule) && covers(rule.match(), allow.match());
            if (!wider || twins && rule.id().compareTo(allow.id()) < 0) continue;
            warn(
                    at,
                    "shadowed",
                    "`" + rule.id() + "` changes nothing: `" + allow.id() + "` allows all that it matches");
            return;
        }
    }

    private static void overWide(Rule rule, RuleReader.Placed at) {
        if (rule.effect() == Effect.ALLOW && isUnconditional(rule) && covers(rule.match(), Match.EVERYTHING))
            warn(at, "over-wide", "`" + rule.id() + "` allows every tool to everyone");
    }

    /// True where everything that `narrow` matches is surely matched by `wide`.
    static boolean covers(Match wide, Match narrow) {
        return coversTools(wide, narrow)
                && covers(wide.labels(), narrow.labels())
                && covers(wide.agents(), narrow.agents())
                && covers(wide.roles(), narrow.roles())
                && covers(wide.users(), narrow.users());
    }

    private static boolean covers(Set<String> wide, Set<String> narrow) {
        return wide.isEmpty() || !narrow.isEmpty() && wide.containsAll(narrow);
    }

    private static boolean coversTools(Match wide, Match narrow) {
        if (narrow.tools().isEmpty())
            return wide.tools().isEmpty()
                    || wide.tools().contains(Match.EVERYTHING.tools().getFirst());
        return narrow.tools().stream().allMatch(glob -> covers(wide.tools(), glob));
    }

    private static boolean covers(List<Glob> wide, Glob narrow) {
        if (wide.isEmpty()) return !narrow.name().startsWith(Glob.MCP);
        return wide.stream().anyMatch(glob -> glob.covers(narrow));
    }

    private static void warn(RuleReader.Placed at, String code, String message) {
        at.findings().warning(at.place(), code, message);
    }
}
