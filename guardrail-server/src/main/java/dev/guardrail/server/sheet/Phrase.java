package dev.guardrail.server.sheet;

/// A piece of a sentence of ours. What others wrote in it is made legible already: marks stand between `‹` and `›`.
///
/// @param strong true for what stands out: who, and what
public record Phrase(String text, boolean strong) {}
