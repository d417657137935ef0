package dev.guardrail.server.notify;

import java.time.Duration;

/// How hard notices are tried.
///
/// @param queue notices that wait for one channel at most
/// @param concurrent of them that are delivered at a time
/// @param attempts for each notice
/// @param pause before the second attempt, doubled for each that follows, give or take a half
/// @param longestPause also where the receiver asks for more
/// @param rest of a channel that keeps failing
/// @param farewell time for what still waits when the guard stops
public record Settings(
        int queue,
        int concurrent,
        int attempts,
        Duration pause,
        Duration longestPause,
        Duration rest,
        Duration farewell) {
    public static final Settings DEFAULT = new Settings(
            256, 4, 4, Duration.ofSeconds(1), Duration.ofSeconds(30), Duration.ofSeconds(30), Duration.ofSeconds(3));
}
