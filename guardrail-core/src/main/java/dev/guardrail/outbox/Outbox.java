package dev.guardrail.outbox;

import dev.guardrail.base.Deadlines;
import dev.guardrail.call.CallId;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Document;
import dev.guardrail.journal.Draft;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.JournalUnavailable;
import dev.guardrail.journal.Kind;
import dev.guardrail.journal.QueueEnd;
import dev.guardrail.journal.Queued;
import dev.guardrail.journal.Status;
import dev.guardrail.journal.StoreConflict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// Where permitted calls wait until their delay is over. What counts is in the journal; what is kept in memory is
/// when each is due, and who waits. Whether a call that is due runs is decided by the path, anew. Safe for concurrent
/// use.
///
/// Waiting costs no polling: one virtual thread sleeps until the next call is due ([#start]). A call runs no earlier
/// than both clocks say: as much monotonic time must have passed as it was put off, and the wall clock must stand at
/// its time or beyond.
public final class Outbox implements AutoCloseable {
    /// Calls of one agent that may wait at a time.
    public static final int SHARE = 1_000;

    /// How long after its time a call still runs, as after the guard was down; then it expires.
    public static final Duration LATEST = Duration.ofDays(1);

    private static final int PAGE = 256;

    /// Each lost race means that somebody else got on, so far fewer are ever needed.
    private static final int ATTEMPTS = 1_000;

    /// Until a call that could not be decided is tried again.
    private static final Duration AGAIN = Duration.ofSeconds(1);

    private final Journal journal;
    private final Executor runners;
    private final Deadlines<Status> times;
    private final Presence presence = new Presence();
    private volatile boolean closed;

    /// @param runners carries out calls that are due; bounds how many run at a time
    public Outbox(Journal journal, Executor runners) {
        this.journal = journal;
        this.runners = runners;
        this.times = new Deadlines<>(journal::nanos);
    }

    /// Arms what earlier boots left, then hands calls that are due to `path` until closed. To be called once, before
    /// calls are taken, and after recovery.
    ///
    /// @param path decides a call again, and runs it where it still may
    public void start(Consumer<CallId> path) {
        rearm();
        Thread.ofVirtual().name("outbox").start(() -> times.keep(() -> runDue(path)));
    }

    /// Arms every queued call of the store.
    ///
    /// @return how many wait
    public int rearm() {
        for (CallRecord call : list(each -> true, "", Integer.MAX_VALUE))
            arm(call, queued(call).runsAt());
        return times.size();
    }

    private void arm(CallRecord call, java.time.Instant runsAt) {
        var left = Duration.between(journal.now(), runsAt);
        presence.enter(call.agent(), call.id());
        times.arm(call.id().value(), Status.PERMITTED, left.isNegative() ? Duration.ZERO : left);
    }

    private static Queued queued(CallRecord call) {
        return call.queued().orElseThrow();
    }

    /// True where one more call of the agent may wait.
    public boolean hasRoom(String agent) {
        return presence.of(agent) < SHARE;
    }

    /// Takes notice of a call that a draft puts off, once that is durable. A crash before leaves no call in the
    /// outbox; one after it leaves a call that the next boot arms.
    public void enter(Draft draft, CallRecord call) {
        draft.afterwards(() -> arm(call, queued(call).runsAt()));
    }

    /// Takes notice of a queued call that a draft brings out of the outbox: it runs, or will not.
    public void leave(Draft draft, CallRecord call) {
        draft.afterwards(() -> gone(call));
    }

    private void gone(CallRecord call) {
        times.disarm(call.id().value());
        presence.leave(call.agent(), call.id());
    }

    /// True once a queued call may run, by both clocks.
    public boolean isDue(CallRecord call) {
        boolean waited = times.left(call.id().value(), Status.PERMITTED).orElse(0) <= 0;
        return waited && !journal.now().isBefore(queued(call).runsAt());
    }

    /// Hands every call that is due to whoever runs calls, without waiting for any.
    ///
    /// @return how many were handed on
    public int runDue(Consumer<CallId> path) {
        int handed = 0;
        for (String id : times.due()) if (isHanded(id, path)) handed++;
        return handed;
    }

