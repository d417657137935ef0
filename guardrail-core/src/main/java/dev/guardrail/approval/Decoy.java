package dev.guardrail.approval;

import dev.guardrail.base.JsonObject;
import dev.guardrail.call.Risk;
import dev.guardrail.call.ToolName;
import dev.guardrail.policy.RuleId;
import java.util.Optional;

/// A request that nobody makes, and that no approver should agree to: what a [Canary] shows. It is no proposal, and
/// nothing makes one of it.
///
/// @param agent name of the agent that it seems to come from
/// @param reason what the agent seems to say; may be empty
/// @param rule that seems to hold it
public record Decoy(
        ToolName tool,
        JsonObject arguments,
        String reason,
        String agent,
        Optional<String> user,
        RuleId rule,
        Risk risk) {}
