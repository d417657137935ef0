package dev.guardrail.server.console.health;

import dev.guardrail.server.console.Badge;
import java.util.List;

/// How the guard itself is.
///
/// @param well true where nothing is wrong
/// @param since when the process began, RFC 3339
public record HealthPage(
        boolean well,
        String since,
        List<Check> checks,
        List<Channel> channels,
        List<Latency> latencies,
        Log log,
        String policy) {
    public HealthPage {
        checks = List.copyOf(checks);
        channels = List.copyOf(channels);
        latencies = List.copyOf(latencies);
    }

    /// @param url of the page that shows more; empty for none
    public record Check(Badge badge, String what, String more, String url) {}

    /// @param delivered when something last arrived, RFC 3339; empty for never
    /// @param failed when something last did not; empty for never
    public record Channel(String name, Badge badge, String delivered, String failed, String why) {}

    /// How long something takes.
    ///
    /// @param mean in milliseconds, since the process began
    /// @param max the same, of the latest minutes
    public record Latency(String what, long count, String mean, String max) {}

    /// The log and its latest signed head.
    public record Log(String origin, long entries, long signed, String root) {}
}
