package dev.guardrail.server.console.control;

import dev.guardrail.server.console.Bit;
import java.util.List;

/// What is stopped, and stopping.
///
/// @param stopper true where the visitor may stop
/// @param lifter true where the visitor may lift a stop
/// @param error what was wrong with the last try; empty for nothing
/// @param reason as it was typed then
public record StopPage(
        List<Item> items,
        boolean stopper,
        boolean lifter,
        List<String> agents,
        List<String> servers,
        String error,
        String reason) {
    public StopPage {
        items = List.copyOf(items);
        agents = List.copyOf(agents);
        servers = List.copyOf(servers);
    }

    /// A stop in force.
    public record Item(String id, String scope, List<Bit> subject, String by, String at, List<Bit> reason) {}
}
