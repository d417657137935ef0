package dev.guardrail.registry;

import dev.guardrail.journal.StoreConflict;

/// One try at a change; it reads afresh.
@FunctionalInterface
public interface Attempt<T> {
    T run() throws StoreConflict;

    /// Tries until nobody else got in between.
    ///
    /// @param most tries
    /// @throws Contended where all of them were outrun
    static <T> T retried(int most, Attempt<T> attempt) {
        for (int i = 0; i < most; i++) {
            try {
                return attempt.run();
            } catch (StoreConflict raced) {
                Thread.onSpinWait();
            }
        }
        throw new Contended();
    }
}
