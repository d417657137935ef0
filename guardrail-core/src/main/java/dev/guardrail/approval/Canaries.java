package dev.guardrail.approval;

import dev.guardrail.base.Deadlines;
import dev.guardrail.base.IdSource;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.CallId;
import dev.guardrail.call.Caller;
import dev.guardrail.call.SessionId;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.call.ToolName;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.StoreConflict;
import dev.guardrail.policy.Quorum;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/// Tests approvers with requests that cannot run ([Canary]), one at a time. They are journaled as what they are, and
/// end
/// like tickets; one virtual thread sleeps until the next is due or one expires. Without a plan none is planted, and
/// those of earlier boots come to their end. Safe for concurrent use.
///
/// It has no hold of the desk, of calls or of leases: an approval here ends the canary, and there is nothing that it
/// could let run.
public final class Canaries implements AutoCloseable {
    private static final String NEXT = "next";
    private static final String HALF = "half:";
    private static final Set<String> READS_THE_JOURNAL = Set.of("auditor", "admin");
    private static final Duration VALID_FOR = Duration.ofMinutes(10);
    private static final int PAGE = 500;

    private final Journal journal;
    private final IdSource ids;
    private final Electorate electorate;
    private final Function<ToolName, Optional<ToolDefinition>> pinned;
    private final RandomGenerator random;
    private final Optional<CanaryPlan> plan;
    private final Deadlines<TicketState> times;
    private final Remaining remaining;
    private final Waiters listeners = new Waiters();
    private final CanaryBook book;

    /// @param pinned definition of a tool as it is pinned now: what nobody knows is not shown
    /// @param plan empty where approvers are not tested
    public Canaries(
            Journal journal,
            IdSource ids,
            Electorate electorate,
            Function<ToolName, Optional<ToolDefinition>> pinned,
            RandomGenerator random,
            Optional<CanaryPlan> plan) {
        this.journal = journal;
        this.ids = ids;
        this.electorate = electorate;
        this.pinned = pinned;
        this.random = random;
        this.plan = plan;
        this.times = new Deadlines<>(journal::nanos);
        this.remaining = new Remaining(journal, times);
        this.book = new CanaryBook(journal);
    }

    /// Arms what earlier boots left, then plants and ends canaries until closed.
    public void start() {
        rearm();
        Thread.ofVirtual().name("approval-canaries").start(() -> times.keep(this::due));
    }

    /// Arms every canary that waits, and the time of the next one: counted from the last, so that restarts neither
    /// hasten
    /// nor put it off. Before the first ever it is drawn anew at each start.
    void rearm() {
        for (CanaryBook.Page page : book.pages(Optional.of(TicketState.PENDING), "", PAGE)) left(page.canary());
        var last = book.last();
        plan.ifPresent(some -> armNext(
                last.map(at -> at.plus(drawn(some.every())))
                        .orElseGet(() -> journal.now().plusMillis(random.nextLong(millis(some.every())))),
                some));
    }

    /// From half of it to one and a half.
    private Duration drawn(Duration every) {
        return every.dividedBy(2).plusMillis(random.nextLong(millis(every)));
    }

    private static long millis(Duration every) {
        return Math.max(1, every.toMillis());
    }

    private void armNext(Instant at, CanaryPlan some) {
        var left = Duration.between(journal.now(), at);
        var most = some.every().multipliedBy(2); // a wall clock that was set back puts nothing off for long
        if (left.compareTo(most) > 0) left = most;
        times.arm(NEXT, TicketState.PENDING, left.isNegative() ? Duration.ZERO : left);
    }

    /// Plants, reminds of and ends whatever is due. What cannot be written stays due.
    public void due() {
        for (String what : times.due()) {
            if (what.equals(NEXT)) plantNext();
            else if (what.startsWith(HALF)) remind(what);
            else expire(what);
        }
    }

    private void plantNext() {
        plant("guard");
        plan.ifPresent(some -> armNext(journal.now().plus(drawn(some.every())), some));
    }

