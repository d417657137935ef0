package dev.guardrail.server.door.mcp;

import dev.guardrail.base.StrictJson;
import java.time.Duration;
import java.util.Set;

/// What an operator sets of the door, and what bounds its memory.
///
/// @param servers names of the upstreams that it leads to; every other name is unknown
/// @param version of this program, as clients read it
/// @param message limits of one message, checked before it is read
/// @param argumentBytes most bytes of a call's arguments
/// @param hold how long a client that takes events waits for people before it is told to come back
/// @param run longest that running a call may take
/// @param direct how long an answer may take before its stream is opened; a sooner one is plain JSON
/// @param beat time between signs of life on an open stream
/// @param idle a session that nobody used for so long ends
/// @param sessions most sessions of all callers
/// @param sessionsEach most sessions of one caller; the one idle longest makes room for another
/// @param callsEach most requests of one session at a time
public record McpSettings(
        Set<String> servers,
        String version,
        StrictJson.Limits message,
        int argumentBytes,
        Duration hold,
        Duration run,
        Duration direct,
        Duration beat,
        Duration idle,
        int sessions,
        int sessionsEach,
        int callsEach) {

    public McpSettings {
        servers = Set.copyOf(servers);
    }

    /// Everything as shipped, for these upstreams.
    public static McpSettings shipped(Set<String> servers, String version) {
        return new McpSettings(
                servers,
                version,
                StrictJson.Limits.DEFAULT,
                1024 * 1024,
                Duration.ofSeconds(20),
                Duration.ofSeconds(60),
                Duration.ofSeconds(2),
                Duration.ofSeconds(5),
                Duration.ofMinutes(30),
                10_000,
                256,
                256);
    }

    /// @return these settings with other limits of size
    public McpSettings withSizes(int messageBytes, int mostArgumentBytes) {
        return new McpSettings(
                servers,
                version,
                message.withBytes(messageBytes),
                mostArgumentBytes,
                hold,
                run,
                direct,
                beat,
                idle,
                sessions,
                sessionsEach,
                callsEach);
    }

    /// @return these settings with other times to wait: for people, for an upstream, before a stream opens, between
    ///     signs of life
    public McpSettings withTimes(Duration forPeople, Duration forRun, Duration beforeStream, Duration betweenBeats) {
        return new McpSettings(
                servers,
                version,
                message,
                argumentBytes,
                forPeople,
                forRun,
                beforeStream,
                betweenBeats,
                idle,
                sessions,
                sessionsEach,
                callsEach);
    }

    /// @return these settings with other bounds on sessions
    public McpSettings withSessions(Duration idleEnd, int all, int each, int calls) {
        return new McpSettings(
                servers, version, message, argumentBytes, hold, run, direct, beat, idleEnd, all, each, calls);
    }
}
