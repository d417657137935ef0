package dev.guardrail.pipeline;

import java.util.function.Predicate;
import java.util.function.Supplier;

/// Tries something again where that may help, a few times and with pauses between. Whoever asks says what may be
/// tried again: what could run twice so may not. Safe for concurrent use.
public interface Retries {
    /// Nothing is tried again.
    Retries NONE = new Retries() {
        @Override
        public <T> T of(Supplier<T> attempt, Predicate<? super T> again) {
            return attempt.get();
        }
    };

    /// @param again true of what may come to something else the next time
    /// @return what the last attempt came to
    <T> T of(Supplier<T> attempt, Predicate<? super T> again);
}
