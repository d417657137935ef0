package dev.guardrail.journal;

/// Where an entry stands, durably: `{log, seq}`.
///
/// @param seq index of the entry in its log, from 0
public record Receipt(LogId log, long seq) {}
