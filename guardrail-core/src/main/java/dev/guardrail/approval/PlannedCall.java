package dev.guardrail.approval;

import dev.guardrail.call.DecisionRequest;
import dev.guardrail.policy.Rule;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// A call of a plan that people are asked for, to become a grant of its own.
///
/// @param request as it would be decided now
/// @param scope how often it may run, and in what its runs may differ
/// @param holds rules that hold it; the plan's approval answers them all
public record PlannedCall(DecisionRequest request, Scope scope, List<Rule> holds) {
    public PlannedCall {
        holds = List.copyOf(holds);
    }

    /// The same call, more often.
    PlannedCall with(int more) {
        return new PlannedCall(request, new Scope(scope.reach(), scope.life(), scope.calls() + more), holds);
    }

    /// The same call, for so long.
    private PlannedCall living(Duration life) {
        return new PlannedCall(request, new Scope(scope.reach(), life, scope.calls()), holds);
    }

    /// The held calls of a plan, each for as long as the plan says, or as long as usual.
    public static List<PlannedCall> living(List<PlannedCall> calls, Optional<Duration> asked) {
        Duration life = asked.orElseGet(() -> Remembrance.usual(calls));
        return calls.stream().map(call -> call.living(life)).toList();
    }

    /// Why it cannot be part of a plan as it is written; one lower-case sentence, empty where it can.
    ///
    /// @param asked how long the plan wants its calls to be allowed; empty for as long as usual
    public Optional<String> objection(Optional<Duration> asked) {
        return Remembrance.objection(this, asked);
    }
}
