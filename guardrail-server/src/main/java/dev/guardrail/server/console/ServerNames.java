package dev.guardrail.server.console;

import java.util.List;

/// The upstreams that are configured, in their order.
@FunctionalInterface
public interface ServerNames {
    List<String> all();
}
