package dev.guardrail.server.observe;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.base.Ticker;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.pipeline.Runner;
import dev.guardrail.pipeline.Witness;
import dev.guardrail.policy.Verdict;
import dev.guardrail.server.relay.Relay;
import dev.guardrail.server.relay.TraceContext;
import dev.guardrail.server.relay.Tracing;
import dev.guardrail.server.relay.Way;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/// Traces of requests. The parent of our spans is what stands in `params._meta` (MCP 2026-07-28, SEP-414); a span in
/// the
/// headers, which any library on the way may have put there, is linked. The upstream is told our own span, with the
/// `tracestate` that came with the parent; baggage goes no further. Without an exporter a request that came in a trace
/// goes on in it all the same, and any other goes on as it came.
public final class Traces implements Tracing {
    private static final ScopedValue<Trace> CURRENT = ScopedValue.newInstance();

    private final RandomGenerator random;
    private final InstantSource wall;
    private final Ticker ticker;
    private final Map<String, String> transports;
    private final Optional<SpanSink> sink;

    private Traces(
            RandomGenerator random,
            InstantSource wall,
            Ticker ticker,
            Map<String, String> transports,
            Optional<SpanSink> sink) {
        this.random = random;
        this.wall = wall;
        this.ticker = ticker;
        this.transports = Map.copyOf(transports);
        this.sink = sink;
    }

    /// @param random makes ids
    /// @param piped for each upstream, whether it is a process of ours
    /// @param export empty where nobody wants spans
    public static Traces of(
            RandomGenerator random,
            InstantSource wall,
            Ticker ticker,
            Map<String, Boolean> piped,
            Optional<OtlpExport> export) {
        var transports = new java.util.HashMap<String, String>();
        piped.forEach((server, pipe) -> transports.put(server, pipe ? SpanNames.PIPE : SpanNames.TCP));
        return new Traces(random, wall, ticker, transports, export.map(SpanSink.class::cast));
    }

    @Override
    public <A> A traced(Inbound inbound, Function<JsonObject, A> work, Function<A, Ending> ending) {
        Optional<TraceContext> parent = TraceContext.of(inbound.params());
        Optional<TraceContext> heard = TraceContext.of(inbound.headers());
        JsonObject bare = TraceContext.none(inbound.params());
        if (parent.isEmpty() && sink.isEmpty()) return work.apply(bare);
        TraceContext place = parent.map(above -> above.at(id(8)))
                .orElseGet(() -> new TraceContext(id(16), id(8), TraceContext.SAMPLED, ""));
        if (sink.isEmpty()) return work.apply(place.in(bare));
        var trace = new Trace(
                place.isSampled()
                        ? Optional.of(request(inbound, place, parent, link(parent, heard)))
                        : Optional.empty(),
                place.at(id(8)));
        return within(trace, () -> work.apply(trace.onward().in(bare)), ending);
    }

    private static Optional<TraceContext> link(Optional<TraceContext> parent, Optional<TraceContext> heard) {
        return heard.filter(other -> parent.filter(above ->
                        above.trace().equals(other.trace()) && above.span().equals(other.span()))
                .isEmpty());
    }

    private Span request(
            Inbound inbound, TraceContext place, Optional<TraceContext> parent, Optional<TraceContext> link) {
        Optional<String> target = target(inbound.method(), inbound.params());
        var span = new Span(
                        Span.Kind.SERVER,
                        SpanNames.name(inbound.method(), target),
                        place,
                        parent.map(above -> new Span.Parent(above.span(), true)),
                        link,
                        now())
                .with(SpanNames.METHOD, SpanNames.method(inbound.method()))
                .with(
                        SpanNames.REQUEST,
                        inbound.id() instanceof JsonText(String text)
                                ? text
                                : inbound.id().toString())
                .with(SpanNames.REVISION, inbound.revision().flatMap(SpanNames::plain))
                .with(SpanNames.TRANSPORT, SpanNames.TCP)
                .with(SpanNames.SERVER, inbound.server());
        if (inbound.way() instanceof Way.Session(String connection)) span.with(SpanNames.SESSION, connection);
        named(span, inbound.method(), target);
        return span;
    }

