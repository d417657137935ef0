package dev.guardrail.approval;

import dev.guardrail.base.Deadlines;
import dev.guardrail.base.IdSource;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.Caller;
import dev.guardrail.call.DecisionRequest;
import dev.guardrail.call.Risk;
import dev.guardrail.call.SessionId;
import dev.guardrail.journal.Document;
import dev.guardrail.journal.Draft;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.Kind;
import dev.guardrail.journal.StoreConflict;
import dev.guardrail.policy.ExactGrant;
import dev.guardrail.policy.Grant;
import dev.guardrail.policy.Quorum;
import dev.guardrail.policy.Rule;
import dev.guardrail.policy.RuleId;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Where held calls wait for people: tickets are opened, voted on, expire, and yield grants. Everything that counts is
/// in the journal; what is kept in memory is deadlines and who waits. Safe for concurrent use.
///
/// Waiting costs no polling: two virtual threads sleep until the next deadline or milestone ([#start]), and those who
/// wait are woken.
///
/// Longer than other classes: it is all that the rest of the house sees of approvals.
public final class ApprovalDesk implements AutoCloseable {
    /// Calls of one agent that may wait at a time, where nothing else is configured.
    public static final int SHARE = 100;

    private static final int PAGE = 1_000;

    private final Journal journal;
    private final IdSource ids;
    private final Deadlines<TicketState> deadlines;
    private final Milestones milestones;
    private final Crowd crowd;
    private final Waiters waiters = new Waiters();
    private final TicketBook book;
    private final GrantBook grants;
    private final Voting voting;
    private final Changes changes;
    private final Edits edits;

    public ApprovalDesk(Journal journal, IdSource ids, Electorate electorate) {
        this(journal, ids, electorate, SHARE);
    }

    /// @param share calls of one agent that may wait at a time
    public ApprovalDesk(Journal journal, IdSource ids, Electorate electorate, int share) {
        this.journal = journal;
        this.ids = ids;
        this.deadlines = new Deadlines<>(journal::nanos);
        this.milestones = new Milestones(journal::nanos);
        this.crowd = new Crowd(share);
        this.book = new TicketBook(journal, deadlines, milestones, crowd, waiters);
        this.grants = new GrantBook(journal, ids, deadlines);
        this.voting = new Voting(journal, book, grants, electorate);
        this.changes = new Changes(journal, book, voting);
        this.edits = new Edits(journal, book, voting);
    }

    /// Arms what earlier boots left open, then keeps deadlines until closed. To be called once, before calls are taken.
    public void start() {
        rearm();
        Thread.ofVirtual().name("approval-deadlines").start(() -> deadlines.keep(this::expireDue));
        Thread.ofVirtual().name("approval-milestones").start(() -> milestones.keep(this::passMilestones));
    }

    /// Arms every open ticket of earlier boots and ends those that are over. Where the wall clock stands before the
    /// log's latest entry, all of them are.
    ///
    /// @return how many are open now
    public int rearm() {
        for (TicketState state : List.of(TicketState.PENDING, TicketState.APPROVED)) {
            var page = book.stored(state, "", PAGE);
            while (!page.isEmpty()) {
                String last = page.getLast().key();
                // The store reads on while this page is armed: a boot has both cores to itself.
                var next = CompletableFuture.supplyAsync(() -> book.stored(state, last, PAGE));
                for (Document document : page) rearm(Life.of(document.value()));
                page = joined(next);
            }
        }
        grants.rearm();
        expireDue();
        return deadlines.size();
    }

    /// Approvals that reach further than one call.
    public GrantBook grants() {
        return grants;
    }

    private static <T> T joined(CompletableFuture<T> reading) {
        try {
            return reading.join();
        } catch (CompletionException failed) {
            throw failed.getCause() instanceof RuntimeException told ? told : failed;
        }
    }

    private void rearm(Life ticket) {
        book.left(ticket);
        if (!ticket.pending()) return;
        crowd.found(ticket.agent());
        milestones.arm(ticket, elapsed(ticket));
    }

    /// How much of its life a pending ticket has behind it, on monotonic time.
    private Duration elapsed(Life ticket) {
        return ticket.whole().minusNanos(book.left(ticket));
    }