    private void remind(String what) {
        times.disarm(what);
        find(what.substring(HALF.length()))
                .filter(Ticket::pending)
                .ifPresent(guise -> listeners.tell(new DeskEvent.Reminded(guise)));
    }

    private void expire(String id) {
        TicketBook.settled(() -> {
            var page = book.read(id);
            if (page.isEmpty() || !page.get().canary().pending()) times.disarm(id);
            else if (left(page.get().canary()) <= 0) close(page.get(), Canary.Outcome.SILENT, Optional.empty(), "");
            return id;
        });
    }

    /// Nanoseconds that people have left ([Remaining#of]).
    private long left(Canary canary) {
        Ticket guise = canary.guise();
        return remaining.of(guise.id(), TicketState.PENDING, guise.expiresAt());
    }

    /// Shows people one of the catalogue, unless one waits already. A crash before the commit leaves none; after it,
    /// one
    /// that the next boot arms.
    ///
    /// @param by `guard`, or the operator who wants it now
    public synchronized Planting plant(String by) {
        if (plan.isEmpty()) return new Planting.Refused("canaries are not configured; see `approvals.canaries`");
        if (!book.pages(Optional.of(TicketState.PENDING), "", 1).isEmpty())
            return new Planting.Refused("one waits already; a second is planted once it is over");
        var known = plan.get().catalogue().stream()
                .filter(decoy -> pinned.apply(decoy.tool()).isPresent())
                .toList();
        if (known.isEmpty()) return new Planting.Refused("no tool of the catalogue is known now");
        Decoy decoy = known.get(random.nextInt(known.size()));
        var canary = new Canary(guise(decoy, plan.get()), Optional.empty());
        if (Standing.eligible(canary.guise(), operators()).isEmpty())
            return new Planting.Refused("no operator has a vote on it; see `approvals.canaries.approvers`");
        try {
            journal.commit(book.opened(canary, decoy, by).afterwards(() -> waits(canary.guise())));
        } catch (StoreConflict taken) {
            throw new IllegalStateException("a fresh id was taken", taken);
        }
        return new Planting.Planted(canary);
    }

    private void waits(Ticket guise) {
        Duration life = Duration.between(guise.openedAt(), guise.expiresAt());
        times.arm(guise.id(), TicketState.PENDING, life);
        if (Milestones.isWorthReminding(life)) times.arm(HALF + guise.id(), TicketState.PENDING, life.dividedBy(2));
        listeners.tell(new DeskEvent.Opened(guise));
    }

    /// What people are shown. Its digests are of this canary alone: no request and no rule has them.
    private Ticket guise(Decoy decoy, CanaryPlan some) {
        String session = ids.next("ses");
        String call = ids.next("call");
        String id = ids.next("apr");
        Sha256 own = journal.blind(Sha256.of(JsonObject.with("canary", id).build()));
        var quorum = new Quorum(
                some.approvers(), 1, false, true, some.expiresAfter(), VALID_FOR, Optional.empty(), Optional.empty());
        Instant now = journal.now();
        return new Ticket(
                id,
                new CallId(call),
                new SessionId(session),
                decoy.agent(),
                decoy.user(),
                decoy.tool(),
                pinned.apply(decoy.tool()).orElseThrow().digest(),
                own,
                journal.blind(Sha256.of(decoy.arguments())),
                List.of(new Hold(decoy.rule(), own, quorum, Optional.empty(), 0, List.of())),
                decoy.risk(),
                TicketState.PENDING,
                now,
                now.plus(some.expiresAfter()),
                Optional.empty(),
                0,
                Optional.empty(),
                List.of(),
                List.of(),
                Optional.empty());
    }

    Optional<Ticket> find(String id) {
        return book.read(id).map(page -> page.canary().guise());
    }

    List<Ticket> list(Optional<TicketState> state, String after, int limit) {
        return book.pages(state, after, limit).stream()
                .map(page -> page.canary().guise())
                .toList();
    }

    /// Agreeing to it misses it.
    VoteResult approve(Caller voter, String id, Sha256 arguments, String reason) {
        return decide(voter, id, Optional.of(arguments), Canary.Outcome.MISSED, reason);
    }

