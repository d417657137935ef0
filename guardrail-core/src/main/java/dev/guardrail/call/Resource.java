package dev.guardrail.call;

/// What is acted on (AuthZEN's resource): the pinned tool, and the paths that the arguments name.
public record Resource(ToolDefinition tool, PathFacts paths) {}
