package dev.guardrail.pipeline;

import dev.guardrail.base.Json;
import dev.guardrail.base.ProblemType;
import dev.guardrail.call.Purpose;
import dev.guardrail.journal.BodySeal;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Commitment;
import dev.guardrail.journal.Document;
import dev.guardrail.journal.Draft;
import dev.guardrail.journal.Entry;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.JournalUnavailable;
import dev.guardrail.journal.Kind;
import dev.guardrail.journal.Repeat;
import dev.guardrail.journal.Status;
import dev.guardrail.journal.Status.Event;
import dev.guardrail.journal.StoreConflict;
import dev.guardrail.policy.Cause;
import dev.guardrail.registry.Contended;
import dev.guardrail.registry.SessionRegistry;
import dev.guardrail.session.PastCall;
import dev.guardrail.undo.Compensation;
import java.util.Optional;
import java.util.Set;

/// Records what a call came to, with everything that the outcome brings: the session's taints, the mark on a call in
/// doubt. Nothing is told before it is durable; one of a row may be durable with the next intent ([Owed]).
///
/// A crash before the commit leaves the intent alone: recovery marks the call in doubt, and its result is lost.
final class Settle implements Stage<Finished, Reply> {
    private static final int ATTEMPTS = 64;

    private final Journal journal;
    private final SessionRegistry sessions;
    private final Redaction redaction;
    private final Witness witness;
    private final Running running;
    private final Unrecorded unrecorded;

    Settle(
            Journal journal,
            SessionRegistry sessions,
            Redaction redaction,
            Witness witness,
            Running running,
            Unrecorded unrecorded) {
        this.running = running;
        this.journal = journal;
        this.sessions = sessions;
        this.redaction = redaction;
        this.witness = witness;
        this.unrecorded = unrecorded;
    }

    @Override
    public Step<Reply> apply(Finished finished) {
        return new Step.Done<>(
                finished.outcome() instanceof Outcome.Answered(Json result, boolean ok) && ok
                        ? finished.leased()
                                .owed()
                                .map(owed -> owed(owed, finished, result))
                                .orElseGet(() -> alone(finished))
                        : alone(finished));
    }

    /// Leaves what succeeded to the intent of the next call, in whose batch it is written.
    private Reply owed(Owed owed, Finished finished, Json result) {
        CallRecord done = answered(finished, true);
        try {
            Draft draft = draft(finished, done, Optional.of(result), true);
            Reply reply = new Reply.Ran(done, result, true, false);
            owed.owe(done, draft, () -> written(finished, done), () -> alone(finished, draft, reply, done));
            return reply;
        } catch (StoreConflict | JournalUnavailable untold) {
            return alone(finished);
        } catch (RuntimeException fault) {
            // Nobody carries it: recovery finds the call, and it is in doubt.
            running.end(done.id());
            throw fault;
        }
    }

    /// No intent follows it.
    private Reply alone(Finished finished, Draft draft, Reply reply, CallRecord done) {
        try {
            journal.commit(draft);
        } catch (StoreConflict | JournalUnavailable untold) {
            return alone(finished);
        } catch (RuntimeException fault) {
            running.end(done.id());
            throw fault;
        }
        written(finished, done);
        return reply;
    }

    private void written(Finished finished, CallRecord done) {
        told(finished, done);
        running.end(done.id());
    }

    private Reply alone(Finished finished) {
        try {
            return ended(finished);
        } catch (JournalUnavailable withheld) {
            unrecorded.add(() -> ended(finished));
            return new Reply.Broken(
                    ProblemType.JOURNAL_UNAVAILABLE,
                    "the call may have run, but its outcome could not be recorded; do not repeat it, ask for its state");
        }
    }

    private static CallRecord answered(Finished finished, boolean ok) {
        CallRecord call = finished.leased().call();
        return call.moved(step(call, ok ? Event.SUCCEED : Event.FAIL), "guard", ok ? "" : "tool-error")
                .left(finished.after());
    }

    private Reply ended(Finished finished) {
        boolean later = false;
        try {
            return recorded(finished);
        } catch (JournalUnavailable unwritable) {
            later = true;
            throw unwritable;
        } finally {
            if (!later) running.end(finished.leased().call().id());
        }
    }