    /// The tool or the prompt that params name. A resource is named by an argument, which no span holds.
    static Optional<String> target(String method, JsonObject params) {
        return switch (method) {
            case "tools/call", "prompts/get" -> params.text("name").flatMap(SpanNames::plain);
            default -> Optional.empty();
        };
    }

    private static void named(Span span, String method, Optional<String> target) {
        if (method.equals("tools/call"))
            span.with(SpanNames.OPERATION, SpanNames.EXECUTE_TOOL).with(SpanNames.TOOL, target);
        else span.with(SpanNames.PROMPT, target);
    }

    private <A> A within(Trace trace, ScopedValue.CallableOp<A, RuntimeException> work, Function<A, Ending> ending) {
        Ending end = Ending.fault(SpanNames.OTHER);
        try {
            A answer = ScopedValue.where(CURRENT, trace).call(work);
            end = ending.apply(answer);
            return answer;
        } finally {
            trace.waited(ticker.nanos());
            Ending seen = end;
            trace.request().ifPresent(span -> give(span.ended(now(), seen)));
        }
    }

    /// The request's trace on this thread; a call that came by no MCP request begins one of its own.
    Optional<Trace> current() {
        return CURRENT.isBound() ? Optional.of(CURRENT.get()).filter(Trace::isRecorded) : Optional.of(fresh());
    }

    private Trace fresh() {
        return new Trace(Optional.empty(), new TraceContext(id(16), id(8), TraceContext.SAMPLED, ""));
    }

    /// A span below the request's, or at the head of its trace.
    Span internal(String name, Trace trace) {
        return new Span(
                Span.Kind.INTERNAL,
                name,
                trace.onward().at(id(8)),
                trace.request().map(above -> new Span.Parent(above.place().span(), false)),
                Optional.empty(),
                now());
    }

    /// The span that the upstream is told of.
    Span outbound(String server, String method, Optional<String> target, Trace trace, Optional<Span> above) {
        var span = new Span(
                        Span.Kind.CLIENT,
                        SpanNames.name(method, target),
                        trace.onward(),
                        above.or(trace::request)
                                .map(parent -> new Span.Parent(parent.place().span(), false)),
                        Optional.empty(),
                        now())
                .with(SpanNames.METHOD, SpanNames.method(method))
                .with(SpanNames.TRANSPORT, transports.getOrDefault(server, SpanNames.TCP))
                .with(SpanNames.SERVER, server);
        named(span, method, target);
        return span;
    }

    /// True for servers that are not ourselves.
    boolean isUpstream(String server) {
        return transports.containsKey(server);
    }

    void give(Span span) {
        sink.ifPresent(taker -> taker.take(span));
    }

    /// Nanoseconds since 1970.
    long now() {
        Instant instant = wall.instant();
        return Math.addExact(Math.multiplyExact(instant.getEpochSecond(), 1_000_000_000L), instant.getNano());
    }

    private String id(int bytes) {
        var id = new byte[bytes];
        do random.nextBytes(id);
        while (isZero(id));
        return HexFormat.of().formatHex(id);
    }

    private static boolean isZero(byte[] id) {
        for (byte each : id) if (each != 0) return false;
        return true;
    }

    /// The same runner; what it runs is in its request's trace.
    public Runner around(Runner runner) {
        return sink.isPresent() ? new TracedRunner(runner, this) : runner;
    }

    /// The same relay; what passes is in its request's trace.
    public Relay around(Relay relay) {
        return sink.isPresent() ? new TracedRelay(relay, this) : relay;
    }

    /// Tells the witness everything, and puts decisions into their request's span.
    public Witness around(Witness witness) {
        if (sink.isEmpty()) return witness;
        return new Witness() {
            @Override
            public void decided(CallRecord call, Verdict verdict) {
                if (CURRENT.isBound()) CURRENT.get().decided(call, ticker.nanos());
                witness.decided(call, verdict);
            }

            @Override
            public void executed(CallRecord call, long nanos) {
                witness.executed(call, nanos);
            }

            @Override
            public void faulted(String stage, Throwable fault) {
                witness.faulted(stage, fault);
            }
        };
    }
}
