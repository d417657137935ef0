package dev.guardrail.pipeline;

/// A call that was run, with what it came to; not yet recorded.
///
/// @param stopped true where an operator stopped it before it had ended
/// @param nanos how long it ran
record Finished(Leased leased, Outcome outcome, boolean stopped, long nanos) {}
