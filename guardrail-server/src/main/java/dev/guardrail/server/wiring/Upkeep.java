package dev.guardrail.server.wiring;

import dev.guardrail.base.Printable;
import dev.guardrail.journal.Recovery;
import dev.guardrail.server.door.Readiness;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What has to be done again and again: lost calls and lapsed leases are settled and asked about, stops of other
/// replicas are noticed,
/// the log's head is signed.
final class Upkeep implements Readiness, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Upkeep.class);
    private static final Duration BEAT = Duration.ofMillis(200);
    private static final int BEATS_PER_SWEEP = 15;

    /// A stop that another replica was told reaches this one within a second.
    private static final int BEATS_PER_LOOK = 4;

    private static final Duration PERIOD = Duration.ofSeconds(1);
    private static final long MOST_UNSIGNED = 1_024;

    private final Assembly assembly;
    private final Recovery recovery;
    private final Inquiry inquiry;
    private final AtomicBoolean failing = new AtomicBoolean();
    private final Thread thread;
    private long signedAt;
    private volatile boolean draining;
    private volatile boolean closed;

    Upkeep(Assembly assembly) {
        this.assembly = assembly;
        this.recovery = new Recovery(assembly.journal());
        this.inquiry = new Inquiry(() -> assembly.guard().doubts());
        this.signedAt = assembly.clocks().ticker().nanos();
        this.thread = Thread.ofVirtual().name("guardrail-upkeep").unstarted(this::keep);
    }

    void start() {
        thread.start();
    }

    private void keep() {
        for (long beat = 0; !closed; beat++) {
            try {
                Thread.sleep(BEAT);
            } catch (InterruptedException stopped) {
                return;
            }
            once(beat % BEATS_PER_SWEEP == 0, beat % BEATS_PER_LOOK == 0);
        }
    }

    /// One round. What fails is tried again in the next one; meanwhile the store says that it is not writable.
    private void once(boolean sweep, boolean look) {
        try {
            sign();
            if (sweep) assembly.refusals().settle();
            if (sweep) inquiry.beat(recovery.sweep(assembly.guard()::runs).inDoubt() > 0);
            if (look) assembly.kill().keep();
            failing.set(false);
        } catch (RuntimeException fault) {
            // Being interrupted at the end is no fault; what is left unsigned is signed last.
            if (!closed && !failing.getAndSet(true))
                LOG.error("upkeep of the journal failed: {}", Printable.trace(fault));
        }
    }

    /// Signs the log's head where it has grown by 1,024 entries, or at all within the last second.
    private void sign() {
        long grown = assembly.journal().store().size() - assembly.notary().signedSize();
        long now = assembly.clocks().ticker().nanos();
        if (grown <= 0 || grown < MOST_UNSIGNED && now - signedAt < PERIOD.toNanos()) return;
        assembly.notary().sign();
        signedAt = now;
    }

    /// Signs for all that there is, at the end; what cannot be signed now is signed by the next start.
    void signLast() {
        try {
            if (assembly.journal().store().size() > assembly.notary().signedSize())
                assembly.notary().sign();
        } catch (RuntimeException fault) {
            LOG.error("the log's last head was not signed: {}", Printable.trace(fault));
        }
    }

    void drain() {
        draining = true;
    }

    @Override
    public Optional<String> fault() {
        if (draining) return Optional.of("draining");
        return assembly.journal().store().writable() ? Optional.empty() : Optional.of("journal");
    }

    @Override
    public List<String> worries() {
        var worries = new ArrayList<String>();
        if (assembly.isWatchLost()) worries.add("policies-watch");
        for (String channel : assembly.channels().failing()) worries.add("channel:" + channel);
        return worries;
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException hurried) {
            Thread.currentThread().interrupt();
        }
        inquiry.close();
    }
}
