package dev.guardrail.planted.pipeline;

import org.junit.jupiter.api.Tag;

/// Planted: depends on a foreign library.
@Tag("planted")
public final class Upwards {}
