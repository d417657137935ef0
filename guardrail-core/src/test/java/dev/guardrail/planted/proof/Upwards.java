package dev.guardrail.planted.proof;

import org.junit.jupiter.api.Tag;

/// Planted: imports a room beside the digests and depends on a foreign library.
@Tag("planted")
public final class Upwards {
    dev.guardrail.planted.call.Upwards room;
}
