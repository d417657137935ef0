package dev.guardrail.server.store;

import dev.guardrail.base.Printable;
import dev.guardrail.base.Ticker;
import dev.guardrail.journal.LogId;
import dev.guardrail.journal.Receipt;
import dev.guardrail.journal.StoreConflict;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The one thread that writes. What waits shares a transaction (group commit); nobody is told of anything before the
/// transaction is durable. After any fault nobody knows what is durable, so everything waiting fails and commits are
/// refused until the file was opened anew and a trial write came through; that is tried again and again.
final class Writer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Writer.class);

    /// Most batches of one transaction.
    private static final int GROUP = 512;

    /// Longest time between two looks at the disk, and between two attempts to open the file anew.
    private static final Duration LOOK = Duration.ofMillis(300);

    /// A write that takes this long makes the store count as not writable.
    private static final Duration SLOW = Duration.ofMillis(700);

    private final DataDirectory directory;
    private final LogId log;
    private final DocumentCache cache;
    private final Settings settings;
    private final Ticker ticker;
    private final BlockingQueue<Waiting> queue = new LinkedBlockingQueue<>();
    private final Waiting last = new Waiting(appender -> new Receipt(LogId.EMBEDDED, 0));
    private Reopening reopening = () -> {};
    private @Nullable Thread thread;

    private volatile @Nullable IOException refusal;
    private volatile @Nullable Long busySince;
    private volatile boolean stalled;
    private volatile boolean closing;
    private volatile boolean ended;
    private volatile long size;
    private volatile long highWaterMillis;

    /// Null while broken; of the thread alone.
    private @Nullable Appender appender;

    private long lookedAt;
    private int attempts;

    /// Told after the file was opened anew, before commits go on.
    @FunctionalInterface
    interface Reopening {
        void reopened() throws IOException;
    }

    Writer(DataDirectory directory, LogId log, DocumentCache cache, Settings settings, Ticker ticker)
            throws IOException {
        this.directory = directory;
        this.log = log;
        this.cache = cache;
        this.settings = settings;
        this.ticker = ticker;
        adopt(Appender.open(directory.database(), log, cache, settings));
    }

    void start(Reopening told) {
        reopening = told;
        thread = Thread.ofPlatform().name("journal-writer").daemon().start(this::run);
    }

    long size() {
        return size;
    }

    long highWaterMillis() {
        return highWaterMillis;
    }

    boolean writable() {
        var since = busySince;
        return refusal == null && !closing && (since == null || ticker.nanos() - since < SLOW.toNanos());
    }

    /// Hands work to the thread and waits until it is durable.
    ///
    /// @throws IOException if it failed, or took longer than the settings' patience: durability is unknown then
    Receipt commit(Waiting waiting) throws IOException, StoreConflict {
        var refused = closing ? closed() : refusal;
        if (refused != null) throw new IOException(refused.getMessage(), refused);
        queue.add(waiting);
        // The thread may have ended between the question and the queue.
        if (ended && queue.remove(waiting)) throw closed();
        return Outcome.await(waiting.outcome(), settings.patience(), () -> {
            stalled = true;
            return refuse(new IOException("a write to `" + directory.path() + "` takes longer than "
                    + settings.patience().toSeconds() + " seconds; check the disk, it goes on by itself"));
        });
    }

    private static IOException closed() {
        return new IOException("the journal is closed");
    }

    private IOException refuse(IOException fault) {
        refusal = fault;
        return fault;
    }

    private void run() {
        boolean open = true;
        while (open) {
            List<Waiting> group = new ArrayList<>();
            try {
                open = appender == null ? reopen(group) : serve(appender, group);
            } catch (Throwable fault) {
                broken(fault, group);
            }
        }
        ended = true;
        queue.forEach(waiting -> waiting.outcome().completeExceptionally(closed()));
        drop(closed());
    }

    private boolean serve(Appender open, List<Waiting> group) throws Exception {
        if (stalled) throw new IOException("a write to `" + directory.path() + "` took too long");
        var first = queue.poll(LOOK.toMillis(), TimeUnit.MILLISECONDS);
        if (ticker.nanos() - lookedAt >= LOOK.toNanos()) look();
        if (first == null) return true;
        group.add(first);
        queue.drainTo(group, GROUP - 1);
        boolean ending = group.remove(last);
        if (!group.isEmpty()) write(open, group);
        return !ending;
    }

    private void write(Appender open, List<Waiting> group) throws SQLException {
        busySince = ticker.nanos();
        List<Runnable> answers = new ArrayList<>(group.size());
        for (var waiting : group) answers.add(answer(open, waiting));
        open.commit();
        size = open.size();
        highWaterMillis = open.highWaterMillis();
        busySince = null;
        answers.forEach(Runnable::run);
    }

    /// Does the work in the open transaction.
    ///
    /// @return what tells whoever waits, once the transaction is durable: also a conflict is one only then
    private static Runnable answer(Appender open, Waiting waiting) throws SQLException {
        try {
            var receipt = waiting.work().write(open);
            return () -> waiting.outcome().complete(receipt);
        } catch (StoreConflict | IllegalArgumentException refused) {
            return () -> waiting.outcome().completeExceptionally(refused);
        }
    }

    /// Refuses while space is short, and notices a file that is no longer ours, before a write would.
    private void look() throws IOException {
        lookedAt = ticker.nanos();
        directory.expectSameFile();
        long free = directory.freeBytes();
        if (free >= settings.reserveBytes()) refusal = null;
        else if (refusal == null)
            LOG.warn(
                    "{}",
                    refuse(new IOException("only " + free + " bytes are left for `" + directory.path() + "` where "
                                    + settings.reserveBytes() + " are kept free; make room, it goes on by itself"))
                            .getMessage());
    }

    private void broken(Throwable fault, List<Waiting> group) {
        var failure = fault instanceof SQLException sql
                ? Database.failure(directory.database(), sql)
                : new IOException(
                        fault instanceof IOException told && told.getMessage() != null
                                ? told.getMessage()
                                : "the journal failed: " + fault.getClass().getName(),
                        fault);
        if (attempts == 0)
            LOG.warn("the journal cannot be written: {}", Printable.text(String.valueOf(failure.getMessage())));
        if (!(fault instanceof SQLException || fault instanceof IOException))
            LOG.error("a fault in the journal: {}", Printable.trace(fault));
        refuse(failure);
        drop(failure);
        busySince = null;
        queue.drainTo(group);
        if (group.remove(last)) queue.add(last);
        group.forEach(
                waiting -> waiting.outcome().completeExceptionally(new IOException(failure.getMessage(), failure)));
    }

    private void drop(IOException failure) {
        var open = appender;
        appender = null;
        if (open == null) return;
        try {
            open.close();
        } catch (SQLException also) {
            failure.addSuppressed(also);
        }
    }

    private boolean reopen(List<Waiting> group) throws Exception {
        long backoff = Math.min(LOOK.toMillis(), 50L << Math.min(attempts++, 4));
        var first = queue.poll(backoff, TimeUnit.MILLISECONDS);
        if (first == last) return false;
        if (first != null) group.add(first);
        directory.expectSameFile();
        var fresh = Appender.open(directory.database(), log, cache, settings);
        if (fresh.size() < size) {
            fresh.close();
            throw new UnusableData("`" + directory.database() + "` holds " + fresh.size() + " entries where " + size
                    + " were acknowledged; stop guardrail and restore a backup");
        }
        // What failed may have become durable after all: what is known starts again from the file.
        cache.clear();
        adopt(fresh);
        reopening.reopened();
        stalled = false;
        attempts = 0;
        refusal = null;
        LOG.info("the journal can be written again; it holds {} entries", size);
        if (first != null) write(fresh, group);
        return true;
    }

    private void adopt(Appender fresh) {
        appender = fresh;
        size = fresh.size();
        highWaterMillis = fresh.highWaterMillis();
    }

    /// Commits what was handed over before, then ends.
    @Override
    public void close() {
        if (closing) return;
        closing = true;
        var running = thread;
        if (running == null) {
            drop(closed());
            return;
        }
        queue.add(last);
        Outcome.join(running);
    }
}
