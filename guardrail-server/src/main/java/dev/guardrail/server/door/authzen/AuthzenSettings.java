package dev.guardrail.server.door.authzen;

import dev.guardrail.base.StrictJson;
import java.time.Duration;
import java.util.Set;

/// What an operator sets of the door, and what bounds it.
///
/// @param callerRun servers whose tools callers run themselves: the types of resources that are known here
/// @param origins names that the guard is reached by beside loopback, with their scheme
/// @param body limits of one body, checked before it is read
/// @param argumentBytes most bytes of a call's arguments
/// @param run longest that judging a call may take
public record AuthzenSettings(
        Set<String> callerRun, Set<String> origins, StrictJson.Limits body, int argumentBytes, Duration run) {
    public AuthzenSettings {
        callerRun = Set.copyOf(callerRun);
        origins = Set.copyOf(origins);
    }

    /// As shipped, for these servers, names and sizes.
    public static AuthzenSettings shipped(
            Set<String> callerRun, Set<String> origins, int bodyBytes, int argumentBytes) {
        return new AuthzenSettings(
                callerRun,
                origins,
                StrictJson.Limits.DEFAULT.withBytes(bodyBytes),
                argumentBytes,
                Duration.ofSeconds(60));
    }
}
