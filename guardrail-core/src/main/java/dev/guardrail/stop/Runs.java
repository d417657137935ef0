package dev.guardrail.stop;

import java.util.function.Predicate;

/// The calls that this process runs.
@FunctionalInterface
public interface Runs {
    /// Ends every running call that is stopped, without waiting for its end. What has not left for its upstream does
    /// not leave; what has is abandoned, unless the upstream still says what came of it.
    ///
    /// @return how many were told to end
    int end(Predicate<Target> stopped);
}
