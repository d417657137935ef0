package dev.guardrail.approval;

import dev.guardrail.base.Deadlines;
import dev.guardrail.call.SessionId;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Change;
import dev.guardrail.journal.Document;
import dev.guardrail.journal.Draft;
import dev.guardrail.journal.Entry;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.Kind;
import dev.guardrail.journal.Repeat;
import dev.guardrail.journal.Status;
import dev.guardrail.journal.StoreConflict;
import dev.guardrail.policy.Cause;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The tickets as they lie in the journal, and their every step: a ticket, the call that it holds and what an
/// identical call would repeat move in one batch, or not at all.
final class TicketBook {
    /// Each lost race means that somebody else got on, so far fewer are ever needed.
    private static final int ATTEMPTS = 1_000;

    private final Journal journal;
    private final Deadlines<TicketState> deadlines;
    private final Milestones milestones;
    private final Crowd crowd;
    private final Waiters waiters;
    private final Known known = new Known();
    private final Remaining remaining;

    TicketBook(Journal journal, Deadlines<TicketState> deadlines, Milestones milestones, Crowd crowd, Waiters waiters) {
        this.journal = journal;
        this.deadlines = deadlines;
        this.remaining = new Remaining(journal, deadlines);
        this.milestones = milestones;
        this.crowd = crowd;
        this.waiters = waiters;
    }

    /// A ticket as read.
    ///
    /// @param version that the next step replaces
    record Page(Ticket ticket, long version) {}

    /// One try at a step; it reads afresh.
    @FunctionalInterface
    interface Step<T> {
        T take() throws StoreConflict;
    }

