package dev.guardrail.pipeline;

import dev.guardrail.approval.ApprovalDesk;
import dev.guardrail.approval.LastVote;
import dev.guardrail.approval.Place;
import dev.guardrail.approval.Ticket;
import dev.guardrail.base.Json;
import dev.guardrail.base.JsonText;
import dev.guardrail.base.ProblemType;
import dev.guardrail.call.CallId;
import dev.guardrail.call.DecisionRequest;
import dev.guardrail.call.Proposal;
import dev.guardrail.call.Purpose;
import dev.guardrail.call.Run;
import dev.guardrail.call.ToolEffect;
import dev.guardrail.call.ToolName;
import dev.guardrail.journal.BodySeal;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Change;
import dev.guardrail.journal.Commitment;
import dev.guardrail.journal.Document;
import dev.guardrail.journal.Draft;
import dev.guardrail.journal.Entry;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.Kind;
import dev.guardrail.journal.Lease;
import dev.guardrail.journal.Queued;
import dev.guardrail.journal.Repeat;
import dev.guardrail.journal.Reversal;
import dev.guardrail.journal.Status;
import dev.guardrail.journal.StoreConflict;
import dev.guardrail.policy.Cause;
import dev.guardrail.policy.Decision;
import dev.guardrail.policy.Effect;
import dev.guardrail.policy.RuleId;
import dev.guardrail.registry.SessionRegistry;
import dev.guardrail.stop.Target;
import dev.guardrail.undo.Compensation;
import dev.guardrail.undo.RestorePoint;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/// Makes the decision durable: entry, call, grants used, session's version, in one batch. A deny, clarify or hold ends
/// here; a permit leaves with the lease that only the journal mints.
///
/// A crash before the commit leaves nothing: the call was never made. A crash after it leaves an intent, which
/// [dev.guardrail.journal.Recovery] marks in doubt (guard-run) or lets lapse (caller-run); nobody runs it again.
///
/// Longer than other classes: what each kind of decision makes durable is to be read side by side.
record Commit(
        Journal journal,
        ApprovalDesk desk,
        SessionRegistry sessions,
        Redaction redaction,
        Refusals refusals,
        Running running,
        Witness witness,
        Replies replies,
        Delays delays)
        implements Stage<Judged, Leased> {
    /// How long a caller has for a call that it runs itself.
    static final Duration CALLER_LEASE = Duration.ofMinutes(5);

    private static final String FULL =
            "Too many calls of this agent wait for people already. Wait until some of them are decided.";

    static final Duration GUARD_LEASE = Duration.ofMinutes(1);

    @Override
    public Step<Leased> apply(Judged judged) {
        try {
            if (judged.vote().isPresent()
                    && !isPermittedBy(judged, judged.vote().get())) return new Step.Again<>();
            return switch (judged.verdict().decision()) {
                case Decision.Allow allow -> permit(judged, allow);
                case Decision.Deny deny -> refuse(judged, deny);
                case Decision.Clarify clarify -> ask(judged, clarify);
                case Decision.Hold hold -> hold(judged, hold);
            };
        } catch (StoreConflict raced) {
            // Whichever of the two documents moved: what is owed does not wait for another attempt.
            owed(judged).ifPresent(Owed::settle);
            return new Step.Again<>();
        }
    }

    private static Optional<Owed> owed(Judged judged) {
        return judged.resolved().identified().asked().owed();
    }

    /// True where a vote that is not durable yet permits the call here and now: all else waits until it is.
    private boolean isPermittedBy(Judged judged, LastVote vote) {
        return judged.verdict().decision() instanceof Decision.Allow allow
                && allow.grants().contains(vote.ticket().id())
                && judged.planned().held().isEmpty()
                && delays.turn(judged, allow) instanceof Turn.Now;
    }

    private Step<Leased> permit(Judged judged, Decision.Allow allow) throws StoreConflict {
        if (manner(judged) instanceof Manner.Requested)
            return new Step.Done<>(
                    new Reply.Broken(ProblemType.MALFORMED_CALL, "the call needs no approval now; evaluate it again"));
        return switch (delays.turn(judged, allow)) {
            case Turn.Now now -> permitNow(judged, allow);
            case Turn.Later(Queued queued) -> putOff(judged, allow, queued);
            case Turn.Never(Decision.Deny denial) -> refuse(judged, denial);
            case Turn.NotYet notYet ->
                new Step.Done<>(replies.present(
                        judged.resolved().resumed().orElseThrow().call()));
            case Turn.Gone gone -> fallen(judged.resolved().resumed().orElseThrow());
        };
    }

    /// A permit that waits for its time: its approval is used, and nobody has the right to run it. A crash after the
    /// commit leaves it in the outbox, which the next boot arms.
    private Step<Leased> putOff(Judged judged, Decision.Allow allow, Queued queued) throws StoreConflict {
        var writing = new Writing(judged, new Draft());
        List<Entry.Debit> debits = writing.use(allow.grants());
        CallRecord call = writing.call(
                        writing.permitted(false),
                        effect(judged),
                        allow.determining(),
                        "",
                        "",
                        List.of(),
                        false,
                        Optional.empty())
                .putOff(queued);
        writing.write(call, allow.grants(), debits);
        boolean alone = debits.isEmpty() || !writing.supersede();
        writing.draft.change(new Repeat(Repeat.State.QUEUED, call.id(), call.ticket())
                .put(call.repeat(), alone ? writing.repeatVersion() : 0));
        writing.draft.change(sessions.expect(judged.resolved().identified().session()));
        writing.draft.change(judged.resolved().stops().expect());
        CallRecord durable = call.at(journal.commit(writing.draft));
        witness.decided(durable, judged.verdict());
        return new Step.Done<>(new Reply.Queued(durable));
    }

    private static Effect effect(Judged judged) {
        return judged.modifiedBy().isEmpty() ? Effect.ALLOW : Effect.MODIFY;
    }

    private Step<Leased> permitNow(Judged judged, Decision.Allow allow) throws StoreConflict {
        Proposal proposal = judged.resolved().identified().asked().proposal();
        boolean guardRuns = proposal.run() == Run.GUARD
                && !judged.request().resource().tool().callerRun();
        Optional<Identified.Resumed> permitted = judged.resolved().resumed().filter(Decide::isPermitted);
        // Its caller has the one permit already.
        if (!guardRuns && permitted.filter(again -> !again.call().isQueued()).isPresent())
            return new Step.Done<>(replies.present(permitted.get().call()));
        Optional<Document> undone = proposal.undoes().map(id -> Ownership.call(journal, id));
        if (undone.isPresent()
                && !Compensation.isOpen(CallRecord.of(undone.get().value())))
            return new Step.Done<>(new Reply.Broken(
                    ProblemType.CONFLICT, "somebody else has undone the call or is at it; ask for its state"));
        var writing = new Writing(judged, new Draft());
        undone.ifPresent(document ->
                Compensation.claim(writing.draft, document, judged.request().call()));
        List<Entry.Debit> debits = writing.use(allow.grants());
        Duration life = guardRuns ? GUARD_LEASE : CALLER_LEASE;
        Instant until = writing.at.plus(life);
        boolean counted = writing.isCounted();
        boolean counts = !counted && cannotBeTakenBack(judged);
        CallRecord call = writing.call(
                        writing.permitted(guardRuns),
                        effect(judged),
                        allow.determining(),
                        "",
                        "",
                        List.of(),
                        false,
                        Optional.of(until))
                .counted(counted || counts);
        writing.write(call, allow.grants(), debits);
        new Charge(desk).give(writing.draft, allow.grants(), judged.planned());
        if (judged.resolved().resumed().isPresent()) writing.forget();
        SessionRegistry.Versioned session = judged.resolved().identified().session();
        writing.expectRepeat();
        if (!debits.isEmpty()) writing.supersede();
        writing.draft.change(judged.resolved().stops().expect());
        // Taints enter with the permit: what the call brings may reach the agent before its outcome is recorded. What
        // an operator takes back reaches no agent.
        if (undone.isPresent()) writing.draft.change(sessions.expect(session));
        else
            sessions.enters(
                    writing.draft,
                    session,
                    judged.request().resource().tool().taints(),
                    guardRuns ? Optional.empty() : Optional.of(call.tool()),
                    counts ? OptionalInt.of(judged.resolved().view().irreversible()) : OptionalInt.empty());
        owed(judged).ifPresent(before -> before.addTo(writing.draft));
        var target = new Target(call.agent(), call.session(), call.tool());
        Lease lease = intend(writing.draft, judged.request(), target, life, guardRuns);
        CallRecord durable = call.at(lease.entry());
        witness.decided(durable, judged.verdict());
        Attendance attendance = judged.resolved().identified().asked().attendance();
        return guardRuns
                ? new Step.Next<>(new Leased(
                        judged.request(),
                        attendance,
                        durable,
                        writing.version() + 1,
                        session,
                        lease,
                        judged.prepared().point(),
                        owed(judged)))
                : new Step.Done<>(
                        new Reply.Permitted(durable, judged.request().action().arguments()));
    }

    /// True where the session counts the call, as long as a rule reads the number: it may change something, and nothing
    /// that puts it back exactly was prepared. A plan changes nothing; its calls are counted by themselves.
    private static boolean cannotBeTakenBack(Judged judged) {
        DecisionRequest request = judged.request();
        return judged.counts()
                && request.context().purpose() == Purpose.ACT
                && request.resource().tool().effect() != ToolEffect.READ
                && !request.action().tool().equals(ToolName.PLAN)
                && !judged.prepared().isExact();
    }

    /// Known as running before the intent is durable, so that a stop which comes after it finds it; if the commit
    /// fails, recovery says what became of it.
    private Lease intend(Draft draft, DecisionRequest request, Target target, Duration life, boolean guardRuns)
            throws StoreConflict {
        if (guardRuns) running.begin(request.call(), target);
        boolean durable = false;
        try {
            Lease lease = journal.intend(draft, request.call(), request.fingerprint(), life);
            durable = true;
            return lease;
        } finally {
            if (!durable) running.end(request.call());
        }
    }

    private Step<Leased> refuse(Judged judged, Decision.Deny deny) throws StoreConflict {
        var writing = new Writing(judged, new Draft());
        CallRecord call = writing.call(
                writing.from().then(Status.Event.DENY),
                Effect.DENY,
                deny.determining(),
                deny.cause().text(),
                deny.message(),
                deny.instead(),
                deny.fixed(),
                Optional.empty());
        writing.write(call, Set.of(), List.of());
        if (judged.resolved().resumed().isPresent()) writing.forget();
        CallRecord durable = call.at(journal.commit(writing.draft));
        boolean insists = refusals.count(call.repeat()) >= 2;
        if (deny.cause() == Cause.POLICY) refusals.add(call.repeat());
        witness.decided(durable, judged.verdict());
        return new Step.Done<>(new Reply.Refused(insists ? durable.terse() : durable));
    }

    private Step<Leased> ask(Judged judged, Decision.Clarify clarify) throws StoreConflict {
        var writing = new Writing(judged, new Draft());
        CallRecord call = writing.call(
                writing.from().then(Status.Event.CLARIFY),
                Effect.CLARIFY,
                clarify.determining(),
                "",
                clarify.question(),
                List.of(),
                false,
                Optional.empty());
        writing.write(call, Set.of(), List.of());
        if (judged.resolved().resumed().isPresent()) writing.forget();
        CallRecord durable = call.at(journal.commit(writing.draft));
        witness.decided(durable, judged.verdict());
        return new Step.Done<>(new Reply.Asked(durable));
    }

    private Step<Leased> hold(Judged judged, Decision.Hold hold) throws StoreConflict {
        boolean evaluated = manner(judged) instanceof Manner.Evaluated;
        Optional<Reply> joined = judged.resolved().earlier().flatMap(earlier -> joined(judged, earlier.repeat()));
        if (joined.isPresent()) return new Step.Done<>(joined.get());
        if (judged.resolved().resumed().isPresent()) {
            Step<Leased> over = fallen(judged.resolved().resumed().get());
            // Whoever evaluates is told how it stands without that approval.
            return evaluated ? new Step.Again<>() : over;
        }
        Optional<Map<RuleId, String>> confirm = judged.confirm(hold.holds());
        if (confirm.isEmpty())
            return refuse(judged, new Decision.Deny(hold.determining(), Cause.GUARD_ERROR, "", List.of(), false));
        if (evaluated) return requestable(judged, hold);
        Optional<Place> place = desk.enter(judged.request().subject().agent(), hold.holds());
        if (place.isEmpty())
            return refuse(judged, new Decision.Deny(hold.determining(), Cause.LIMIT, FULL, List.of(), false));
        try (var room = place.get()) {
            return wait(judged, hold, confirm.get(), room);
        }
    }

    private Step<Leased> wait(Judged judged, Decision.Hold hold, Map<RuleId, String> confirm, Place room)
            throws StoreConflict {
        var writing = new Writing(judged, new Draft());
        CallRecord held = writing.call(
                writing.from().then(Status.Event.HOLD),
                Effect.REQUIRE_APPROVAL,
                hold.determining(),
                "",
                "",
                List.of(),
                false,
                Optional.empty());
        Ticket ticket = desk.open(writing.draft, judged.request(), held.session(), hold.holds(), confirm);
        CallRecord call = held.onHold(ticket.id());
        writing.write(call, Set.of(), List.of());
        writing.draft.change(judged.resolved().stops().expect());
        writing.draft.change(
                new Repeat(Repeat.State.HELD, call.id(), call.ticket()).put(call.repeat(), writing.repeatVersion()));
        CallRecord durable = call.at(journal.commit(writing.draft));
        room.take();
        witness.decided(durable, judged.verdict());
        return new Step.Done<>(replies.held(durable, ticket));
    }

    private static Manner manner(Judged judged) {
        return judged.resolved().identified().asked().manner();
    }

    private Optional<Reply> joined(Judged judged, Repeat earlier) {
        return manner(judged) instanceof Manner.Requested
                ? replies.waiting(earlier).map(held -> held)
                : replies.pending(earlier);
    }

    /// A hold of a call that was only evaluated: refused, and people can be asked. No ticket is opened, and
    /// an identical call meets nothing.
    private Step<Leased> requestable(Judged judged, Decision.Hold hold) throws StoreConflict {
        var writing = new Writing(judged, new Draft());
        CallRecord call = writing.call(
                writing.from().then(Status.Event.DENY),
                Effect.REQUIRE_APPROVAL,
                hold.determining(),
                Cause.REQUESTABLE.text(),
                "",
                List.of(),
                false,
                Optional.empty());
        writing.write(call, Set.of(), List.of());
        CallRecord durable = call.at(journal.commit(writing.draft));
        witness.decided(durable, judged.verdict());
        return new Step.Done<>(new Reply.Refused(durable));
    }

    /// What was approved does not answer the holds of today: that approval and its call are over, and whoever still
    /// wants the call proposes it anew.
    private Step<Leased> fallen(Identified.Resumed resumed) {
        if (resumed.call().isQueued()) delays.outbox().giveUp(resumed.call().id(), "changed");
        else resumed.call().ticket().ifPresent(ticket -> desk.cancel(ticket, "changed"));
        return new Step.Done<>(journal.get(Kind.CALL, resumed.call().id().value())
                .map(document -> replies.present(CallRecord.of(document.value())))
                .orElseGet(() -> new Reply.Refused(resumed.call())));
    }

    /// One batch in the making, and what every kind of decision puts into it.
    private final class Writing {
        private final Judged judged;
        private final Draft draft;

        /// Time of the entry: before anything is looked at that must still be good then.
        private final Instant at = journal.now();

        Writing(Judged judged, Draft draft) {
            this.judged = judged;
            this.draft = draft;
        }

        /// Version of the call's document that is replaced; 0 for a new call.
        long version() {
            return judged.resolved().resumed().map(Identified.Resumed::version).orElse(0L);
        }

        /// Where the call stands before this decision.
        private boolean isMine(Repeat repeat) {
            return repeat.isOpen() && repeat.call().equals(judged.request().call());
        }

        /// What an identical call meets must be as it was when this one was judged.
        void expectRepeat() {
            boolean mine = judged.resolved().resumed().isPresent()
                    && judged.resolved()
                            .earlier()
                            .filter(earlier -> isMine(earlier.repeat()))
                            .isPresent();
            if (!mine)
                draft.change(new Change.Expect(
                        Kind.REPEAT, Repeat.key(judged.resolved().repeat()), repeatVersion()));
        }

        Status from() {
            return judged.resolved()
                    .resumed()
                    .map(again -> again.call().status())
                    .orElse(Status.PROPOSED);
        }

        /// A run by the guard starts with its permit, in the same commit.
        Status permitted(boolean guardRuns) {
            Status permitted = from() == Status.PERMITTED ? Status.PERMITTED : from().then(Status.Event.ALLOW);
            return guardRuns ? permitted.then(Status.Event.START) : permitted;
        }

        long repeatVersion() {
            return judged.resolved().earlier().map(Resolved.Earlier::version).orElse(0L);
        }

        /// True where an earlier permit of this very call was counted.
        boolean isCounted() {
            return judged.resolved()
                    .resumed()
                    .filter(Identified.Resumed::isCounted)
                    .isPresent();
        }

        /// Removes what an identical call would have met: the next one is a call of its own.
        ///
        /// A mark that another call left (in doubt, refused by a person) stays.
        void forget() {
            judged.resolved()
                    .earlier()
                    .filter(earlier -> isMine(earlier.repeat()))
                    .ifPresent(earlier -> draft.change(new Change.Remove(
                            Kind.REPEAT, Repeat.key(judged.resolved().repeat()), earlier.version())));
        }

        /// Gives up an identical call that people are asked for still: nobody shall permit the same twice.
        ///
        /// @return false where there is none; else what an identical call meets is removed
        boolean supersede() throws StoreConflict {
            var waiting = judged.resolved().earlier().flatMap(earlier -> replies.pending(earlier.repeat()));
            if (waiting.isEmpty() || !(waiting.get() instanceof Reply.Held(CallRecord held, Reply.Pending open)))
                return false;
            desk.supersede(draft, open.ticket());
            return true;
        }

        CallRecord call(
                Status status,
                Effect effect,
                Collection<RuleId> rules,
                String cause,
                String message,
                List<String> instead,
                boolean fixed,
                Optional<Instant> leaseUntil) {
            DecisionRequest request = judged.request();
            Proposal proposal = judged.resolved().identified().asked().proposal();
            return new CallRecord(
                    request.call(),
                    judged.resolved().view().id(),
                    request.subject().agent(),
                    request.subject().user(),
                    request.action().tool(),
                    request.resource().tool().digest(),
                    request.argumentsDigest(),
                    judged.resolved().repeat(),
                    proposal.run(),
                    proposal.door(),
                    status,
                    effect.text(),
                    names(rules, judged.modifiedBy()),
                    cause,
                    message,
                    instead,
                    fixed,
                    judged.resolved().resumed().flatMap(again -> again.call().ticket()),
                    leaseUntil,
                    judged.policy(),
                    Optional.empty(),
                    request.context().time(),
                    redacted() == request.action().arguments(),
                    request.resource().tool().idempotent(),
                    "",
                    "",
                    judged.resolved()
                            .resumed()
                            .map(again -> again.call().edits())
                            .orElse(0),
                    judged.resolved().resumed().flatMap(again -> again.call().queued()),
                    reversal(status));
        }

        /// What it takes back, or how it can be taken back once it may run.
        private Reversal reversal(Status status) {
            Optional<CallId> undoes =
                    judged.resolved().identified().asked().proposal().undoes();
            if (undoes.isPresent()) return Reversal.of(undoes.get());
            boolean permitted = status == Status.RUNNING || status == Status.PERMITTED;
            return permitted ? judged.prepared().reversal() : Reversal.NONE;
        }

        /// The entry, the call's document, the bodies and the client's idempotency key.
        void write(CallRecord call, Set<String> grants, List<Entry.Debit> debits) {
            List<Commitment> bodies = bodies(call);
            if (call.status() == Status.RUNNING)
                judged.prepared()
                        .point()
                        .map(RestorePoint::json)
                        .or(judged.prepared()::refusal)
                        .ifPresent(kept -> add(bodies, call.beforeBody(), kept));
            draft.entry(new Entry.Decided(
                    at,
                    call.id(),
                    new Entry.SubjectLine(
                            call.session(), call.agent(), call.user().map(journal::pseudonym), call.door()),
                    call.tool(),
                    call.definition(),
                    new Entry.Judgement(
                            call.effect(),
                            call.rules(),
                            names(judged.verdict().failed(), Set.of()),
                            names(judged.verdict().shadow().keySet(), Set.of()),
                            call.cause(),
                            call.policy(),
                            call.run().name().toLowerCase(java.util.Locale.ROOT)),
                    journal.blind(judged.request().fingerprint()),
                    call.status(),
                    bodies,
                    grants,
                    debits,
                    call.status() == Status.HELD ? call.ticket() : Optional.empty(),
                    call.leaseUntil(),
                    call.isQueued() ? call.queued().map(Queued::runsAt) : Optional.empty(),
                    call.reversal(),
                    judged.request().resource().confinement()));
            draft.change(call.put(version()));
            judged.resolved()
                    .resumed()
                    .map(Identified.Resumed::call)
                    .filter(CallRecord::isQueued)
                    .ifPresent(waited -> delays.outbox().leave(draft, waited));
            if (call.isQueued()) delays.outbox().enter(draft, call);
            judged.resolved().identified().key().ifPresent(key -> draft.change(key.to(call.id())));
        }

        /// Uses up what people agreed to. A permit that is decided again has used its own before.
        List<Entry.Debit> use(Set<String> grants) throws StoreConflict {
            boolean before =
                    judged.resolved().resumed().filter(Decide::isPermitted).isPresent();
            if (before) return List.of();
            var others = new TreeSet<>(grants);
            judged.vote()
                    .filter(vote -> others.remove(vote.ticket().id()))
                    .ifPresent(vote -> desk.consume(draft, vote));
            return new Charge(desk).of(draft, others, judged.request());
        }

        /// Arguments as judged, as proposed where they differ, and the agent's reason. A call that is decided again
        /// keeps the bodies that its first entry committed to.
        private List<Commitment> bodies(CallRecord call) {
            var commitments = new ArrayList<Commitment>();
            if (version() > 0) return commitments;
            add(commitments, call.argumentsBody(), redacted());
            Proposal proposal = judged.resolved().identified().asked().proposal();
            if (!judged.modifiedBy().isEmpty())
                add(commitments, call.proposedBody(), redaction.redact(proposal.arguments()));
            if (!proposal.reason().isEmpty())
                add(commitments, call.reasonBody(), redaction.redact(new JsonText(proposal.reason())));
            return commitments;
        }

        private void add(List<Commitment> commitments, String id, Json value) {
            BodySeal.Sealed body = journal.seal(id, value);
            draft.body(body.body());
            commitments.add(body.commitment());
        }

        private Json redacted() {
            return redaction.redact(judged.request().action().arguments());
        }
    }

    private static List<String> names(Collection<RuleId> some, Collection<RuleId> more) {
        var names = new TreeSet<String>();
        for (RuleId id : some) names.add(id.value());
        for (RuleId id : more) names.add(id.value());
        return List.copyOf(names);
    }
}
