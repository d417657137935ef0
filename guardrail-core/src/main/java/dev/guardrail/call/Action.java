package dev.guardrail.call;

import dev.guardrail.base.JsonObject;

/// What is done (AuthZEN's action): a tool with exact arguments.
public record Action(ToolName tool, JsonObject arguments) {}
