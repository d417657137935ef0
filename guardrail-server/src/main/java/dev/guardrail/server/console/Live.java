package dev.guardrail.server.console;

import dev.guardrail.approval.ApprovalDesk;
import dev.guardrail.approval.Canaries;
import dev.guardrail.base.Printable;
import io.micronaut.context.annotation.Requires;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps open pages up to date: at once where something happens at this guard's desk, and by looking twice a second
/// where it happens elsewhere. While nobody looks, nothing is done.
@Singleton
@Requires(beans = KeyRing.class)
final class Live {
    private static final Duration LOOK = Duration.ofMillis(500);

    /// Looks between two signs of life.
    private static final int BEAT = 30;

    private static final Logger LOG = LoggerFactory.getLogger(Live.class);

    private final Visits visits;
    private final Pages pages;
    private final List<LivePart> parts;
    private final Set<Stream> streams = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean woken = new AtomicBoolean();
    private final ScheduledThreadPoolExecutor executor;
    private int looks;

    Live(Visits visits, Pages pages, List<LivePart> parts, ApprovalDesk desk, Canaries canaries) {
        this.visits = visits;
        this.pages = pages;
        this.parts = List.copyOf(parts);
        this.executor = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().daemon().name("console-live").factory());
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        executor.scheduleWithFixedDelay(this::look, LOOK.toMillis(), LOOK.toMillis(), TimeUnit.MILLISECONDS);
        desk.listen(event -> wake());
        canaries.listen(event -> wake());
    }

    void add(Stream stream) {
        streams.add(stream);
        wake();
    }

    private void wake() {
        if (streams.isEmpty() || !woken.compareAndSet(false, true)) return;
        try {
            executor.execute(this::look);
        } catch (RejectedExecutionException closing) {
            LOG.debug("nobody is told any more: {}", Printable.trace(closing));
        }
    }

    private void look() {
        woken.set(false);
        boolean beat = ++looks % BEAT == 0;
        String count = null; // the same for everybody, and asked once
        for (Stream stream : streams) {
            try {
                if (beat) stream.beat();
                if (stream.isGone()) continue;
                if (count == null) count = pages.count();
                show(stream, count);
            } catch (RuntimeException fault) {
                // Its page says that it is out of date, and asks again.
                LOG.error("a page cannot be kept up to date: {}", Printable.trace(fault));
                stream.end();
            }
        }
        streams.removeIf(Stream::isGone);
    }

    private void show(Stream stream, String count) {
        if (!visits.isOpen(stream.visit())) {
            stream.over();
            return;
        }
        stream.sendIfNew("", count, () -> Stream.event("count", count));
        for (LivePart part : parts)
            part.of(stream.visit(), stream.query())
                    .ifPresent(shown -> stream.sendIfNew(shown.name(), shown.signature(), () -> event(shown)));
    }

    private static byte[] event(LivePart.Part part) {
        return Stream.event(
                "part", part.name() + "\n" + new String(part.markup().get(), StandardCharsets.UTF_8));
    }

    @PreDestroy
    void close() {
        executor.shutdownNow();
        streams.forEach(Stream::end);
    }
}
