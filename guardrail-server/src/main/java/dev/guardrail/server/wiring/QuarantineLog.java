package dev.guardrail.server.wiring;

import dev.guardrail.base.Printable;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.ToolName;
import dev.guardrail.pipeline.Pins;
import dev.guardrail.pipeline.Standing;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells operators of tools that wait for them: once each in the log, and how many there are as a gauge.
final class QuarantineLog {
    private static final Logger LOG = LoggerFactory.getLogger(QuarantineLog.class);

    private final Pins pins;
    private final Map<String, Set<Waiting>> known = new HashMap<>();

    /// A definition that waits.
    private record Waiting(ToolName tool, Sha256 offered) {}

    private QuarantineLog(Pins pins) {
        this.pins = pins;
    }

    static void keep(Pins pins, Iterable<String> servers, MeterRegistry meters) {
        var log = new QuarantineLog(pins);
        servers.forEach(log::look);
        pins.watch(log::look);
        Gauge.builder("guardrail.tools.quarantined", log::count)
                .description("Tools whose definition waits for an operator")
                .strongReference(true)
                .register(meters);
    }

    private synchronized int count() {
        return known.values().stream().mapToInt(Set::size).sum();
    }

    private synchronized void look(String server) {
        var before = known.getOrDefault(server, Set.of());
        var now = new HashSet<Waiting>();
        for (Standing standing : pins.states(server))
            standing.offered().ifPresent(offered -> {
                var waiting = new Waiting(standing.tool(), offered);
                now.add(waiting);
                if (!before.contains(waiting)) tell(standing);
            });
        known.put(server, now);
    }

    /// A name may be anything; findings are printable as they are.
    private static void tell(Standing standing) {
        LOG.warn(
                "the tool {} is not called before an operator accepts its definition (`tools show`, `tools accept`): {}",
                Printable.text(standing.tool().toString(), 200),
                standing.findings().isEmpty() ? "it changed" : standing.findings());
    }
}
