package dev.guardrail.testing;

import dev.guardrail.journal.Store;

/// Stops on the store that tests use.
class MemoryStopContract extends StopContract {
    @Override
    protected Store open() {
        return new MemoryStore();
    }
}
