package dev.guardrail.pipeline;

/// A call that was run, with what it came to; not yet recorded.
///
/// @param nanos how long it ran
record Finished(Leased leased, Outcome outcome, long nanos) {}
