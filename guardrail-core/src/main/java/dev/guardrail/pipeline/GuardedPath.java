package dev.guardrail.pipeline;

import dev.guardrail.approval.ApprovalDesk;
import dev.guardrail.approval.Ticket;
import dev.guardrail.approval.TicketState;
import dev.guardrail.base.GuardrailException;
import dev.guardrail.base.IdSource;
import dev.guardrail.base.Json;
import dev.guardrail.base.ProblemType;
import dev.guardrail.call.CallId;
import dev.guardrail.call.Caller;
import dev.guardrail.call.Proposal;
import dev.guardrail.call.Run;
import dev.guardrail.call.Subject;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.call.ToolName;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Document;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.Status;
import dev.guardrail.outbox.Outbox;
import dev.guardrail.policy.DecisionPoint;
import dev.guardrail.registry.Contended;
import dev.guardrail.registry.SessionRegistry;
import dev.guardrail.session.Session;
import dev.guardrail.stop.Runs;
import dev.guardrail.stop.Stops;
import dev.guardrail.stop.Target;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;

/// The path of a call: identify, resolve, decide, journal, execute, record. Whatever breaks on it is a refusal, never a
/// run and never a hang.
///
/// Longer than other classes: the whole path, in order, and everything that a caller may ask of it.
public final class GuardedPath implements Guard, Runs, AutoCloseable {
    private static final int ATTEMPTS = 256;

    /// The door whose callers evaluate an approved call again; nothing is permitted before they do.
    private static final String REEVALUATES = "authzen";

    private final Journal journal;
    private final SessionRegistry sessions;
    private final ApprovalDesk desk;
    private final Catalogue catalogue;
    private final Agents agents;
    private final Supplier<DecisionPoint> policies;
    private final Witness witness;
    private final Ownership ownership;
    private final Replies replies;
    private final Reports reports;
    private final Running running = new Running();
    private final Unrecorded unrecorded;
    private final HeldCalls held;
    private final ScopedVotes scopedVotes;
    private final QueuedCalls queued;
    private final Doubts doubts;
    private final Undoing undoing;
    private final Stage<Asked, Reply> path;
    private final Finishing finishing;

    /// Everything that the path stands on.
    ///
    /// @param policies the policy set in force; asked once per decision
    public record Parts(
            Journal journal,
            IdSource ids,
            SessionRegistry sessions,
            ApprovalDesk desk,
            Stops stops,
            Outbox outbox,
            Supplier<DecisionPoint> policies,
            Catalogue catalogue,
            Agents agents,
            Schemas schemas,
            Paths paths,
            Redaction redaction,
            Runner runner,
            Looks looks,
            Confiner confiner,
            Retries retries,
            Around around,
            Witness witness) {

        /// A path on which nobody can look at what a call changes, and nothing is confined: no call can be
        /// undone, and none runs in a sandbox.
        public Parts(
                Journal journal,
                IdSource ids,
                SessionRegistry sessions,
                ApprovalDesk desk,
                Stops stops,
                Outbox outbox,
                Supplier<DecisionPoint> policies,
                Catalogue catalogue,
                Agents agents,
                Schemas schemas,
                Paths paths,
                Redaction redaction,
                Runner runner,
                Around around,
                Witness witness) {
            this(
                    journal,
                    ids,
                    sessions,
                    desk,
                    stops,
                    outbox,
                    policies,
                    catalogue,
                    agents,
                    schemas,
                    paths,
                    redaction,
                    runner,
                    Looks.NOWHERE,
                    Confiner.NONE,
                    Retries.NONE,
                    around,
                    witness);
        }
    }

