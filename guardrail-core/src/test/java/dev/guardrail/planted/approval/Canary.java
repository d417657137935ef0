package dev.guardrail.planted.approval;

/// Planted: a request that nobody may take for a call.
public final class Canary {}
