package dev.guardrail.pipeline;

import dev.guardrail.approval.Plan;
import dev.guardrail.approval.PlannedCall;
import dev.guardrail.call.DecisionRequest;
import dev.guardrail.policy.Rule;
import dev.guardrail.policy.RuleId;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A plan that was decided: those of its calls that are held, and what must be typed to approve them.
///
/// @param confirm text that approvers must type, by rule that holds a call
record Planned(List<PlannedCall> held, Map<RuleId, String> confirm) {
    /// Of a call that is no plan.
    static final Planned NOTHING = new Planned(List.of(), Map.of());

    Planned {
        held = List.copyOf(held);
        confirm = Map.copyOf(confirm);
    }

    /// The calls of a plan, as questions.
    record Question(Plan plan, List<Resolved> steps) {
        Question {
            steps = List.copyOf(steps);
        }
    }

    /// @return empty where a rule asks for an argument that is not there, or for another text for each of two calls
    static Optional<Planned> of(List<PlannedCall> held) {
        var confirm = new HashMap<RuleId, String>();
        for (PlannedCall call : held) {
            Optional<Map<RuleId, String>> texts = Confirmation.texts(call.request(), call.holds());
            if (texts.isEmpty()) return Optional.empty();
            for (var text : texts.get().entrySet()) {
                String before = confirm.putIfAbsent(text.getKey(), text.getValue());
                if (before != null && !before.equals(text.getValue())) return Optional.empty();
            }
        }
        return Optional.of(new Planned(held, confirm));
    }

    /// Rules that hold its calls, in order of id.
    List<Rule> holds() {
        var holds = new HashMap<RuleId, Rule>();
        for (PlannedCall call : held) for (Rule hold : call.holds()) holds.putIfAbsent(hold.id(), hold);
        return holds.values().stream()
                .sorted(Comparator.comparing(rule -> rule.id().value()))
                .toList();
    }

    /// Text that approvers must type, by rule, of a call that these rules hold.
    ///
    /// @return empty where a rule asks for an argument that is not there: such a call cannot be held
    Optional<Map<RuleId, String>> texts(DecisionRequest request, Collection<Rule> holds) {
        List<Rule> own =
                holds.stream().filter(hold -> !confirm.containsKey(hold.id())).toList();
        return Confirmation.texts(request, own).map(texts -> {
            var all = new HashMap<>(confirm);
            all.putAll(texts);
            return Map.copyOf(all);
        });
    }
}
