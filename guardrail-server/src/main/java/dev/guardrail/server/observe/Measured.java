package dev.guardrail.server.observe;

import dev.guardrail.base.Printable;
import dev.guardrail.base.ProblemType;
import dev.guardrail.base.Sha256;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.pipeline.Around;
import dev.guardrail.pipeline.Stage;
import dev.guardrail.pipeline.Witness;
import dev.guardrail.policy.RuleId;
import dev.guardrail.policy.Verdict;
import dev.guardrail.undo.UndoStep;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Counts and times what the guard did, by the names of the contract. Labels are bounded: rules and tools are the
/// operator's, and beyond [#SERIES] of a kind everything counts as `other`.
public final class Measured implements Witness, Around {
    private static final Logger LOG = LoggerFactory.getLogger(Measured.class);
    private static final int SERIES = 2_000;
    private static final String OTHER = "other";

    private final MeterRegistry meters;
    private final ConcurrentHashMap<String, Counter> decisions = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, Counter> ruleErrors = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, Timer> upstreams = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, Timer> stages = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, Timer> doors = new ConcurrentHashMap<>();
    private final Map<UndoStep.State, Counter> undone;
    private final ThreadLocal<Long> begun = new ThreadLocal<>();
    private @Nullable Gauge policy;

    public Measured(MeterRegistry meters) {
        this.meters = meters;
        this.undone = Stream.of(UndoStep.State.values())
                .filter(UndoStep.State::isOutcome)
                .collect(Collectors.toUnmodifiableMap(
                        state -> state,
                        state -> Counter.builder("guardrail.undo")
                                .description("Calls that were to be taken back, by what came of it")
                                .tag("outcome", state.text())
                                .register(meters)));
    }

    /// A whole path is walked on one thread: what began there is what is journaled there.
    @Override
    public void decided(CallRecord call, Verdict verdict) {
        Long begin = begun.get();
        if (begin != null)
            doors.computeIfAbsent(
                            call.door(),
                            door -> Timer.builder("guardrail.decision.duration")
                                    .description("From the proposal until its decision is durable")
                                    .tag("door", door)
                                    .register(meters))
                    .record(Duration.ofNanos(System.nanoTime() - begin));
        String rule = call.rules().isEmpty()
                ? ""
                : call.rules().stream().sorted().findFirst().orElse("");
        count(call.effect(), rule, call.tool().toString(), "enforce");
        verdict.shadow()
                .forEach((id, effect) ->
                        count(effect.text(), id.value(), call.tool().toString(), "shadow"));
        for (RuleId failed : verdict.failed())
            ruleErrors
                    .computeIfAbsent(
                            bounded(ruleErrors.size(), failed.value()),
                            id -> Counter.builder("guardrail.rule.errors")
                                    .description("Rules whose condition failed")
                                    .tag("rule", id)
                                    .register(meters))
                    .increment();
        LOG.debug("{} {} {} by {}", call.id(), Printable.text(call.tool().toString()), call.effect(), call.rules());
    }

    private void count(String effect, String rule, String tool, String enforcement) {
        boolean full = decisions.size() >= SERIES;
        String key = full ? effect + '\n' + enforcement : effect + '\n' + rule + '\n' + tool + '\n' + enforcement;
        decisions
                .computeIfAbsent(
                        key,
                        first -> Counter.builder("guardrail.decisions")
                                .description("Decisions that were journaled")
                                .tag("effect", effect)
                                .tag("rule", full ? OTHER : rule)
                                .tag("tool", full ? OTHER : tool)
                                .tag("enforcement", enforcement)
                                .register(meters))
                .increment();
    }

    private static String bounded(int size, String value) {
        return size >= SERIES ? OTHER : value;
    }

    @Override
    public void executed(CallRecord call, long nanos) {
        if (nanos <= 0) return;
        upstreams
                .computeIfAbsent(
                        call.tool().server(),
                        server -> Timer.builder("guardrail.upstream.duration")
                                .description("From the right to run until the outcome")
                                .tag("server", server)
                                .register(meters))
                .record(Duration.ofNanos(nanos));
    }

    @Override
    public void undone(UndoStep step) {
        Counter outcome = undone.get(step.state());
        if (outcome != null) outcome.increment();
    }

    @Override
    public void faulted(String stage, Throwable fault) {
        LOG.error("a fault in `{}` was turned into a refusal: {}", stage, Printable.trace(fault));
    }

    @Override
    public <A, B> Stage<A, B> stage(String name, Stage<A, B> stage) {
        Timer timer = stages.computeIfAbsent(
                name,
                word -> Timer.builder("guardrail.stage.duration")
                        .description("Time in one stage of the path")
                        .tag("stage", word)
                        .register(meters));
        boolean first = name.equals("identify");
        return input -> {
            long begin = System.nanoTime();
            if (first) begun.set(begin);
            try {
                return stage.apply(input);
            } finally {
                timer.record(Duration.ofNanos(System.nanoTime() - begin));
            }
        };
    }

    /// Counts one reading of the policies: `activated`, `unchanged`, `rejected` or `failed`.
    public void reloaded(String result) {
        Counter.builder("guardrail.policy.reloads")
                .description("Readings of changed policies")
                .tag("result", result)
                .register(meters)
                .increment();
    }

    /// Tells the version in force.
    public synchronized void inForce(Sha256 version) {
        Gauge before = policy;
        if (before != null) meters.remove(before);
        policy = Gauge.builder("guardrail.policy.info", () -> 1)
                .description("The policy version in force")
                .tag("version", version.toString())
                .strongReference(true)
                .register(meters);
    }

    /// Counts a request that was refused before any policy was asked.
    public void refused(ProblemType type) {
        Counter.builder("guardrail.wire.refusals")
                .description("Messages refused before any policy was asked")
                .tag("door", "http")
                .tag("fault", type.slug())
                .register(meters)
                .increment();
    }
}