    /// No canary lets itself be remembered, so that a vote which asks for that does not count, as with a held call.
    VoteResult approveWider(Caller voter, String id, Sha256 arguments) {
        return TicketBook.settled(() -> {
            var page = book.read(id);
            if (page.isEmpty()) return new VoteResult.Unknown(id);
            return refusal(page.get(), voter, Optional.of(arguments))
                    .orElseGet(() ->
                            new VoteResult.ScopeRefused(page.get().canary().guise(), Remembrance.NEVER));
        });
    }

    VoteResult deny(Caller voter, String id, String reason) {
        return decide(voter, id, Optional.empty(), Canary.Outcome.CAUGHT, reason);
    }

    /// Whoever asks, hands on or calls in others looks into it: it is over, and nobody works on it any more.
    VoteResult handle(Caller voter, String id, String reason) {
        return decide(voter, id, Optional.empty(), Canary.Outcome.HANDLED, reason);
    }

    VoteResult edit(Caller voter, String id, Sha256 seen, String reason) {
        return decide(voter, id, Optional.of(seen), Canary.Outcome.HANDLED, reason);
    }

    /// Refuses what a ticket would refuse, in the same order and words; anything else ends it.
    private VoteResult decide(Caller voter, String id, Optional<Sha256> seen, Canary.Outcome outcome, String reason) {
        return TicketBook.settled(() -> {
            var page = book.read(id);
            if (page.isEmpty()) return new VoteResult.Unknown(id);
            var refusal = refusal(page.get(), voter, seen);
            if (refusal.isPresent()) return refusal.get();
            return new VoteResult.Closed(close(
                    page.get(),
                    couldKnow(voter) ? Canary.Outcome.HANDLED : outcome,
                    Optional.of(voter.name()),
                    reason));
        });
    }

    private Optional<VoteResult> refusal(CanaryBook.Page page, Caller voter, Optional<Sha256> seen)
            throws StoreConflict {
        Ticket guise = page.canary().guise();
        var refusal = Standing.of(guise, voter, operators()).refusal();
        if (refusal.isPresent()) return refusal;
        if (!page.canary().pending()) return Optional.of(new VoteResult.AlreadyClosed(guise));
        if (left(page.canary()) <= 0)
            return Optional.of(new VoteResult.AlreadyClosed(close(page, Canary.Outcome.SILENT, Optional.empty(), "")));
        return seen.isPresent() && !journal.blind(seen.get()).equals(guise.argumentsDigest())
                ? Optional.of(new VoteResult.ArgumentsChanged(guise))
                : Optional.empty();
    }

    /// True for somebody who may read the journal, where it stands which requests are canaries.
    private boolean couldKnow(Caller voter) {
        return Standing.named(voter.name(), operators()).stream()
                .anyMatch(operator -> operator.roles().stream().anyMatch(READS_THE_JOURNAL::contains));
    }

    /// Ends it. A crash before the commit leaves it waiting; after it, over.
    private Ticket close(CanaryBook.Page page, Canary.Outcome outcome, Optional<String> by, String reason)
            throws StoreConflict {
        var over = page.canary().over(outcome, journal.now());
        String id = over.guise().id();
        journal.commit(book.closed(page, over, by, reason).afterwards(() -> {
            times.disarm(id);
            times.disarm(HALF + id);
            listeners.tell(new DeskEvent.Closed(over.guise()));
        }));
        return over.guise();
    }

    /// What people made of the canaries that were planted in a span of time.
    public CanaryReport report(Duration since) {
        return book.report(since, operators());
    }

    /// Takes somebody who is told of canaries as of tickets, as [ApprovalDesk#listen].
    public void listen(Consumer<DeskEvent> listener) {
        listeners.listen(listener);
    }

    private List<Caller> operators() {
        return List.copyOf(electorate.operators());
    }

    /// Stops planting; what waits stays, durably.
    @Override
    public void close() {
        times.close();
    }
}
