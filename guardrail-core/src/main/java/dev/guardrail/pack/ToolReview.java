package dev.guardrail.pack;

import dev.guardrail.call.Exactness;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.call.ToolEffect;
import dev.guardrail.call.ToolName;
import dev.guardrail.policy.Effect;
import dev.guardrail.policy.Rule;
import java.util.List;

/// One tool, what governs it, and how its calls are taken back.
///
/// @param described true where the operator says what it does
/// @param rules all that look at it, the strictest first, those in shadow last
/// @param undo how far its calls are taken back at best
/// @param undoneBy tools that take them back
/// @param why they cannot be; empty where they can
public record ToolReview(
        ToolDefinition tool,
        boolean described,
        Autonomy autonomy,
        List<Rule> rules,
        Exactness undo,
        List<ToolName> undoneBy,
        String why) {
    public ToolReview {
        rules = List.copyOf(rules);
        undoneBy = List.copyOf(undoneBy);
    }

    /// Those that have a say, with this effect.
    List<Rule> inForce(Effect effect) {
        return rules.stream()
                .filter(rule -> !rule.shadow() && rule.effect() == effect)
                .toList();
    }

    /// True where calls may change something, run with nobody asked, and stay done.
    ///
    /// What waits in the outbox can be taken back, `undo: required` lets nothing run that stays done, and a rule on
    /// the number of such calls bounds what is lost.
    boolean runsAway() {
        boolean unasked = autonomy == Autonomy.FREE || autonomy == Autonomy.DEPENDS;
        boolean bare = inForce(Effect.ALLOW).stream()
                .anyMatch(rule -> !rule.undoable() && rule.delay().isZero());
        boolean bounded = rules.stream()
                .anyMatch(rule -> !rule.shadow()
                        && rule.effect() != Effect.ALLOW
                        && rule.effect() != Effect.MODIFY
                        && rule.when().readsIrreversible());
        return tool.effect() != ToolEffect.READ && unasked && bare && !bounded && undo != Exactness.EXACT;
    }
}
