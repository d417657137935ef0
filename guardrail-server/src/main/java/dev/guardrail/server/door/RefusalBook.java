package dev.guardrail.server.door;

import dev.guardrail.journal.WireRefusal;

/// Where it is kept who was refused before any policy was asked.
@FunctionalInterface
public interface RefusalBook {
    /// Keeps one. It waits for the disk, and throws nothing.
    void note(WireRefusal refusal);
}