    /// A place in the queue for one more call of an agent, to be taken once its ticket is durable. Whoever finds none
    /// is denied, and people are told once.
    ///
    /// @param holds the rules that hold the call
    public Optional<Place> enter(String agent, Collection<Rule> holds) {
        var place = crowd.enter(agent);
        if (place.isEmpty())
            crowd.tell(agent).ifPresent(count -> waiters.tell(new DeskEvent.Flooded(agent, count, channels(holds))));
        return place;
    }

    private static Set<String> channels(Collection<Rule> holds) {
        return holds.stream()
                .flatMap(rule -> rule.quorum().stream())
                .flatMap(quorum -> quorum.channels().stream())
                .collect(Collectors.toUnmodifiableSet());
    }

    /// Reminds people of tickets that are half over, and calls in those whose time has come.
    ///
    /// @return how many people's circles were called in
    public int passMilestones() {
        int widened = 0;
        for (String id : milestones.due()) if (pass(id)) widened++;
        return widened;
    }

    private boolean pass(String id) {
        var found = find(id);
        if (found.isEmpty() || !found.get().pending() || book.over(found.get())) {
            milestones.disarm(id);
            return false;
        }
        Duration elapsed = elapsed(Life.of(found.get()));
        var wider = changes.escalate(id, elapsed);
        var present = wider.orElse(found.get());
        if (wider.isPresent())
            waiters.tell(new DeskEvent.CalledIn(
                    present, Changes.newcomers(found.get().holds(), present.holds())));
        var life = Life.of(present);
        if (milestones.isToBeReminded(life, elapsed)) waiters.tell(new DeskEvent.Reminded(present));
        milestones.arm(life, elapsed);
        return wider.isPresent();
    }

    /// Adds a new ticket to the draft that journals the hold. Nothing is committed here; without the commit there is
    /// no ticket.
    ///
    /// @param confirm text that an approver must type, by rule, for every hold that asks for one
    /// @throws IllegalArgumentException where such a text is missing: the call cannot be held so, and is denied
    public Ticket open(
            Draft draft,
            DecisionRequest request,
            SessionId session,
            SequencedSet<Rule> holds,
            Map<RuleId, String> confirm) {
        String id = ids.next("apr");
        var quorums = holds.stream().map(rule -> rule.quorum().orElseThrow()).toList();
        var life = quorums.stream()
                .map(Quorum::expiresAfter)
                .min(Duration::compareTo)
                .orElseThrow(() -> new IllegalArgumentException("a ticket needs a hold"));
        var now = journal.now();
        var ticket = new Ticket(
                id,
                request.call(),
                session,
                request.subject().agent(),
                request.subject().user(),
                request.action().tool(),
                request.resource().tool().digest(),
                journal.blind(request.fingerprint()),
                journal.blind(request.argumentsDigest()),
                holds.stream()
                        .map(rule -> Voting.hold(journal, id, rule, confirm))
                        .toList(),
                highest(request, holds),
                TicketState.PENDING,
                now,
                now.plus(life),
                Optional.empty(),
                0,
                Optional.empty(),
                List.of(),
                List.of(),
                Optional.empty());
        book.open(draft, ticket, life);
        return ticket;
    }

    static Risk highest(DecisionRequest request, SequencedSet<Rule> holds) {
        return Stream.concat(Stream.of(request.context().risk()), holds.stream().map(Rule::risk))
                .max(Comparator.naturalOrder())
                .orElseThrow();
    }

    public Optional<Ticket> find(String id) {
        return book.read(id).map(TicketBook.Page::ticket);
    }

    /// Tickets in order of id, which is that of opening.
    ///
    /// @param state only those in this state; empty for all
    /// @param after only ids beyond this one; empty for all
    public List<Ticket> list(Optional<TicketState> state, String after, int limit) {
        return book.list(null, state.orElse(null), after, limit).stream()
                .map(TicketBook.Page::ticket)
                .toList();
    }

