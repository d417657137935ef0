package dev.guardrail.server.observe;

import dev.guardrail.stop.KillSwitch;
import dev.guardrail.stop.Scope;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;

/// How many stops are in force.
public final class StopMeters {
    private StopMeters() {}

    /// Counts from here on.
    public static void bind(KillSwitch kill, MeterRegistry meters) {
        for (Scope scope : Scope.values())
            Gauge.builder("guardrail.stops.active", () -> count(kill, scope))
                    .description("Stops in force, by what they reach")
                    .tag("scope", scope.text())
                    .strongReference(true)
                    .register(meters);
    }

    private static long count(KillSwitch kill, Scope scope) {
        return kill.inForce().stream().filter(stop -> stop.scope() == scope).count();
    }
}
