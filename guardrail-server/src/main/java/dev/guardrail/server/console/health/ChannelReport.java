package dev.guardrail.server.console.health;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// How the channels have done that people are told through.
@FunctionalInterface
public interface ChannelReport {
    /// In the order of the configuration.
    List<Line> all();

    /// One channel.
    ///
    /// @param failing whether the last notice that was settled was not delivered
    /// @param why the last failure, in words of ours
    record Line(
            String name,
            boolean failing,
            Optional<Instant> lastDelivered,
            Optional<Instant> lastFailed,
            Optional<String> why) {}
}