    /// What an approval gives this exact call now: a grant, once every hold's own quorum is met, until it is used,
    /// lapses or the call differs in anything that was bound. It is an input to a fresh decision.
    public List<Grant> grants(Ticket ticket, DecisionRequest request) {
        if (ticket.state() != TicketState.APPROVED || isPast(ticket)) return List.of();
        long left = book.left(ticket);
        // The decision compares with the request's time, so the monotonic remainder is laid onto that.
        return left > 0 ? answers(ticket, request, request.context().time().plusNanos(left)) : List.of();
    }

    /// The same of an approval that a vote would make, which is not durable.
    public List<Grant> grants(LastVote vote, DecisionRequest request) {
        return answers(vote.ticket(), request, request.context().time().plus(vote.validFor()));
    }

    /// What an approval that was used to permit this exact call still answers while the permit's lease runs: the
    /// call is decided again before the guard runs it in the caller's stead.
    public List<Grant> used(Ticket ticket, DecisionRequest request, Instant leaseUntil) {
        return ticket.state() == TicketState.USED ? answers(ticket, request, leaseUntil) : List.of();
    }

    private List<Grant> answers(Ticket ticket, DecisionRequest request, Instant lapses) {
        Sha256 fingerprint = request.fingerprint();
        if (!journal.blind(fingerprint).equals(ticket.binding())) return List.of();
        var rules = ticket.holds().stream().map(Hold::digest).collect(Collectors.toUnmodifiableSet());
        return List.of(new ExactGrant(ticket.id(), fingerprint, rules, lapses));
    }

    /// Adds the use of an approval to the batch of the intent to run: of all who try, one commits.
    ///
    /// @throws StoreConflict if it is not there to be used (any more)
    public void consume(Draft draft, String id) throws StoreConflict {
        var page = book.read(id).orElseThrow(() -> new StoreConflict(Kind.TICKET, id));
        boolean usable =
                page.ticket().state() == TicketState.APPROVED && !book.over(page.ticket()) && !isPast(page.ticket());
        if (!usable) throw new StoreConflict(Kind.TICKET, id);
        book.use(page, draft);
    }

    /// Adds a vote that is not durable, the approval that it makes and its use to that batch.
    public void consume(Draft draft, LastVote vote) {
        book.use(vote, draft);
    }

    /// True where the wall clock, too, stands past the end of an approval's use, as after a machine slept: the log
    /// would
    /// show a use after it.
    private boolean isPast(Ticket ticket) {
        return ticket.usableUntil().filter(end -> !journal.now().isBefore(end)).isPresent();
    }

    /// A person agrees, to every hold on which that person has a vote.
    ///
    /// @param arguments digest of the arguments that the person saw ([DecisionRequest#argumentsDigest])
    /// @param reason the person's words; may be empty
    /// @param confirm what the person typed, where asked to
    public VoteResult approve(Caller voter, String id, Sha256 arguments, String reason, Optional<String> confirm) {
        return voting.approve(voter, id, new Voting.Ballot(arguments, reason, confirm, Optional.empty()));
    }

    /// The same, and the person wants the approval to reach further than the call. It does where everybody whose vote
    /// counts wants exactly that; else it is for the one call.
    public VoteResult approve(
            Caller voter, String id, Sha256 arguments, String reason, Optional<String> confirm, ScopedCall scope) {
        return voting.approve(voter, id, new Voting.Ballot(arguments, reason, confirm, Optional.of(scope)));
    }

    /// The longest that an approval of this call may be remembered; empty where never.
    public Optional<Duration> longestMemory(Ticket ticket) {
        return Remembrance.longest(ticket);
    }

    /// Why an approval may not reach as far as somebody wants; empty where it may.
    public Optional<String> objection(Ticket ticket, ScopedCall wanted) {
        return Remembrance.objection(journal, ticket, wanted);
    }

    /// Adds to a draft that a call which people were asked for is given up, because an identical one needs them no
    /// more.
    ///
    /// @throws StoreConflict where nobody is asked any more
    public void supersede(Draft draft, String id) throws StoreConflict {
        var page = book.read(id).filter(found -> found.ticket().pending());
        if (page.isEmpty()) throw new StoreConflict(Kind.TICKET, id);
        var how = new Ticket.Closing(journal.now(), "", "granted", Optional.empty());
        book.end(page.get(), TicketState.Event.CANCEL, how, draft);
    }

