package dev.guardrail.server.wiring;

import dev.guardrail.call.PathFacts;
import dev.guardrail.pipeline.Paths;
import dev.guardrail.pipeline.Pins;
import dev.guardrail.pipeline.Schemas;
import dev.guardrail.server.upstream.Bounds;
import dev.guardrail.server.upstream.Endpoint;
import dev.guardrail.server.upstream.Secret;
import dev.guardrail.server.upstream.Upstreams;
import dev.guardrail.server.wiring.Configuration.Server;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The servers that calls run on: upstreams and the built-in workspace, as configured.
final class ServerRoom implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ServerRoom.class);
    private static final Duration LISTING = Duration.ofSeconds(20);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

    private final Upstreams upstreams;
    private final Paths paths;
    private final Schemas schemas;
    private final Set<String> names;
    private volatile boolean closed;

    private ServerRoom(Upstreams upstreams, Paths paths, Schemas schemas, Set<String> names) {
        this.upstreams = upstreams;
        this.paths = paths;
        this.schemas = schemas;
        this.names = Set.copyOf(names);
    }

    static ServerRoom open(Configuration configuration, Secrets secrets, Clocks clocks, Pins pins) {
        Map<String, Endpoint> endpoints = new HashMap<>();
        configuration
                .servers()
                .forEach((name, server) ->
                        endpoint(server, secrets).ifPresent(endpoint -> endpoints.put(name, endpoint)));
        var upstreams = new Upstreams(
                endpoints,
                Map.of(),
                Bounds.DEFAULT.withResultBytes(configuration.limits().result()),
                pins::seen,
                clocks.ticker(),
                clocks.random());
        return new ServerRoom(
                upstreams,
                (tool, arguments) -> PathFacts.NONE,
                (tool, arguments) -> Optional.empty(),
                endpoints.keySet());
    }

    private static Optional<Endpoint> endpoint(Server server, Secrets secrets) {
        return switch (server) {
            case Server.Http(var url, var credential, var root) ->
                Optional.of(new Endpoint.Http(url, credential.map(secret -> new Secret(() -> secrets.read(secret)))));
            case Server.Stdio(var command, var environment, var root) ->
                Optional.of(new Endpoint.Stdio(command, environment, Optional.<Path>empty()));
            case Server.Workspace workspace -> Optional.empty();
            case Server.CallerRun none -> Optional.empty();
        };
    }

    /// Names of the servers whose tools callers run themselves.
    static Set<String> callerRun(Configuration configuration) {
        return configuration.servers().entrySet().stream()
                .filter(entry -> entry.getValue() instanceof Server.CallerRun)
                .map(Map.Entry::getKey)
                .collect(Collectors.toUnmodifiableSet());
    }

    /// Lists every upstream's tools in the background; one that fails is tried again until it answers.
    void start() {
        for (String name : names)
            Thread.ofVirtual().name("guardrail-" + name + "-first-listing").start(() -> listUntilItAnswers(name));
    }

    private void listUntilItAnswers(String server) {
        Duration pause = Duration.ofSeconds(1);
        while (!closed) {
            Optional<String> wrong = upstreams.refresh(server, LISTING);
            if (wrong.isEmpty()) return;
            LOG.warn("the tools of `{}` are not known yet: {}", server, wrong.get());
            try {
                Thread.sleep(pause);
            } catch (InterruptedException stopped) {
                return;
            }
            pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause.multipliedBy(2);
        }
    }

    Upstreams upstreams() {
        return upstreams;
    }

    Paths paths() {
        return paths;
    }

    Schemas schemas() {
        return schemas;
    }

    @Override
    public void close() {
        closed = true;
        upstreams.close();
    }
}
