package dev.guardrail.call;

import java.time.Instant;

/// Circumstances of a call (AuthZEN's context).
///
/// @param time when it was resolved; conditions read no clock
/// @param reason the agent's words, trusted for nothing
/// @param risk raised by repeats; never lowered by anything an agent says
public record Context(Instant time, String reason, Risk risk, Purpose purpose) {}