    /// A person with a vote on any of the holds refuses, and that settles it.
    public VoteResult deny(Caller voter, String id, String reason) {
        return voting.deny(voter, id, reason);
    }

    /// Calls in whoever the rules name next, before their time; by somebody with a vote.
    public VoteResult escalate(Caller voter, String id, String reason) {
        Optional<Ticket> before = find(id);
        var result = changes.escalate(voter, id, reason);
        if (result instanceof VoteResult.Changed(Ticket after)) {
            var life = Life.of(after);
            milestones.arm(life, elapsed(life));
            waiters.tell(new DeskEvent.CalledIn(
                    after, Changes.newcomers(before.orElse(after).holds(), after.holds())));
        }
        return result;
    }

    /// Hands the caller's vote to another operator.
    public VoteResult delegate(Caller voter, String id, String to, String reason) {
        var result = changes.delegate(voter, id, to, reason);
        if (result instanceof VoteResult.Changed(Ticket after)) waiters.tell(new DeskEvent.CalledIn(after, Set.of(to)));
        return result;
    }

    /// Asks the agent's side about the call; by somebody with a vote.
    public VoteResult ask(Caller voter, String id, String question) {
        return told(changes.ask(voter, id, question));
    }

    /// Answers for the agent's side. Whether the call is the caller's to answer for is the guard's to know.
    ///
    /// @param by `agent:NAME` or `host:NAME`
    public VoteResult answer(String by, String id, String answer) {
        return told(changes.answer(by, id, answer));
    }

    private VoteResult told(VoteResult result) {
        if (result instanceof VoteResult.Changed(Ticket after))
            waiters.tell(new DeskEvent.Said(after, after.dialogue().getLast()));
        return result;
    }

    /// What somebody said of a ticket; empty where the words are erased.
    public Optional<String> words(Utterance said) {
        return journal.words(said.body());
    }

    /// Whether somebody may change the call that a ticket holds now, and on what it is changed then.
    ///
    /// @param arguments digest of the arguments that the person saw
    public Editable editable(Caller voter, String id, Sha256 arguments) {
        return edits.editable(voter, id, arguments);
    }

    /// Adds to a draft that a pending ticket holds another call: bound anew, with no vote.
    ///
    /// @param holds rules that hold the changed call; those that held it before still do
    /// @param confirm text that an approver must type, by rule, for every hold that asks for one
    public void edit(
            Draft draft,
            Editable.Open open,
            DecisionRequest request,
            SequencedSet<Rule> holds,
            Map<RuleId, String> confirm,
            Edits.By by) {
        var after = edits.edit(draft, open, request, holds, confirm, by);
        draft.afterwards(() -> waiters.tell(new DeskEvent.Edited(after)));
    }

    /// Names of the operators who have a vote, as configured now.
    public List<String> eligible(Ticket ticket) {
        return voting.eligible(ticket);
    }

    /// Why somebody has no vote on a ticket; empty where there is one. Whether the ticket is still open is not asked.
    public Optional<VoteResult> objection(Caller caller, Ticket ticket) {
        return Standing.of(ticket, caller, voting.operators()).refusal();
    }

    /// Operators whom a rule names and who have no vote all the same, with one lower-case clause that says why.
    public Map<String, String> bystanders(Ticket ticket) {
        return Standing.bystanders(ticket, voting.operators());
    }

    /// Gives up a ticket that is not used yet, and the call that it holds.
    ///
    /// @param why one word: `client_left`, `agent`, `session_ended`…
    /// @return the ticket as it stands now, cancelled or ended otherwise before; empty where there is none
    public Optional<Ticket> cancel(String id, String why) {
        return TicketBook.settled(() -> {
            var page = book.read(id);
            if (page.isEmpty()) return Optional.<Ticket>empty();
            if (page.get().ticket().state().after(TicketState.Event.CANCEL).isEmpty())
                return page.map(TicketBook.Page::ticket);
            var how = new Ticket.Closing(journal.now(), "", why, Optional.empty());
            return Optional.of(book.close(page.get(), TicketState.Event.CANCEL, how, new Draft()));
        });
    }

