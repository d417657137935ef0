package dev.guardrail.journal;

import dev.guardrail.base.Sha256;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/// Entries on what was refused before any policy was asked. A sender cannot fill the log: of one sender, door, server,
/// route and fault, [#EACH] entries are written in a [#WINDOW], and all that follow in it become one entry with their
/// number. Memory is bounded by [#KINDS]. Safe for concurrent use.
///
/// What cannot be written now is counted into that later entry. A crash loses what has only been counted; where it was
/// not known whether an entry is durable, its refusal may be counted once more.
public final class RefusalLog {
    /// Entries of one kind in one window, before they are counted together.
    public static final int EACH = 10;

    public static final Duration WINDOW = Duration.ofMinutes(1);

    /// Kinds that are told apart; beyond them refusals are one kind for each door and fault.
    public static final int KINDS = 4_096;

    private static final String OTHERS = "others";

    private final Journal journal;
    private final Map<Alike, Tally> tallies = new HashMap<>();
    private final AtomicLong missed = new AtomicLong();

    public RefusalLog(Journal journal) {
        this.journal = journal;
    }

    /// What is counted together.
    private record Alike(Entry.SenderLine sender, String door, String fault, Optional<String> server, String route) {
        static Alike of(WireRefusal refusal) {
            var sender = refusal.sender();
            return new Alike(
                    new Entry.SenderLine(sender.by(), sender.agent(), Optional.empty(), Optional.empty()),
                    refusal.door(),
                    refusal.fault(),
                    refusal.server(),
                    refusal.route());
        }

        Alike others() {
            var anybody = new Entry.SenderLine(OTHERS, Optional.empty(), Optional.empty(), Optional.empty());
            return new Alike(anybody, door, fault, Optional.empty(), OTHERS);
        }
    }

    /// One window of one kind. Guarded by the log.
    private static final class Tally {
        private long begun;
        private int written;
        private long counted;
        private Instant since = Instant.EPOCH;

        /// Who it was, where it was always the same.
        private Optional<Entry.SenderLine> sender = Optional.empty();

        boolean isOver(long now) {
            return now - begun >= WINDOW.toNanos();
        }

        void count(Entry.SenderLine whose, Instant at, long more) {
            sender = counted == 0 ? Optional.of(whose) : sender.filter(whose::equals);
            if (counted == 0 || at.isBefore(since)) since = at;
            counted += more;
        }
    }

    /// An entry about to be written, and where it is counted if it cannot be.
    private record Due(Alike alike, Entry entry, Entry.SenderLine sender, Instant since, long count) {}

    /// Keeps a refusal: an entry, durable when this returns, or one more in a later entry's number. It never throws:
    /// whoever refuses goes on refusing.
    public void note(WireRefusal refusal) {
        try {
            write(taken(refusal));
        } catch (RuntimeException unwritable) {
            missed.incrementAndGet();
        }
    }

    private synchronized List<Due> taken(WireRefusal refusal) {
        Instant at = journal.now();
        long now = journal.nanos();
        Alike alike = known(Alike.of(refusal), now);
        var tally = tallies.computeIfAbsent(alike, first -> begun(now));
        List<Due> due = new ArrayList<>();
        if (tally.isOver(now)) {
            summary(alike, tally, at).ifPresent(due::add);
            tally.begun = now;
            tally.written = 0;
        }
        var sender = line(refusal.sender());
        if (tally.written < EACH) {
            tally.written++;
            due.add(new Due(alike, single(refusal, sender, at), sender, at, 1));
        } else tally.count(sender, at, 1);
        return due;
    }

    private Alike known(Alike alike, long now) {
        if (tallies.containsKey(alike) || tallies.size() < KINDS) return alike;
        tallies.values().removeIf(tally -> tally.isOver(now) && tally.counted == 0);
        return tallies.size() < KINDS ? alike : alike.others();
    }

    private static Tally begun(long now) {
        var tally = new Tally();
        tally.begun = now;
        return tally;
    }

    private Entry.SenderLine line(WireRefusal.Sender sender) {
        return new Entry.SenderLine(
                sender.by(), sender.agent(), sender.session(), sender.user().map(journal::pseudonym));
    }

    private Entry single(WireRefusal refusal, Entry.SenderLine sender, Instant at) {
        Optional<Sha256> message = refusal.message().map(journal::blind);
        return new Entry.WireRefused(
                at,
                refusal.door(),
                refusal.fault(),
                sender,
                refusal.server(),
                refusal.route(),
                message,
                1,
                Optional.empty());
    }

    private static Optional<Due> summary(Alike alike, Tally tally, Instant at) {
        if (tally.counted == 0) return Optional.empty();
        var sender = tally.sender.orElse(alike.sender());
        var entry = new Entry.WireRefused(
                at,
                alike.door(),
                alike.fault(),
                sender,
                alike.server(),
                alike.route(),
                Optional.empty(),
                tally.counted,
                Optional.of(tally.since));
        var due = new Due(alike, entry, sender, tally.since, tally.counted);
        tally.counted = 0;
        return Optional.of(due);
    }

    /// Writes the numbers of windows that are over; called now and then.
    public void settle() {
        settle(false);
    }

    /// Writes all numbers; called before the end.
    public void settleAll() {
        settle(true);
    }

    private void settle(boolean all) {
        try {
            write(over(all));
        } catch (RuntimeException unwritable) {
            missed.incrementAndGet();
        }
    }

    private synchronized List<Due> over(boolean all) {
        Instant at = journal.now();
        long now = journal.nanos();
        List<Due> due = new ArrayList<>();
        tallies.forEach((alike, tally) -> {
            if (all || tally.isOver(now)) summary(alike, tally, at).ifPresent(due::add);
        });
        tallies.values().removeIf(tally -> tally.isOver(now));
        return due;
    }

    private void write(List<Due> due) {
        if (due.isEmpty()) return;
        var draft = new Draft();
        due.forEach(each -> draft.entry(each.entry()));
        try {
            journal.commit(draft);
        } catch (StoreConflict impossible) {
            throw new IllegalStateException("nothing was compared", impossible);
        } catch (RuntimeException unwritable) {
            putBack(due);
            throw unwritable;
        }
    }

    private synchronized void putBack(List<Due> due) {
        long now = journal.nanos();
        for (Due each : due)
            tallies.computeIfAbsent(each.alike(), gone -> begun(now)).count(each.sender(), each.since(), each.count());
    }

    /// How often nothing could be written.
    public long missed() {
        return missed.get();
    }
}
