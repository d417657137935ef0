package dev.guardrail.policy;

import java.time.Duration;
import java.util.List;
import java.util.SequencedSet;
import java.util.Set;

/// What the decision point answers: always one of these, never an exception.
public sealed interface Decision {

    /// Rules that produced this answer; empty only for the default deny.
    Set<RuleId> determining();

    /// The call may run.
    ///
    /// @param grants ids of the grants that it used; they are consumed with the intent to run
    /// @param delay that it waits before it runs; nothing for most
    /// @param undoable it runs only where its undo is prepared
    record Allow(Set<RuleId> determining, Set<String> grants, Duration delay, boolean undoable) implements Decision {
        public Allow {
            determining = Set.copyOf(determining);
            grants = Set.copyOf(grants);
        }

        /// Whether it can be undone or not.
        public Allow(Set<RuleId> determining, Set<String> grants, Duration delay) {
            this(determining, grants, delay, false);
        }

        /// At once.
        public Allow(Set<RuleId> determining, Set<String> grants) {
            this(determining, grants, Duration.ZERO, false);
        }
    }

    /// The call must not run.
    ///
    /// @param cause `POLICY`, or `GUARD_ERROR` where only a failing rule stands against it
    /// @param message the author's text for the agent; may be empty
    /// @param instead what the author offers instead
    /// @param fixed true where nothing offered instead and no determining condition can turn by itself
    record Deny(Set<RuleId> determining, Cause cause, String message, List<String> instead, boolean fixed)
            implements Decision {
        public Deny {
            determining = Set.copyOf(determining);
            instead = List.copyOf(instead);
        }
    }

    /// The call must not run now, but quorums may grant it.
    ///
    /// @param holds every rule that holds it and is not answered, in order of id
    record Hold(SequencedSet<Rule> holds) implements Decision {
        public Hold {
            holds = java.util.Collections.unmodifiableSequencedSet(new java.util.LinkedHashSet<>(holds));
        }

        @Override
        public Set<RuleId> determining() {
            return holds.stream().map(Rule::id).collect(java.util.stream.Collectors.toUnmodifiableSet());
        }
    }

    /// The agent must supply what is missing and propose again.
    record Clarify(Set<RuleId> determining, String question) implements Decision {
        public Clarify {
            determining = Set.copyOf(determining);
        }
    }
}
