package dev.guardrail.server.upstream;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Printable;
import dev.guardrail.base.ProblemType;
import dev.guardrail.base.Ticker;
import dev.guardrail.call.DecisionRequest;
import dev.guardrail.call.InboundToken;
import dev.guardrail.journal.Lease;
import dev.guardrail.pipeline.Attendance;
import dev.guardrail.pipeline.Confiner;
import dev.guardrail.pipeline.Looks;
import dev.guardrail.pipeline.Outcome;
import dev.guardrail.pipeline.Runner;
import dev.guardrail.server.relay.Answer;
import dev.guardrail.server.relay.Asking;
import dev.guardrail.server.relay.Line;
import dev.guardrail.server.relay.Relay;
import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// All servers that calls run on, by name: the upstreams, and those that we are ourselves.
public final class Upstreams implements Runner, Relay, Looks, Confiner, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Upstreams.class);
    private static final long SWEEP_SECONDS = 15;

    /// Time between a server's word that its tools changed and the listing that follows; more words in it are
    /// one.
    private static final long CALM_MILLIS = 250;

    private static final Duration LISTING = Duration.ofSeconds(20);

    /// Requests that only a server makes of its client.
    private static final Set<String> CLIENTS =
            Set.of("mcp:sampling/createMessage", "mcp:elicitation/create", "mcp:roots/list", "mcp:inputResponses");

    private final Map<String, UpstreamServer> servers = new ConcurrentHashMap<>();
    private final Map<String, OwnServer> own;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("guardrail-upstreams").factory());

    /// @param endpoints upstreams by the server's name
    /// @param own servers of ours, such as the workspace
    /// @param seen told each listing
    /// @param random source of request ids; it must be unguessable
    public Upstreams(
            Map<String, Endpoint> endpoints,
            List<OwnServer> own,
            Bounds bounds,
            UpstreamServer.Listing seen,
            Ticker ticker,
            RandomGenerator random) {
        this.own = own.stream().collect(Collectors.toUnmodifiableMap(OwnServer::name, server -> server));
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
        if (request.resource().confinement().isPresent()) {
            Optional<Objection> objection = objection(request);
            if (objection.isPresent())
                return new Outcome.NotRun(
                        ProblemType.SANDBOX_UNAVAILABLE, objection.get().message());
        }
        if (attendance.errand().isPresent() && attendance.errand().get() instanceof Asking asking)
            return asked(asking, request, attendance);
        var ours = own.get(tool.name().server());
        var server = servers.get(tool.name().server());
        if (tool.callerRun() || (ours == null && server == null))
            return new Outcome.NotRun(
                    ProblemType.UPSTREAM_FAILED,
                    "the guard cannot run `" + tool.name() + "`: its caller runs it, and reports the result");
        if (CLIENTS.contains(tool.name().name()))
            return new Outcome.NotRun(
                    ProblemType.UPSTREAM_FAILED, "`" + tool.name() + "` is a server's to ask, not a client's");
        return ours != null
                ? run(ours, lease, request, attendance)
                : running(server).run(lease, request, attendance);
    }

    /// A server of ours is looked at by [dev.guardrail.call.ToolName#LOOK] alone: what it runs, it runs with a lease.
    @Override
    public Outcome look(DecisionRequest question, Duration atMost) {
        var ours = own.get(question.resource().tool().name().server());
        if (ours != null) return ours.looks().look(question, atMost);
        return known(question.resource().tool().name().server())
                .map(server -> server.look(question, atMost))
                .orElseGet(() -> new Outcome.NotRun(
                        ProblemType.UPSTREAM_FAILED, "the guard cannot look at what this server has"));
    }

    @Override
    public Optional<Objection> objection(DecisionRequest request) {
        var ours = own.get(request.resource().tool().name().server());
        return (ours == null ? Confiner.NONE : ours.confiner()).objection(request);
    }

    private static Outcome run(OwnServer ours, Lease lease, DecisionRequest request, Attendance attendance) {
        return Composition.isTool(request.resource().tool().name())
                ? ours.runner().run(lease, request, attendance)
                : Outcome.Answered.protocolError(Answer.Failure.methodNotFound().error());
    }

    private static Outcome asked(Asking asking, DecisionRequest request, Attendance attendance) {
        try {
            return asking.ask(request.action().arguments(), attendance.left());
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return new Outcome.Lost(ProblemType.INTERNAL, "the client was left alone: the guard is stopping");
        }
    }

    @Override
    public Answer open(
            String server, String connection, JsonObject hello, Line standing, Optional<InboundToken> token) {
        var ours = own.get(server);
        return ours != null
                ? ours.greet(hello)
                : known(server)
                        .map(known -> known.open(connection, hello, standing, token))
                        .orElseGet(Upstreams::none);
    }

    @Override
    public Optional<Answer.Failure> stranger(String server, Optional<InboundToken> token) {
        return known(server).flatMap(known -> known.stranger(token));
    }

    @Override
    public Answer ask(String server, Passing passing) {
        var ours = own.get(server);
        return ours != null
                ? ours.ask(passing)
                : known(server).map(known -> known.ask(passing)).orElseGet(Upstreams::none);
    }

    @Override
    public void tell(String server, String connection, String method, JsonObject params) {
        known(server).ifPresent(known -> known.tell(connection, method, params));
    }

    @Override
    public void listen(String server, String connection) {
        known(server).ifPresent(known -> known.listen(connection));
    }

    @Override
    public void deafen(String server, String connection) {
        known(server).ifPresent(known -> known.deafen(connection));
    }

    private Optional<UpstreamServer> known(String server) {
        return Optional.ofNullable(servers.get(server));
    }

    private static Answer none() {
        return new Answer.Missing(ProblemType.NOT_FOUND, "there is no such server", false);
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
