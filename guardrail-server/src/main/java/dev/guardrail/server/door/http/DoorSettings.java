package dev.guardrail.server.door.http;

import dev.guardrail.base.StrictJson;
import java.time.Duration;
import java.util.List;

/// What an operator sets of the door, and what bounds it.
///
/// @param servers names of the upstreams, in the order of the configuration
/// @param body limits of one body, checked before it is read
/// @param argumentBytes most bytes of a call's arguments
/// @param run longest that running a call may take
/// @param longestWait longest that a request for a call's state may wait
public record DoorSettings(
        List<String> servers, StrictJson.Limits body, int argumentBytes, Duration run, Duration longestWait) {
    public DoorSettings {
        servers = List.copyOf(servers);
    }

    /// As shipped, for these upstreams and sizes.
    public static DoorSettings shipped(List<String> servers, int bodyBytes, int argumentBytes) {
        return new DoorSettings(
                servers,
                StrictJson.Limits.DEFAULT.withBytes(bodyBytes),
                argumentBytes,
                Duration.ofSeconds(60),
                Duration.ofSeconds(60));
    }
}
