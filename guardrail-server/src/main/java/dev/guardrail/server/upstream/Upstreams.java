package dev.guardrail.server.upstream;

import dev.guardrail.base.Printable;
import dev.guardrail.base.ProblemType;
import dev.guardrail.base.Ticker;
import dev.guardrail.call.DecisionRequest;
import dev.guardrail.journal.Lease;
import dev.guardrail.pipeline.Attendance;
import dev.guardrail.pipeline.Outcome;
import dev.guardrail.pipeline.Runner;
import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// All servers that calls run on, by name: the upstreams, and those that we are ourselves.
public final class Upstreams implements Runner, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Upstreams.class);
    private static final long SWEEP_SECONDS = 15;

    /// Time between a server's word that its tools changed and the listing that follows; more words in it are
    /// one.
    private static final long CALM_MILLIS = 250;

    private static final Duration LISTING = Duration.ofSeconds(20);

    private final Map<String, UpstreamServer> servers = new ConcurrentHashMap<>();
    private final Map<String, Runner> own;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("guardrail-upstreams").factory());

    /// @param endpoints upstreams by the server's name
    /// @param own servers of ours by name, such as the workspace
    /// @param seen told each listing
    /// @param random source of request ids; it must be unguessable
    public Upstreams(
            Map<String, Endpoint> endpoints,
            Map<String, Runner> own,
            Bounds bounds,
            UpstreamServer.Listing seen,
            Ticker ticker,
            RandomGenerator random) {
        this.own = Map.copyOf(own);
        endpoints.forEach((name, endpoint) -> {
            var scheduled = new AtomicBoolean();
            var server = new UpstreamServer(
                    name, endpoint, bounds, seen, ticker, random, () -> refreshSoon(name, scheduled));
            servers.put(name, server);
        });
        clock.scheduleWithFixedDelay(this::sweep, SWEEP_SECONDS, SWEEP_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public Outcome run(Lease lease, DecisionRequest request, Attendance attendance) {
        var tool = request.resource().tool();
        var ours = own.get(tool.name().server());
        var server = servers.get(tool.name().server());
        if (tool.callerRun() || (ours == null && server == null))
            return new Outcome.NotRun(
                    ProblemType.UPSTREAM_FAILED,
                    "the guard cannot run `" + tool.name() + "`: its caller runs it, and reports the result");
        return ours != null
                ? ours.run(lease, request, attendance)
                : running(server).run(lease, request, attendance);
    }

    private static UpstreamServer running(@org.jspecify.annotations.Nullable UpstreamServer server) {
        if (server == null) throw new IllegalStateException("looked at above");
        return server;
    }

    /// Lists every server, all at a time; those that fail are tried again when they are next used.
    ///
    /// @return what is wrong, by server
    public Map<String, String> refresh(Duration timeout) {
        var wrong = new ConcurrentHashMap<String, String>();
        var threads = servers.keySet().stream()
                .map(name ->
                        Thread.ofVirtual().start(() -> refresh(name, timeout).ifPresent(text -> wrong.put(name, text))))
                .toList();
        try {
            for (Thread thread : threads) thread.join(timeout.plusSeconds(1));
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
        return Map.copyOf(wrong);
    }

    /// Lists one server's tools now.
    ///
    /// @return what is wrong; empty where the listing was taken, or the server is none of the upstreams
    public Optional<String> refresh(String server, Duration timeout) {
        return Optional.ofNullable(servers.get(server)).flatMap(known -> known.refresh(timeout));
    }

    private void refreshSoon(String server, AtomicBoolean scheduled) {
        if (clock.isShutdown() || !scheduled.compareAndSet(false, true)) return;
        clock.schedule(
                () -> {
                    scheduled.set(false);
                    Thread.ofVirtual()
                            .name("guardrail-" + server + "-refresh")
                            .start(() -> refresh(server, LISTING)
                                    .ifPresent(wrong -> LOG.warn("listing anew failed: {}", wrong)));
                },
                CALM_MILLIS,
                TimeUnit.MILLISECONDS);
    }

    /// Ends what a client's connection has open upstream.
    public void release(String connection) {
        servers.values().forEach(server -> server.release(connection));
    }

    private void sweep() {
        try {
            servers.values().forEach(UpstreamServer::sweep);
        } catch (RuntimeException fault) {
            LOG.error("sweeping connections failed: {}", Printable.trace(fault));
        }
    }

    /// The upstream of this name.
    public Optional<UpstreamServer> server(String name) {
        return Optional.ofNullable(servers.get(name));
    }

    /// For metrics.
    public List<CircuitBreaker> breakers() {
        return servers.values().stream().map(server -> server.fence().breaker()).toList();
    }

    /// For metrics.
    public List<Bulkhead> bulkheads() {
        return servers.values().stream()
                .map(server -> server.fence().bulkhead())
                .toList();
    }

    /// Ends all connections and processes, politely and then by force, within seconds.
    @Override
    public void close() {
        clock.shutdownNow();
        var threads = servers.values().stream()
                .map(server -> Thread.ofVirtual().start(() -> end(server)))
                .toList();
        try {
            for (Thread thread : threads) thread.join();
        } catch (InterruptedException hurried) {
            Thread.currentThread().interrupt();
        }
    }

    private static void end(UpstreamServer server) {
        try {
            server.close();
        } catch (InterruptedException hurried) {
            Thread.currentThread().interrupt();
        }
    }
}