    private boolean isHanded(String id, Consumer<CallId> path) {
        Optional<CallRecord> call = read(id).map(Outbox::record).filter(CallRecord::isQueued);
        if (call.isEmpty()) {
            times.disarm(id);
            presence.forget(new CallId(id));
            return false;
        }
        var early = Duration.between(journal.now(), queued(call.get()).runsAt());
        if (early.isPositive()) {
            // The wall clock was set back: it waits for that, too.
            times.arm(id, Status.PERMITTED, early);
            return false;
        }
        // Whatever becomes of the attempt, a call that is still queued after it is tried again.
        times.disarm(id);
        runners.execute(() -> attempt(call.get(), path));
        return true;
    }

    private void attempt(CallRecord call, Consumer<CallId> path) {
        if (closed) return;
        try {
            boolean late = journal.now().isAfter(queued(call).runsAt().plus(LATEST));
            if (late) end(call.id(), QueueEnd.ofGuard(Status.Event.LAPSE, "late"));
            else path.accept(call.id());
        } finally {
            tryAgain(call);
        }
    }

    private void tryAgain(CallRecord call) {
        boolean armed = times.left(call.id().value(), Status.PERMITTED).isPresent();
        if (!armed && !closed && mayBeQueued(call.id().value()))
            times.arm(call.id().value(), Status.PERMITTED, AGAIN);
    }

    private boolean mayBeQueued(String id) {
        try {
            return read(id).map(Outbox::record).filter(CallRecord::isQueued).isPresent();
        } catch (JournalUnavailable unknown) {
            return true;
        }
    }

    /// Takes a call back, unless it has left the outbox: of those who race for it, one commits.
    ///
    /// @return empty where there is no such call
    public Optional<Withdrawal> cancel(CallId id, String by, String why, String words) {
        return end(id, new QueueEnd(Status.Event.CANCEL, by, why, words));
    }

    /// Takes back every queued call that fits.
    ///
    /// @param reason one word; it is what `why` is elsewhere
    /// @param by kind and name of whoever does it
    /// @return those that will not run
    public List<CallRecord> cancelWhere(Predicate<CallRecord> which, String reason, String by) {
        var cancelled = new ArrayList<CallRecord>();
        for (CallRecord call : list(which, "", Integer.MAX_VALUE))
            if (cancel(call.id(), by, reason, "").orElseThrow() instanceof Withdrawal.Done(CallRecord done))
                cancelled.add(done);
        return List.copyOf(cancelled);
    }

    /// The guard gives a queued call up.
    public void giveUp(CallId id, String why) {
        end(id, QueueEnd.ofGuard(Status.Event.CANCEL, why));
    }

    private Optional<Withdrawal> end(CallId id, QueueEnd how) {
        StoreConflict last = null;
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            var document = read(id.value());
            if (document.isEmpty()) return Optional.empty();
            var call = record(document.get());
            if (!call.isQueued()) return Optional.of(new Withdrawal.TooLate(call));
            try {
                var draft = new Draft();
                var end = how.write(journal, draft, document.get());
                leave(draft, end);
                journal.commit(draft);
                return Optional.of(new Withdrawal.Done(end));
            } catch (StoreConflict raced) {
                last = raced;
            }
        }
        throw new IllegalStateException("a queued call keeps changing", last);
    }

    /// Queued calls in order of id.
    ///
    /// @param after only ids beyond this one; empty for all
    public List<CallRecord> list(Predicate<CallRecord> which, String after, int limit) {
        var filter = new Document.Tags(null, CallRecord.QUEUED, null);
        var found = new ArrayList<CallRecord>();
        var page = journal.find(Kind.CALL, filter, after, PAGE);
        while (!page.isEmpty() && found.size() < limit) {
            page.stream().map(Outbox::record).filter(which).forEach(found::add);
            page = journal.find(Kind.CALL, filter, page.getLast().key(), PAGE);
        }
        return found.stream().limit(limit).toList();
    }

    /// Parks until a call has left the outbox, `atMost` is over, or the outbox closes.
    public void await(CallId id, Duration atMost) {
        presence.await(id, () -> !mayBeQueued(id.value()), atMost);
    }

    private Optional<Document> read(String id) {
        return journal.get(Kind.CALL, id);
    }

    private static CallRecord record(Document document) {
        return CallRecord.of(document.value());
    }

    /// How many calls wait here.
    public int size() {
        return times.size();
    }

    /// Runs nothing from here on, and wakes everybody who waits. Queued calls stay, durably.
    @Override
    public void close() {
        closed = true;
        times.close();
        presence.release();
    }
}
