package dev.guardrail.server.wiring;

import dev.guardrail.base.Sha256;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.pipeline.Pins;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// Passes on that a server's tools may look otherwise to its clients: they appeared, vanished, were quarantined or
/// accepted, or other policies are in force. Listings that change nothing stay unheard.
final class ToolNews {
    private final Pins pins;
    private final Consumer<String> listener;
    private final Map<String, List<Sha256>> known = new HashMap<>();

    /// @param servers all that there are: what each client sees of any of them is the policies'
    /// @param listener told the server's name; must not block
    static void pass(Pins pins, PolicyShelf policies, Collection<String> servers, Consumer<String> listener) {
        var all = List.copyOf(servers);
        var news = new ToolNews(pins, listener);
        all.forEach(news::learn);
        pins.watch(news::seen);
        policies.onCatalogue(catalogue -> all.forEach(listener));
    }

    private ToolNews(Pins pins, Consumer<String> listener) {
        this.pins = pins;
        this.listener = listener;
    }

    private void seen(String server) {
        if (learn(server)) listener.accept(server);
    }

    /// One at a time, so that the older of two listings is never the last that is known.
    ///
    /// @return true where the tools are others than those known
    private synchronized boolean learn(String server) {
        List<Sha256> now =
                pins.list(server).stream().map(ToolDefinition::digest).toList();
        return !now.equals(known.put(server, now));
    }
}
