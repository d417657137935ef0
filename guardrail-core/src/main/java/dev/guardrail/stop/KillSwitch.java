package dev.guardrail.stop;

import dev.guardrail.approval.ApprovalDesk;
import dev.guardrail.journal.Journal;
import dev.guardrail.outbox.Outbox;
import dev.guardrail.registry.SessionRegistry;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/// What operators stop the guard with. A stop binds from the moment it is durable; the sweep that follows takes back
/// what was permitted before. Safe for concurrent use.
public final class KillSwitch {
    /// Before the first look at the store.
    private static final long NEVER = -1;

    private final Journal journal;
    private final Stops stops;
    private final ApprovalDesk desk;
    private final Outbox outbox;
    private final SessionRegistry sessions;
    private final Runs runs;
    private final List<Consumer<Stop>> listeners = new CopyOnWriteArrayList<>();
    private long swept = NEVER;

    public KillSwitch(
            Journal journal, Stops stops, ApprovalDesk desk, Outbox outbox, SessionRegistry sessions, Runs runs) {
        this.journal = journal;
        this.stops = stops;
        this.desk = desk;
        this.outbox = outbox;
        this.sessions = sessions;
        this.runs = runs;
    }

    /// A stop that was just ordered, and what its sweep took back; empty where the sweep could not end, and will be
    /// taken up again by [#keep].
    public record Ordered(Stop stop, Optional<Swept> swept) {}

    /// Stops a scope. When this returns, nothing in it begins to run any more, on whichever replica.
    ///
    /// @param subject name or id of what is stopped; empty for [Scope#ALL]
    /// @param by name of the operator
    /// @throws dev.guardrail.journal.JournalUnavailable if it could not be journaled: nobody knows then whether it
    ///     binds
    public Ordered order(Scope scope, String subject, String by, String reason) {
        Stop stop = stops.order(scope, subject, by, reason);
        tell(stop);
        try {
            return new Ordered(stop, Optional.of(sweep()));
        } catch (RuntimeException unfinished) {
            // The stop is durable, and is what counts: its sweep goes on in the next round.
            return new Ordered(stop, Optional.empty());
        }
    }

    /// Lifts a stop: calls are decided without it from here on. What it took back stays taken back.
    ///
    /// @return as it stands now, lifted; empty where there is none
    public Optional<Stop> lift(String id, String by) {
        Optional<Stop> before = stops.find(id);
        Optional<Stop> lifted = stops.lift(id, by);
        if (before.filter(Stop::inForce).isPresent()) lifted.ifPresent(this::tell);
        return lifted;
    }

    /// In order of their ids, which is that of ordering.
    public List<Stop> inForce() {
        return stops.now().stops();
    }

    /// The operator's words; empty where they are erased.
    public Optional<String> reason(Stop stop) {
        return stops.reason(stop);
    }

    /// Takes back what the stops in force bind, where they are others than those that were swept here last: another
    /// replica's, an earlier boot's, or one whose sweep broke off. To be called at the start, before anything is
    /// accepted, and every second.
    ///
    /// @throws RuntimeException where the sweep broke off; the next call begins it anew
    public void keep() {
        if (stops.generation() == last()) return;
        sweep();
        desk.wakeEnded();
    }

    private synchronized long last() {
        return swept;
    }

    private Swept sweep() {
        InForce now = stops.now();
        Swept back = new Sweep(journal, desk, outbox, sessions, now).once(runs);
        done(now.generation());
        return back;
    }

    private synchronized void done(long generation) {
        swept = Math.max(swept, generation);
    }

    /// Takes somebody who is told of every stop that is ordered or lifted here, after that is durable, on a virtual
    /// thread of its own.
    public void listen(Consumer<Stop> listener) {
        listeners.add(listener);
    }

    private void tell(Stop stop) {
        for (Consumer<Stop> listener : listeners)
            Thread.ofVirtual().name("stop-listener").start(() -> listener.accept(stop));
    }
}
