package dev.guardrail.planted.server.cli;

/// Planted: what wiring must not import.
public final class Trespass {}
