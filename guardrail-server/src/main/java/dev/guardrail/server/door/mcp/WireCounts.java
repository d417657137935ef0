package dev.guardrail.server.door.mcp;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Map;

/// How often each fault was met: `guardrail_wire_refusals_total{door,fault}`.
final class WireCounts {
    private final Map<Fault, Counter> counters = new EnumMap<>(Fault.class);

    WireCounts(MeterRegistry meters) {
        for (Fault fault : Fault.values())
            counters.put(
                    fault,
                    Counter.builder("guardrail.wire.refusals")
                            .description("Messages refused before any policy was asked")
                            .tag("door", "mcp")
                            .tag("fault", fault.slug())
                            .register(meters));
    }

    void count(Fault fault) {
        Counter counter = counters.get(fault);
        if (counter != null) counter.increment();
    }
}
