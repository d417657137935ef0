package dev.guardrail.planted.approval;

import org.junit.jupiter.api.Tag;

/// Planted: imports a room above and depends on a foreign library.
@Tag("planted")
public final class Upwards {
    dev.guardrail.planted.undo.Upwards room;
}