    /// Gives up every ticket of a session that is not used yet.
    public void cancelAll(SessionId session, String why) {
        for (TicketState state : List.of(TicketState.PENDING, TicketState.APPROVED)) {
            var page = book.list(session, state, "", PAGE);
            while (!page.isEmpty()) {
                page.forEach(found -> cancel(found.ticket().id(), why));
                page = book.list(session, state, page.getLast().ticket().id(), PAGE);
            }
        }
    }

    /// The words of the person who denied; empty where there were none or they are erased.
    public Optional<String> reason(Ticket ticket) {
        return ticket.closing().flatMap(Ticket.Closing::reason).flatMap(journal::words);
    }

    /// Parks until voting has ended, `atMost` is over, the waiting party left, or the desk closes.
    ///
    /// @param left completes, in whatever way, when the waiting party is gone
    /// @return the ticket as it stands then, pending or not
    /// @throws NoSuchElementException if there is no such ticket
    public Ticket await(String id, Duration atMost, CompletableFuture<?> left) {
        waiters.park(id, () -> !find(id).orElseThrow().pending(), atMost, left);
        return find(id).orElseThrow();
    }

    /// Parks as the other, for somebody who runs the call once it is approved, and takes the vote that approves it
    /// before it is durable.
    ///
    /// @param run writes the vote with the intent to run, or leaves it to its voter and is empty
    /// @return what `run` gave; empty where there was no such vote, or it was left
    public <T> Optional<T> awaitToRun(String id, Duration atMost, Function<LastVote, Optional<T>> run) {
        var vote = waiters.parkToRun(id, () -> !find(id).orElseThrow().pending(), atMost);
        if (vote.isEmpty()) return Optional.empty();
        try {
            return run.apply(vote.get());
        } finally {
            vote.get().leave();
        }
    }

    /// Takes somebody who is told of every ticket that is approved, denied, expired or cancelled, after that is
    /// durable, on a virtual thread of its own. After a restart, what ended before is not told again.
    public void onClosed(Consumer<Ticket> listener) {
        listen(event -> {
            if (event instanceof DeskEvent.Closed(Ticket ticket)) listener.accept(ticket);
        });
    }

    /// Takes somebody who is told of everything that happens at the desk, as [#onClosed].
    public void listen(Consumer<DeskEvent> listener) {
        waiters.listen(listener);
    }

    /// Wakes whoever waits here for a ticket that ended elsewhere, on another replica of this store.
    public void wakeEnded() {
        waiters.wakeIf(id -> find(id).filter(Ticket::pending).isEmpty());
    }

    /// How many calls of an agent wait for people.
    public int waiting(String agent) {
        return crowd.of(agent);
    }

    /// Ends every ticket whose time has come: voting that is over, approvals that nobody used. One that cannot be
    /// written stays due; the others end.
    ///
    /// @return how many were ended
    public int expireDue() {
        int ended = 0;
        RuntimeException fault = null;
        for (String id : deadlines.due()) {
            try {
                if (expire(id)) ended++;
            } catch (RuntimeException unwritable) {
                fault = unwritable;
            }
        }
        if (fault != null) throw fault;
        return ended;
    }

    private boolean expire(String id) {
        if (id.startsWith(GrantBook.PREFIX)) return grants.expire(id);
        return TicketBook.settled(() -> {
            var page = book.read(id);
            boolean open = page.isPresent()
                    && page.get()
                            .ticket()
                            .state()
                            .after(TicketState.Event.EXPIRE)
                            .isPresent();
            if (!open) deadlines.disarm(id);
            if (page.isPresent() && !page.get().ticket().pending()) waiters.wake(id);
            if (!open || !book.over(page.get().ticket())) return false;
            voting.expire(page.get());
            return true;
        });
    }

    /// Stops keeping deadlines and wakes everybody who waits. Pending tickets stay, durably.
    @Override
    public void close() {
        deadlines.close();
        milestones.close();
        waiters.release();
    }
}