    /// Tries until nobody else got in between.
    static <T> T settled(Step<T> step) {
        StoreConflict last = null;
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            try {
                return step.take();
            } catch (StoreConflict raced) {
                last = raced;
            }
        }
        throw new IllegalStateException("a ticket keeps changing", last);
    }

    Optional<Page> read(String id) {
        return journal.get(Kind.TICKET, id).map(this::page);
    }

    /// @param state only tickets in this state; all where null
    List<Page> list(@Nullable SessionId session, @Nullable TicketState state, String after, int limit) {
        var filter =
                new Document.Tags(session == null ? null : session.value(), state == null ? null : state.text(), null);
        return journal.find(Kind.TICKET, filter, after, limit).stream()
                .map(document -> new Page(Ticket.of(document.value()), document.version()))
                .toList();
    }

    /// Documents of tickets in a state, in order of id.
    List<Document> stored(TicketState state, String after, int limit) {
        return journal.find(Kind.TICKET, new Document.Tags(null, state.text(), null), after, limit);
    }

    private Page page(Document document) {
        return new Page(known.ticket(document), document.version());
    }

    /// Adds a new ticket to a draft. Its life starts when the draft is durable: a crash before leaves no ticket.
    void open(Draft draft, Ticket ticket, Duration life) {
        draft.change(put(ticket, 0));
        draft.afterwards(() -> {
            deadlines.arm(ticket.id(), TicketState.PENDING, life);
            milestones.arm(Life.of(ticket), Duration.ZERO);
            waiters.tell(new DeskEvent.Opened(ticket));
        });
    }

    /// True once the ticket's voting, or its approval's use, is over by monotonic time.
    boolean over(Ticket ticket) {
        return left(ticket) <= 0;
    }

    /// Nanoseconds that are left to a pending or approved ticket ([Remaining#of]).
    long left(Ticket ticket) {
        return left(Life.of(ticket));
    }

    long left(Life ticket) {
        Instant end =
                ticket.pending() ? ticket.expiresAt() : ticket.usableUntil().orElseGet(journal::now);
        return remaining.of(ticket.id(), ticket.state(), end);
    }

    /// A vote that leaves the ticket pending.
    Ticket keep(Page page, Ticket next, Draft draft) throws StoreConflict {
        journal.commit(draft.change(put(next, page.version())));
        return next;
    }

    /// The vote that completes the last quorum, written by whoever waits to run the call, with the intent, or alone. A
    /// crash after the commit leaves an approval that the next boot arms, or a call in doubt.
    ///
    /// @param further adds to the draft what else comes of it
    Ticket approve(Page page, Ticket next, Duration validFor, Draft draft, Consumer<Ticket> further)
            throws StoreConflict {
        var approved = next.approved(journal.now().plus(validFor));
        draft.entry(closed(approved)).change(put(approved, page.version()));
        further.accept(approved);
        draft.afterwards(() -> leave(approved)).announce(() -> waiters.tell(new DeskEvent.Closed(approved)));
        boolean written = waiters.hand(new LastVote(new Page(approved, page.version() + 1), validFor, draft));
        if (!written) journal.commit(armed(approved, validFor).include(draft));
        return approved;
    }

    /// The life of an approval that is not used at once.
    private Draft armed(Ticket approved, Duration validFor) {
        return new Draft().afterwards(() -> deadlines.arm(approved.id(), TicketState.APPROVED, validFor));
    }

    /// Nobody votes on it any more.
    private void leave(Ticket ticket) {
        milestones.disarm(ticket.id());
        crowd.leave(ticket.agent());
    }

    /// Ends a ticket and the call that it still holds, in one batch: a crash leaves both or neither.
    Ticket close(Page page, TicketState.Event event, Ticket.Closing how, Draft draft) throws StoreConflict {
        Ticket end = end(page, event, how, draft);
        journal.commit(draft);
        return end;
    }

    /// Adds the end of a ticket, and of the call that it still holds, to a draft.
    Ticket end(Page page, TicketState.Event event, Ticket.Closing how, Draft draft) {
        Ticket before = page.ticket();
        var end = before.closed(before.state().after(event).orElseThrow(), how);
        draft.entry(closed(end)).change(put(end, page.version()));
        release(end, draft);
        draft.afterwards(() -> {
            deadlines.disarm(end.id());
            if (before.pending()) leave(end);
            waiters.tell(new DeskEvent.Closed(end));
        });
        return end;
    }

    /// Adds a vote, the approval that it makes and its use to the batch of the intent to run.
    void use(LastVote vote, Draft draft) {
        vote.addTo(draft);
        use(vote.approved(), draft);
    }

    /// Adds the use of an approval to the batch of the intent to run.
    void use(Page page, Draft draft) {
        Ticket before = page.ticket();
        var used = before.closed(
                before.state().after(TicketState.Event.CONSUME).orElseThrow(),
                new Ticket.Closing(journal.now(), "", "consumed", Optional.empty()));
        draft.change(put(used, page.version())).afterwards(() -> deadlines.disarm(used.id()));
    }

    private Entry closed(Ticket ticket) {
        return new Entry.TicketClosed(
                journal.now(),
                ticket.id(),
                ticket.call(),
                ticket.session(),
                ticket.state().text(),
                ticket.rules(),
                ticket.people(),
                ticket.usableUntil());
    }

    static Change put(Ticket ticket, long expected) {
        return new Change.Put(Kind.TICKET, ticket.id(), expected, ticket.tags(), ticket.json());
    }

    /// The held call ends with its ticket, unless it moved on or waits for a later one.
    private void release(Ticket end, Draft draft) {
        var document = journal.get(Kind.CALL, end.call().value());
        if (document.isEmpty()) return;
        var call = CallRecord.of(document.get().value());
        long version = document.get().version();
        if (call.status() != Status.HELD || !call.ticket().equals(Optional.of(end.id()))) {
            draft.change(new Change.Expect(Kind.CALL, call.id().value(), version));
            return;
        }
        draft.change(ended(call, end).put(version));
        repeat(call, end).ifPresent(draft::change);
    }

    private static CallRecord ended(CallRecord call, Ticket end) {
        String why = end.closing().map(Ticket.Closing::why).orElse("");
        return switch (end.state()) {
            case DENIED -> call.refused(step(call, Status.Event.DENY), "person");
            case EXPIRED -> call.refused(step(call, Status.Event.EXPIRE), "expired");
            case CANCELLED -> cancelled(call.moved(step(call, Status.Event.CANCEL), call.attested(), why));
            case PENDING, APPROVED, USED -> throw new IllegalStateException("a ticket that stays open ends no call");
        };
    }

    /// A stop is a denial; whatever else gives a call up is none.
    private static CallRecord cancelled(CallRecord end) {
        String stopped = Cause.STOPPED.text();
        return end.error().equals(stopped) ? end.refused(end.status(), stopped) : end;
    }

    private static Status step(CallRecord call, Status.Event event) {
        return call.status().after(event).orElseThrow();
    }

    /// What an identical call meets from now on: a person's denial stays, any other end leaves nothing.
    private Optional<Change> repeat(CallRecord call, Ticket end) {
        var document = journal.get(Kind.REPEAT, Repeat.key(call.repeat()));
        if (document.isEmpty()) return Optional.empty();
        var present = Repeat.of(document.get().value());
        long version = document.get().version();
        if (!present.call().equals(call.id()) || present.state() != Repeat.State.HELD) return Optional.empty();
        return Optional.of(
                end.state() == TicketState.DENIED
                        ? new Repeat(Repeat.State.REFUSED, call.id(), Optional.of(end.id())).put(call.repeat(), version)
                        : new Change.Remove(Kind.REPEAT, Repeat.key(call.repeat()), version));
    }
}
