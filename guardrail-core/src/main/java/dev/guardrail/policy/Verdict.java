package dev.guardrail.policy;

import java.util.Map;
import java.util.Set;

/// A decision and what it was reached beside.
///
/// @param failed rules whose condition failed while it was reached, whatever that came to
/// @param shadow rules in shadow that would have had a say, with what they would have said; a failing one is among
///     them unless it is an allow
public record Verdict(Decision decision, Set<RuleId> failed, Map<RuleId, Effect> shadow) {
    public Verdict {
        failed = Set.copyOf(failed);
        shadow = Map.copyOf(shadow);
    }
}
