package dev.guardrail.policy;

import dev.guardrail.base.JsonObject;
import java.util.Set;

/// What the `modify` rules make of a call, before it is resolved again and decided.
public sealed interface Amendment {

    /// The one of its kind.
    Amendment UNCHANGED = new Unchanged();

    /// No rule changes it.
    record Unchanged() implements Amendment {}

    /// The arguments as they are to be judged, bound and run.
    record Changed(JsonObject arguments, Set<RuleId> rules) implements Amendment {
        public Changed {
            rules = Set.copyOf(rules);
        }
    }

    /// Rules failed or contradict each other.
    record Refused(Decision.Deny deny) implements Amendment {}
}