    private Reply recorded(Finished finished) {
        CallRecord call = finished.leased().call();
        return switch (finished.outcome()) {
            case Outcome.Answered(Json result, boolean ok) -> {
                CallRecord done = settled(finished, answered(finished, ok), Optional.of(result), true);
                yield new Reply.Ran(done, result, ok, false);
            }
            case Outcome.NotRun(ProblemType type, String detail) ->
                new Reply.Faulted(
                        settled(
                                finished,
                                call.moved(step(call, Event.FAIL), "guard", fault(finished, type))
                                        .counted(false),
                                Optional.empty(),
                                false),
                        type,
                        detail);
            case Outcome.Lost(ProblemType type, String detail) ->
                new Reply.Faulted(
                        settled(
                                finished,
                                call.moved(step(call, Event.LOSE), "guard", fault(finished, type)),
                                Optional.empty(),
                                true),
                        type,
                        detail);
        };
    }

    private static String fault(Finished finished, ProblemType type) {
        return finished.stopped() ? Cause.STOPPED.text() : type.slug();
    }

    private static Status step(CallRecord call, Event event) {
        return call.status().then(event);
    }

    /// @param ran true where it ran or may have run
    private CallRecord settled(Finished finished, CallRecord done, Optional<Json> result, boolean ran) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            try {
                journal.commit(draft(finished, done, result, ran));
                told(finished, done);
                return done;
            } catch (StoreConflict raced) {
                Optional<CallRecord> other = settledElsewhere(done);
                if (other.isPresent()) {
                    // It may be our own entry, whose durability was unknown: the window is read again from the log.
                    sessions.reread(done.session());
                    return other.get();
                }
            }
        }
        throw new Contended();
    }

    private Draft draft(Finished finished, CallRecord done, Optional<Json> result, boolean ran) throws StoreConflict {
        var draft = new Draft();
        Optional<Commitment> commitment = result.map(json -> sealed(draft, done, json));
        draft.entry(outcome(done, commitment));
        Compensation.settle(journal, draft, done);
        draft.change(done.put(finished.leased().version()));
        if (ran && done.purpose() == Purpose.ACT) {
            Set<String> taints = finished.leased().request().resource().tool().taints();
            sessions.saw(draft, sessions.find(done.session()).orElseThrow(), done.tool(), taints);
        }
        if (!ran && finished.leased().call().reversal().counted())
            sessions.uncount(draft, sessions.find(done.session()).orElseThrow());
        if (done.status() == Status.IN_DOUBT && !done.idempotent()) doubt(draft, done);
        return draft;
    }

    /// Somebody else brought the call to an end meanwhile: theirs stands.
    private Optional<CallRecord> settledElsewhere(CallRecord done) {
        return journal.get(Kind.CALL, done.id().value())
                .map(document -> CallRecord.of(document.value()))
                .filter(call -> call.status() != Status.RUNNING);
    }

    private Entry.Executed outcome(CallRecord done, Optional<Commitment> result) {
        return new Entry.Executed(
                journal.now(),
                done.id(),
                done.session(),
                done.agent(),
                done.tool(),
                done.status(),
                done.attested(),
                done.error(),
                result,
                done.reversal().after());
    }

    private Commitment sealed(Draft draft, CallRecord done, Json result) {
        BodySeal.Sealed body = journal.seal(done.resultBody(), redaction.redact(result));
        draft.body(body.body());
        return body.commitment();
    }

    private void doubt(Draft draft, CallRecord done) {
        long version = journal.get(Kind.REPEAT, Repeat.key(done.repeat()))
                .map(Document::version)
                .orElse(0L);
        draft.change(new Repeat(Repeat.State.IN_DOUBT, done.id(), Optional.empty()).put(done.repeat(), version));
    }

    /// After the outcome is durable and before anybody is told: conditions see it from now on.
    private void told(Finished finished, CallRecord done) {
        boolean ended = done.status() == Status.SUCCEEDED || done.status() == Status.FAILED;
        if (ended && done.purpose() == Purpose.ACT)
            sessions.happened(
                    done.session(),
                    done.id(),
                    new PastCall(
                            done.tool(),
                            finished.leased().request().action().arguments(),
                            done.status() == Status.SUCCEEDED,
                            journal.now()));
        witness.executed(done, finished.nanos());
    }
}
