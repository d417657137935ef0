package dev.guardrail.server.wiring;

import dev.guardrail.base.ProblemType;
import dev.guardrail.call.PathFacts;
import dev.guardrail.pipeline.Outcome;
import dev.guardrail.pipeline.Paths;
import dev.guardrail.pipeline.Pins;
import dev.guardrail.pipeline.Runner;
import dev.guardrail.pipeline.Schemas;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// The servers that calls run on: upstreams and the built-in workspace, as configured.
record ServerRoom(Runner runner, Paths paths, Schemas schemas) implements AutoCloseable {

    static ServerRoom open(
            Configuration configuration, Secrets secrets, Clocks clocks, Pins pins, MeterRegistry meters) {
        return new ServerRoom(
                (lease, request, attendance) -> new Outcome.NotRun(ProblemType.UPSTREAM_FAILED, "not wired yet"),
                (tool, arguments) -> PathFacts.NONE,
                (tool, arguments) -> Optional.empty());
    }

    void start() {}

    /// Names of the servers whose tools callers run themselves.
    static Set<String> callerRun(Configuration configuration) {
        return configuration.servers().entrySet().stream()
                .filter(entry -> entry.getValue() instanceof Configuration.Server.CallerRun)
                .map(java.util.Map.Entry::getKey)
                .collect(Collectors.toUnmodifiableSet());
    }

    @Override
    public void close() {}
}
