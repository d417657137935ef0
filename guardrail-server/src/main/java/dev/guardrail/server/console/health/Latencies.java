package dev.guardrail.server.console.health;

import dev.guardrail.server.console.KeyRing;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.micronaut.context.annotation.Requires;
import jakarta.inject.Singleton;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// How long the guard's own work takes, from its meters.
@Singleton
@Requires(beans = KeyRing.class)
final class Latencies {
    private final PrometheusMeterRegistry meters;

    Latencies(PrometheusMeterRegistry meters) {
        this.meters = meters;
    }

    /// Without what has not happened yet.
    List<HealthPage.Latency> all() {
        return Stream.of(
                        latency("A decision, until it is journaled", "guardrail.decision.duration"),
                        latency("Writing to the log", "guardrail.journal.append.duration"),
                        latency("A call at its server", "guardrail.upstream.duration"))
                .filter(latency -> latency.count() > 0)
                .toList();
    }

    private HealthPage.Latency latency(String what, String meter) {
        Collection<Timer> timers = meters.find(meter).timers();
        long count = timers.stream().mapToLong(Timer::count).sum();
        double total = timers.stream()
                .mapToDouble(timer -> timer.totalTime(TimeUnit.MILLISECONDS))
                .sum();
        double max = timers.stream()
                .mapToDouble(timer -> timer.max(TimeUnit.MILLISECONDS))
                .max()
                .orElse(0);
        return new HealthPage.Latency(what, count, number(count == 0 ? 0 : total / count), number(max));
    }

    private static String number(double millis) {
        return String.format(Locale.ROOT, millis < 10 ? "%.2f ms" : "%.0f ms", millis);
    }
}