    public GuardedPath(Parts parts) {
        this.journal = parts.journal();
        this.sessions = parts.sessions();
        this.desk = parts.desk();
        this.catalogue = parts.catalogue();
        this.agents = parts.agents();
        this.policies = parts.policies();
        this.witness = parts.witness();
        this.unrecorded = new Unrecorded(witness);
        this.ownership = new Ownership(sessions);
        this.replies = new Replies(journal, desk);
        this.reports = new Reports(journal, sessions, parts.redaction(), witness);
        var refusals = new Refusals();
        var judging = judging(parts, refusals);
        this.held = new HeldCalls(journal, desk, ownership, parts.redaction(), policies, judging);
        this.scopedVotes = new ScopedVotes(journal, desk, replies, judging);
        this.path = path(parts, judging, refusals);
        this.finishing = new Finishing(journal, desk, ownership, replies, this::decided);
        this.queued = new QueuedCalls(parts, ownership, replies, this::decidedAgain);
        var sight = new Sight(journal, catalogue, imaging(parts));
        this.doubts = new Doubts(journal, catalogue, sight, reports);
        this.undoing = new Undoing(
                journal,
                catalogue,
                sight,
                doubts,
                parts.retries(),
                judging,
                asked -> guarded(() -> walk(asked)),
                witness);
        desk.onClosed(this::permitAtQuorum);
    }

    /// The whole path, in order.
    private Stage<Asked, Reply> path(Parts parts, Stage<Asked, Judged> judging, Refusals refusals) {
        var around = parts.around();
        var delays = new Delays(journal, parts.outbox(), parts.redaction());
        var imaging = imaging(parts);
        return judging.then(around.stage("prepare", prepare(parts, imaging, delays)))
                .then(around.stage(
                        "journal",
                        new Commit(
                                journal,
                                desk,
                                sessions,
                                parts.redaction(),
                                refusals,
                                running,
                                witness,
                                replies,
                                delays)))
                .then(around.stage("execute", new Execute(journal, parts.runner(), running, witness)))
                .then(around.stage("observe", new Observe(imaging, parts.redaction())))
                .then(around.stage(
                        "record", new Settle(journal, sessions, parts.redaction(), witness, running, unrecorded)));
    }

    private static Imaging imaging(Parts parts) {
        return new Imaging(
                parts.looks(),
                parts.retries(),
                parts.catalogue(),
                parts.schemas(),
                parts.paths(),
                parts.journal(),
                parts.witness());
    }

    private static Prepare prepare(Parts parts, Imaging imaging, Delays delays) {
        return new Prepare(
                parts.journal(),
                new Decide(parts.policies(), parts.schemas(), parts.paths(), parts.desk(), parts.confiner()),
                parts.catalogue(),
                parts.schemas(),
                parts.paths(),
                imaging,
                parts.redaction(),
                delays);
    }

    /// The path up to the decision, which changes nothing.
    private Stage<Asked, Judged> judging(Parts parts, Refusals refusals) {
        var around = parts.around();
        var decide = new Decide(policies, parts.schemas(), parts.paths(), desk, parts.confiner());
        return around.stage("identify", new Identify(journal, ownership, agents, replies))
                .then(around.stage(
                        "resolve",
                        new Resolve(
                                journal,
                                parts.ids(),
                                catalogue,
                                parts.schemas(),
                                parts.paths(),
                                sessions,
                                parts.stops(),
                                refusals,
                                replies)))
                .then(around.stage("decide", decide.then(new Planning(decide))));
    }

    /// What becomes of held calls beside votes.
    public HeldCalls held() {
        return held;
    }

    /// Votes that reach further than one call.
    public ScopedVotes scopedVotes() {
        return scopedVotes;
    }

    /// Taking calls back.
    public Undoing undoing() {
        return undoing;
    }

    /// Calls in doubt, and what became of them.
    public Doubts doubts() {
        return doubts;
    }

    /// What becomes of calls that wait for their time.
    public QueuedCalls queued() {
        return queued;
    }

    /// Decides a queued call again, now that its time has come, and runs it where it still may: nobody waits for it.
    public void runQueued(CallId id) {
        queued.settle(id, guarded(() -> queued.attempt(id)));
    }

    private Optional<Reply> decidedAgain(Document document) {
        var resumed = Identified.Resumed.of(document);
        return again(resumed, resumed.absent(), resumed.call().run(), Attendance.silent(QueuedCalls.RUN));
    }

    @Override
    public Reply propose(Proposal proposal, Optional<IdempotencyKey> idempotencyKey, Attendance attendance) {
        return guarded(() -> walk(new Asked(
                proposal, idempotencyKey, attendance.with(proposal.caller().token()), Optional.empty())));
    }

