package dev.guardrail.pack;

import dev.guardrail.condition.Condition;
import dev.guardrail.policy.Effect;
import dev.guardrail.policy.Layer;
import dev.guardrail.policy.Match;
import dev.guardrail.policy.Rule;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/// How far a tool runs without people, by what rules say whatever comes of their conditions.
public enum Autonomy {
    /// No call of it is ever permitted.
    NEVER,
    /// Each call of it waits for people.
    ASKED,
    /// Some calls run with nobody asked; others wait, or are denied.
    DEPENDS,
    /// Each call of it runs, with nobody asked.
    FREE;

    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// @param layers rules in force that look at the tool, by layer; of each layer, also where it has none
    static Autonomy of(Collection<Layer> layers) {
        List<Rule> rules =
                layers.stream().flatMap(layer -> layer.rules().stream()).toList();
        if (rules.stream().anyMatch(Autonomy::refusesAll)
                || layers.stream().noneMatch(Autonomy::permits)
                || layers.stream().anyMatch(layer -> !layer.abstains() && !permits(layer))) return NEVER;
        boolean unasked = rules.stream().noneMatch(rule -> rule.effect() == Effect.REQUIRE_APPROVAL && meetsAll(rule))
                && layers.stream().anyMatch(Autonomy::allows)
                && layers.stream().allMatch(layer -> layer.abstains() || allows(layer));
        if (!unasked) return ASKED;
        boolean free = rules.stream().allMatch(rule -> rule.effect() == Effect.ALLOW)
                && layers.stream()
                        .allMatch(layer -> layer.rules().isEmpty()
                                || layer.rules().stream().anyMatch(Autonomy::meetsAll));
        return free ? FREE : DEPENDS;
    }

    /// True where the rule is about every call of the tools that it names.
    public static boolean meetsAll(Rule rule) {
        Match match = rule.match();
        return rule.when() instanceof Condition.Always
                && match.agents().isEmpty()
                && match.roles().isEmpty()
                && match.users().isEmpty();
    }

    private static boolean refusesAll(Rule rule) {
        return (rule.effect() == Effect.DENY || rule.effect() == Effect.CLARIFY) && meetsAll(rule);
    }

    private static boolean permits(Layer layer) {
        return layer.rules().stream()
                .anyMatch(rule -> rule.effect() == Effect.ALLOW || rule.effect() == Effect.REQUIRE_APPROVAL);
    }

    private static boolean allows(Layer layer) {
        return layer.rules().stream().anyMatch(rule -> rule.effect() == Effect.ALLOW);
    }
}
