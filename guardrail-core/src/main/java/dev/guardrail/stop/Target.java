package dev.guardrail.stop;

import dev.guardrail.call.SessionId;
import dev.guardrail.call.ToolName;

/// A call as far as stops look at it.
public record Target(String agent, SessionId session, ToolName tool) {}
