package dev.guardrail.server.notify;

import dev.guardrail.base.Printable;
import dev.guardrail.base.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Carries the notices of one channel: a bounded queue, and a few threads that empty it. Whoever gives it a notice
/// never
/// waits. What waits is in memory alone: a crash loses it, and the journal still holds the approval that it told of.
final class Courier {
    private static final Logger LOG = LoggerFactory.getLogger(Courier.class);

    private final String name;
    private final Insistence insistence;
    private final Settings settings;
    private final Settled settled;
    private final Recent recent;
    private final Semaphore places;
    private final BlockingQueue<Optional<Journey>> queue = new LinkedBlockingQueue<>();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean closed;

    /// Told what came of each notice, on one of the courier's threads.
    interface Settled {
        void delivered(Journey journey);

        void failed(Journey journey, String why);
    }

    /// What came of giving it a notice.
    enum Taken {
        QUEUED,
        DUPLICATE,
        FULL,
        CLOSED
    }

    Courier(
            String name,
            Channel channel,
            Duration timeout,
            Settings settings,
            Ticker ticker,
            RandomGenerator random,
            Settled settled) {
        this.name = name;
        this.settings = settings;
        this.settled = settled;
        this.insistence = new Insistence(name, channel, timeout, settings, ticker, random);
        this.recent = new Recent(ticker);
        this.places = new Semaphore(settings.queue());
    }

    void start() {
        for (int i = 0; i < settings.concurrent(); i++)
            threads.add(Thread.ofVirtual()
                    .name("guardrail-notify-" + name + '-' + i)
                    .start(this::run));
    }

    /// Takes a notice, or says why not.
    Taken take(Journey journey) {
        if (closed) return Taken.CLOSED;
        String id = journey.notice().id();
        if (!recent.add(id)) return Taken.DUPLICATE;
        if (places.tryAcquire()) {
            queue.add(Optional.of(journey));
            return Taken.QUEUED;
        }
        recent.forget(id);
        return Taken.FULL;
    }

    /// Until the word that there is nothing more.
    private void run() {
        try {
            for (var next = queue.take(); next.isPresent(); next = queue.take()) {
                places.release();
                carry(next.get());
            }
        } catch (InterruptedException hurried) {
            LOG.debug("a courier was stopped");
        }
    }

    private void carry(Journey journey) {
        Delivery made;
        try {
            made = insistence.deliver(journey.notice());
        } catch (RuntimeException fault) {
            // A pause that the guard's end broke off ends here too.
            if (!closed) LOG.error("a fault in channel `{}`: {}", name, Printable.trace(fault));
            made = new Delivery.Refused(closed ? "the guard stopped meanwhile" : "a fault of ours, see the log");
        }
        switch (made) {
            case Delivery.Delivered() -> settled.delivered(journey);
            case Delivery.Refused(String why) -> failed(journey, why);
            case Delivery.Troubled(String why, var after) -> failed(journey, why);
        }
    }

    private void failed(Journey journey, String why) {
        recent.forget(journey.notice().id());
        settled.failed(journey, why);
    }

    /// Takes nothing more; each thread ends when it has come to the end of the queue.
    void shut() {
        closed = true;
        for (int i = 0; i < threads.size(); i++) queue.add(Optional.empty());
    }

    /// Waits for what is under way until `deadline`, then breaks it off.
    ///
    /// @param deadline on the ticker
    /// @return notices that nobody was told
    int end(long deadline, Ticker ticker) {
        boolean hurried = false;
        for (Thread thread : threads) {
            try {
                long left = Math.max(1, deadline - ticker.nanos());
                if (!hurried && thread.join(Duration.ofNanos(left))) continue;
            } catch (InterruptedException stopped) {
                hurried = true;
                Thread.currentThread().interrupt();
            }
            thread.interrupt();
        }
        insistence.close();
        var left = new ArrayList<Optional<Journey>>();
        queue.drainTo(left);
        return (int) left.stream().filter(Optional::isPresent).count();
    }
}
