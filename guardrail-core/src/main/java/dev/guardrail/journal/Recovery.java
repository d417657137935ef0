package dev.guardrail.journal;

import dev.guardrail.base.Sha256;
import dev.guardrail.call.CallId;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/// Brings calls whose end nobody will report to an end, with an entry for each: a run that was lost is in doubt, a
/// caller's lease that lapsed is expired, outcome unknown. It runs nothing, ever. A crash midway leaves the rest as it
/// was, and the next [#start] goes on from there.
public final class Recovery {
    /// Word of the fault of a run that was lost.
    public static final String LOST = "lost";

    /// Calls settled by one commit.
    private static final int PAGE = 256;

    private final Journal journal;

    /// Ends of callers' leases on this boot's monotonic clock, so that a wall clock set back revives none.
    private final Map<String, Long> deadlines = new HashMap<>();

    public Recovery(Journal journal) {
        this.journal = journal;
    }

    /// How many calls were brought to an end.
    public record Settled(int inDoubt, int expired) {}

    /// Settles what the last boot left. To be called once, before any call is accepted. Where the wall clock stands
    /// before the log's latest entry it cannot be trusted, and every caller's lease and every queued call ends.
    ///
    /// @throws JournalUnavailable if the store cannot be read or written
    public synchronized Settled start() {
        boolean setBack = journal.now().toEpochMilli() < highWaterMillis();
        int expired = lapse(setBack);
        return new Settled(lose(running -> false), expired + (setBack ? unqueue("clock") : 0));
    }

    /// Settles everything that may run or runs, as an older state of the store says that was put in the place of a
    /// newer
    /// one: nobody knows what became of it since.
    ///
    /// @throws JournalUnavailable as the other
    public synchronized Settled abandon() {
        return new Settled(lose(running -> false), lapse(true) + unqueue("restored"));
    }

    /// Settles what this boot left: leases that lapsed by now, and runs that nobody is at (their commit's durability
    /// was unknown). To be called every few seconds.
    ///
    /// @param alive true for calls that somebody runs or is about to; asked after their state was read, so a
    ///     call must be known to it before its intent is committed, and until its outcome is
    /// @throws JournalUnavailable if the store cannot be read or written
    public synchronized Settled sweep(Predicate<CallId> alive) {
        return new Settled(lose(alive), lapse(false));
    }

    private int lose(Predicate<CallId> alive) {
        int settled = 0;
        var page = page(Status.RUNNING, "");
        while (!page.isEmpty()) {
            var lost = page.stream()
                    .filter(document -> !alive.test(new CallId(document.key())))
                    .toList();
            settled += settle(lost, Status.Event.LOSE, LOST);
            page = page(Status.RUNNING, page.getLast().key());
        }
        return settled;
    }

    private int lapse(boolean all) {
        int settled = 0;
        Set<String> open = new HashSet<>();
        var page = page(Status.PERMITTED, "");
        while (!page.isEmpty()) {
            var lapsed = page.stream()
                    .filter(document -> all || lapsed(CallRecord.of(document.value())))
                    .toList();
            settled += settle(lapsed, Status.Event.LAPSE, "lapsed");
            page.forEach(document -> open.add(document.key()));
            page = page(Status.PERMITTED, page.getLast().key());
        }
        deadlines.keySet().retainAll(open);
        return settled;
    }

    /// Ends every queued call.
    private int unqueue(String why) {
        int ended = 0;
        var page = page(CallRecord.QUEUED, "");
        while (!page.isEmpty()) {
            for (Document document : page) if (unqueued(document, why)) ended++;
            page = page(CallRecord.QUEUED, page.getLast().key());
        }
        return ended;
    }

    private boolean unqueued(Document document, String why) {
        try {
            var draft = new Draft();
            QueueEnd.ofGuard(Status.Event.LAPSE, why).write(journal, draft, document);
            journal.commit(draft);
            return true;
        } catch (StoreConflict moved) {
            return false;
        }
    }

    /// True once the lease ended by the wall clock, or by as much monotonic time as was left when it was first seen.
    private boolean lapsed(CallRecord call) {
        Instant now = journal.now();
        Instant until = call.leaseUntil().orElse(now);
        long left = Duration.between(now, until).toNanos();
        long deadline = deadlines.computeIfAbsent(call.id().value(), id -> journal.nanos() + left);
        return left <= 0 || journal.nanos() - deadline >= 0;
    }

    private List<Document> page(Status status, String after) {
        return page(status.text(), after);
    }

    private List<Document> page(String state, String after) {
        return journal.find(Kind.CALL, new Document.Tags(null, state, null), after, PAGE);
    }

    /// Settles all of them at once, or one by one where somebody moved one in between.
    private int settle(List<Document> calls, Status.Event event, String error) {
        if (calls.isEmpty()) return 0;
        try {
            journal.commit(draft(calls, event, error));
            return calls.size();
        } catch (StoreConflict moved) {
            return calls.size() == 1
                    ? 0
                    : calls.stream()
                            .mapToInt(call -> settle(List.of(call), event, error))
                            .sum();
        }
    }

    private Draft draft(List<Document> calls, Status.Event event, String error) {
        var draft = new Draft();
        Set<Sha256> repeats = new HashSet<>();
        for (Document document : calls) {
            var call = CallRecord.of(document.value());
            var next = call.status().after(event).orElseThrow();
            draft.entry(new Entry.Executed(
                    journal.now(),
                    call.id(),
                    call.session(),
                    call.agent(),
                    call.tool(),
                    next,
                    "guard",
                    error,
                    Optional.empty()));
            draft.change(call.moved(next, "guard", error).put(document.version()));
            if (next == Status.IN_DOUBT && !call.idempotent() && repeats.add(call.repeat()))
                draft.change(new Repeat(Repeat.State.IN_DOUBT, call.id(), Optional.empty())
                        .put(call.repeat(), repeatVersion(call)));
        }
        return draft;
    }

    private long repeatVersion(CallRecord call) {
        return journal.get(Kind.REPEAT, Repeat.key(call.repeat()))
                .map(Document::version)
                .orElse(0L);
    }

    private long highWaterMillis() {
        try {
            return journal.store().highWaterMillis();
        } catch (IOException unreadable) {
            throw new JournalUnavailable(unreadable);
        }
    }
}
