package dev.guardrail.stop;

import dev.guardrail.approval.ApprovalDesk;
import dev.guardrail.approval.Ticket;
import dev.guardrail.approval.TicketState;
import dev.guardrail.call.SessionId;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Document;
import dev.guardrail.journal.Draft;
import dev.guardrail.journal.Entry;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.Kind;
import dev.guardrail.journal.Status;
import dev.guardrail.journal.StoreConflict;
import dev.guardrail.outbox.Outbox;
import dev.guardrail.policy.Cause;
import dev.guardrail.registry.SessionRegistry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Predicate;

/// One round of taking back what the stops in force bind: running calls, callers' unspent leases, queued calls,
/// holds. It can end
/// anywhere and begin anew: what is taken back already is left alone, and whatever is left cannot begin to run, because
/// every permit is decided under the stops first.
final class Sweep {
    /// Word of the cause in entries, tickets and calls.
    static final String WHY = Cause.STOPPED.text();

    private static final int PAGE = 256;

    private final Journal journal;
    private final ApprovalDesk desk;
    private final Outbox outbox;
    private final SessionRegistry sessions;
    private final InForce stops;
    private final Map<SessionId, Set<SessionId>> origins = new HashMap<>();

    Sweep(Journal journal, ApprovalDesk desk, Outbox outbox, SessionRegistry sessions, InForce stops) {
        this.journal = journal;
        this.desk = desk;
        this.outbox = outbox;
        this.sessions = sessions;
        this.stops = stops;
    }

    /// Running calls end first, since they are what does something.
    Swept once(Runs runs) {
        if (stops.stops().isEmpty()) return Swept.NOTHING;
        int ended = runs.end(this::binds);
        int leases = leases();
        int queued =
                outbox.cancelWhere(call -> binds(target(call)), WHY, "guard").size();
        return new Swept(holds(), leases, queued, ended);
    }

    private synchronized boolean binds(Target target) {
        return stops.binding(target, () -> origins.computeIfAbsent(target.session(), sessions::origins))
                .isPresent();
    }

    /// Gives up tickets, a page at a time: their commits share appends.
    private int holds() {
        int cancelled = 0;
        for (TicketState state : List.of(TicketState.PENDING, TicketState.APPROVED)) {
            var page = desk.list(Optional.of(state), "", PAGE);
            while (!page.isEmpty()) {
                cancelled += cancel(page.stream().filter(bound()).toList());
                page = desk.list(Optional.of(state), page.getLast().id(), PAGE);
            }
        }
        return cancelled;
    }

    private Predicate<Ticket> bound() {
        return ticket -> binds(new Target(ticket.agent(), ticket.session(), ticket.tool()));
    }

    private int cancel(List<Ticket> tickets) {
        int cancelled = 0;
        try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Boolean>> ends = tickets.stream()
                    .map(ticket -> pool.submit(() -> isCancelled(ticket)))
                    .toList();
            for (Future<Boolean> end : ends) if (end.get()) cancelled++;
        } catch (ExecutionException failed) {
            throw failed.getCause() instanceof RuntimeException known ? known : new IllegalStateException(failed);
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
        return cancelled;
    }

    private boolean isCancelled(Ticket ticket) {
        return desk.cancel(ticket.id(), WHY)
                .filter(end -> end.state() == TicketState.CANCELLED)
                .isPresent();
    }

    /// Takes callers' permits back. Whoever runs such a call nevertheless can still report what came of it.
    private int leases() {
        int taken = 0;
        var page = permitted("");
        while (!page.isEmpty()) {
            taken += take(page.stream()
                    .filter(document -> binds(target(CallRecord.of(document.value()))))
                    .toList());
            page = permitted(page.getLast().key());
        }
        return taken;
    }

    private static Target target(CallRecord call) {
        return new Target(call.agent(), call.session(), call.tool());
    }

    private List<Document> permitted(String after) {
        return journal.find(Kind.CALL, new Document.Tags(null, Status.PERMITTED.text(), null), after, PAGE);
    }

    /// Takes all of them back at once, or one by one where somebody moved one in between. A crash before the commit
    /// leaves permits that the next start takes back.
    private int take(List<Document> calls) {
        if (calls.isEmpty()) return 0;
        try {
            journal.commit(draft(calls));
            return calls.size();
        } catch (StoreConflict moved) {
            // One that moved was reported, lapsed, or decided again under the stop.
            return calls.size() == 1
                    ? 0
                    : calls.stream().mapToInt(call -> take(List.of(call))).sum();
        }
    }

    private Draft draft(List<Document> calls) {
        var draft = new Draft();
        for (Document document : calls) {
            var call = CallRecord.of(document.value());
            var back = call.status().then(Status.Event.CANCEL);
            draft.entry(new Entry.Executed(
                    journal.now(),
                    call.id(),
                    call.session(),
                    call.agent(),
                    call.tool(),
                    back,
                    "guard",
                    WHY,
                    Optional.empty()));
            draft.change(call.moved(back, "guard", WHY).refused(back, WHY).put(document.version()));
        }
        return draft;
    }
}
