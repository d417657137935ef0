package dev.guardrail.server.wiring;

import dev.guardrail.base.Sha256;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.pipeline.Pins;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/// Passes on that a server's callable tools are others than before; listings that change nothing stay unheard.
final class ToolNews {
    private final Pins pins;
    private final Consumer<String> listener;
    private final Map<String, List<Sha256>> known = new ConcurrentHashMap<>();

    /// @param listener told the server's name; must not block
    static void pass(Pins pins, Consumer<String> listener) {
        pins.watch(new ToolNews(pins, listener)::seen);
    }

    private ToolNews(Pins pins, Consumer<String> listener) {
        this.pins = pins;
        this.listener = listener;
    }

    private void seen(String server) {
        List<Sha256> now =
                pins.list(server).stream().map(ToolDefinition::digest).toList();
        if (!now.equals(known.put(server, now))) listener.accept(server);
    }
}