    @Override
    public Reply evaluate(Proposal proposal, Optional<String> approval, Attendance attendance) {
        return asked(proposal, Optional.empty(), attendance, new Manner.Evaluated(approval));
    }

    @Override
    public Reply request(Proposal proposal, Optional<IdempotencyKey> idempotencyKey, Attendance attendance) {
        return asked(proposal, idempotencyKey, attendance, new Manner.Requested());
    }

    private Reply asked(
            Proposal proposal, Optional<IdempotencyKey> idempotencyKey, Attendance attendance, Manner manner) {
        return guarded(() -> walk(new Asked(
                proposal, idempotencyKey, attendance.with(proposal.caller().token()), Optional.empty(), manner)));
    }

    @Override
    public Reply execute(Caller caller, CallId id, Attendance attendance) {
        return guarded(() -> {
            for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
                Document document = owned(caller, id);
                CallRecord call = CallRecord.of(document.value());
                boolean runs = canRun(call);
                // Its ticket was read after it: where it moved in between, the two do not fit together.
                if (!runs && stored(id).version() != document.version()) continue;
                if (!runs) return ended(call, attendance);
                Optional<Reply> reply =
                        again(Identified.Resumed.of(document), caller, Run.GUARD, attendance.with(caller.token()));
                if (reply.isPresent()) return ended(reply.get(), attendance);
            }
            throw new Contended();
        });
    }

    /// Whoever lost the race to run it is told what came of it, like anybody who asks to run it again.
    private Reply ended(Reply reply, Attendance attendance) {
        return reply instanceof Reply.Present present ? ended(present.call(), attendance) : reply;
    }

    /// True where running it is to be decided again: permitted, or held and approved.
    private boolean canRun(CallRecord call) {
        return call.status() == Status.PERMITTED && !call.isQueued()
                || call.status() == Status.HELD && replies.isApproved(call);
    }

    private Reply ended(CallRecord call, Attendance attendance) {
        if (call.status() != Status.RUNNING) return replies.present(call);
        running.await(call.id(), attendance.timeout());
        return replies.present(CallRecord.of(stored(call.id()).value()));
    }

    /// Decides a call again, from the arguments as they were proposed.
    ///
    /// @return empty where something moved meanwhile
    private Optional<Reply> again(Identified.Resumed resumed, Caller caller, Run run, Attendance attendance) {
        Optional<Proposal> proposal = replies.proposal(resumed.call(), caller, run);
        if (proposal.isEmpty())
            return Optional.of(new Reply.Broken(
                    ProblemType.ARGUMENTS_CHANGED,
                    "the arguments held a secret and were not stored; propose the identical call again to run it"));
        return decided(new Asked(proposal.get(), Optional.empty(), attendance, Optional.of(resumed)));
    }

    private Optional<Reply> decided(Asked asked) {
        return stepped(path.apply(asked));
    }

    private Reply walk(Asked asked) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Optional<Reply> reply = stepped(path.apply(asked));
            if (reply.isPresent()) return reply.get();
        }
        throw new Contended();
    }

    private static Optional<Reply> stepped(Step<Reply> step) {
        return switch (step) {
            case Step.Next<Reply>(Reply reply) -> Optional.of(reply);
            case Step.Done<Reply>(Reply reply) -> Optional.of(reply);
            case Step.Again<Reply> again -> Optional.empty();
        };
    }

    @Override
    public Reply report(Caller caller, CallId id, boolean ok, Optional<Json> result, String error) {
        return guarded(() -> {
            Document document = caller.kind() == Caller.Kind.OPERATOR ? stored(id) : owned(caller, id);
            return reports.report(caller, document, ok, result, error);
        });
    }

    @Override
    public Reply state(Caller caller, CallId id, Duration wait) {
        return guarded(() -> {
            CallRecord call = CallRecord.of(seen(caller, id).value());
            if (call.status() == Status.HELD && call.ticket().isPresent() && wait.isPositive()) {
                permitAtQuorum(desk.await(call.ticket().get(), wait, new java.util.concurrent.CompletableFuture<>()));
            } else if (call.status() == Status.RUNNING) running.await(id, wait);
            else if (call.isQueued() && wait.isPositive()) queued.await(id, wait, rest -> running.await(id, rest));
            return replies.present(CallRecord.of(stored(id).value()));
        });
    }

    /// Where its client waits here, the vote that approves the call is written with the intent to run it.
    @Override
    public Reply finish(Caller caller, CallId id, Duration wait, BooleanSupplier gone, Attendance attendance) {
        long start = journal.nanos();
        return guarded(() -> finishing.await(caller, id, wait, gone, attendance).orElseGet(() -> {
            Duration rest = wait.minusNanos(journal.nanos() - start);
            return Guard.super.finish(caller, id, rest, gone, attendance);
        }));
    }

    @Override
    public Reply cancel(Caller caller, CallId id) {
        return guarded(() -> {
            CallRecord call = CallRecord.of(owned(caller, id).value());
            if (call.status() == Status.HELD) call.ticket().ifPresent(ticket -> desk.cancel(ticket, "client_left"));
            return replies.present(CallRecord.of(stored(id).value()));
        });
    }

    @Override
    public Reply withdraw(Caller caller, CallId id, String reason) {
        return guarded(
                () -> queued.withdraw(caller, CallRecord.of(seen(caller, id).value()), reason));
    }

    @Override
    public Optional<ToolDefinition> definition(ToolName tool) {
        return catalogue.find(tool);
    }

    @Override
    public List<ToolDefinition> visible(Caller caller, String server) {
        Session session = ownership.sessionFor(caller, Optional.empty()).session();
        var subject = new Subject(session.agent(), agents.roles(session.agent()), session.user());
        DecisionPoint point = policies.get();
        return catalogue.list(server).stream()
                .filter(tool -> point.visible(tool, subject))
                .toList();
    }

    /// At quorum a caller-run call is decided again at once, and permitted if policy still says so. A guard-run call
    /// waits for its client: nobody is surprised by a run.
    private void permitAtQuorum(Ticket ticket) {
        if (ticket.state() != TicketState.APPROVED) return;
        guarded(() -> {
            for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
                Document document = stored(ticket.call());
                var resumed = Identified.Resumed.of(document);
                // Nobody is told what comes of this, so there is nothing to look up for a call that is left as it is.
                if (!isPermittedAtQuorum(resumed.call())) return new Reply.Present(resumed.call());
                Optional<Reply> reply =
                        again(resumed, resumed.absent(), Run.CALLER, Attendance.silent(Duration.ofSeconds(30)));
                if (reply.isPresent()) return reply.get();
            }
            return replies.present(CallRecord.of(stored(ticket.call()).value()));
        });
    }

    private static boolean isPermittedAtQuorum(CallRecord call) {
        return call.status() == Status.HELD
                && call.run() == Run.CALLER
                && !call.door().equals(REEVALUATES);
    }

    private Document stored(CallId id) {
        return Ownership.call(journal, id);
    }

    private Document owned(Caller caller, CallId id) {
        return ownership.call(journal, caller, id);
    }

    /// Operators see every call.
    private Document seen(Caller caller, CallId id) {
        return caller.kind() == Caller.Kind.OPERATOR ? stored(id) : owned(caller, id);
    }

    /// True for calls that this process runs or is about to run ([dev.guardrail.journal.Recovery#sweep]).
    public boolean runs(CallId call) {
        return running.has(call);
    }

    @Override
    public int end(Predicate<Target> stopped) {
        return running.stop(stopped);
    }

    /// How many calls are running here now.
    public int runningCount() {
        return running.count();
    }

    @SuppressWarnings("CatchThrowable") // law: any fault is a refusal, never a run and never a hang
    private Reply guarded(Supplier<Reply> work) {
        try {
            return replies.told(work.get());
        } catch (GuardrailException told) {
            return new Reply.Broken(told.type(), String.valueOf(told.getMessage()));
        } catch (Throwable fault) {
            witness.faulted("path", fault);
            return new Reply.Broken(
                    ProblemType.INTERNAL,
                    "the guard failed while judging the call; it did not run unless its state says so");
        }
    }

    @Override
    public void close() {
        unrecorded.close();
    }
}
