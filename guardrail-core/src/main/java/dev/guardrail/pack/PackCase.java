package dev.guardrail.pack;

import dev.guardrail.base.JsonObject;
import dev.guardrail.call.Purpose;
import dev.guardrail.call.Risk;
import dev.guardrail.call.Subject;
import dev.guardrail.call.ToolName;
import dev.guardrail.policy.RuleId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// One promise of a policy: calls made one after the other in one session, and what must come of each.
///
/// @param position `file:line`
public record PackCase(String name, String position, Given given, List<Step> steps) {
    public PackCase {
        steps = List.copyOf(steps);
    }

    /// What is the case before the first call.
    ///
    /// @param root directory from which relative paths are taken
    /// @param irreversible calls before those of the case that cannot be taken back
    /// @param paths real paths by the argument's text, where they differ from what the text alone says; an empty
    ///     one cannot be resolved
    public record Given(
            Subject subject,
            Instant time,
            String task,
            boolean taskTrusted,
            Set<String> taints,
            int irreversible,
            List<String> messages,
            List<Past> calls,
            String root,
            Map<String, String> paths) {
        public Given {
            taints = Set.copyOf(taints);
            messages = List.copyOf(messages);
            calls = List.copyOf(calls);
            paths = Map.copyOf(paths);
        }
    }

    /// A call of the session with its attested outcome.
    public record Past(ToolName tool, JsonObject arguments, boolean ok) {}

    /// A call, and what must come of it.
    ///
    /// @param approved hold rules whose quorum was met for exactly this call
    /// @param ok whether it succeeds where it is permitted
    public record Step(
            ToolName tool,
            JsonObject arguments,
            String reason,
            Risk risk,
            Purpose purpose,
            Set<RuleId> approved,
            boolean ok,
            Expected expected,
            Place place) {
        public Step {
            approved = Set.copyOf(approved);
        }
    }

    /// What must come of a call; what is empty is not looked at.
    ///
    /// @param effect as agents are told; `modify` where it is allowed with other arguments
    /// @param rule one of the determining rules
    /// @param rules exactly the determining rules
    /// @param delay that it waits before it runs
    /// @param sandbox name of the profile that it runs under; `none` where it runs in none
    public record Expected(
            String effect,
            Optional<String> rule,
            Optional<Set<String>> rules,
            Optional<JsonObject> arguments,
            Optional<String> message,
            Optional<String> cause,
            Optional<Boolean> isFinal,
            Optional<Duration> delay,
            Optional<String> sandbox) {}
}
