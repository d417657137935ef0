package dev.guardrail.pipeline;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.ProblemType;
import dev.guardrail.call.CallId;
import dev.guardrail.call.Caller;
import dev.guardrail.call.Purpose;
import dev.guardrail.journal.BodySeal;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Change;
import dev.guardrail.journal.Commitment;
import dev.guardrail.journal.Document;
import dev.guardrail.journal.Draft;
import dev.guardrail.journal.Entry;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.Kind;
import dev.guardrail.journal.Repeat;
import dev.guardrail.journal.Status;
import dev.guardrail.journal.StoreConflict;
import dev.guardrail.registry.SessionRegistry;
import dev.guardrail.session.Attestation;
import dev.guardrail.session.PastCall;
import dev.guardrail.undo.Compensation;
import java.util.Optional;

/// Outcomes that others report: the caller of a call that it ran, or an operator of one in doubt; and those of calls in
/// doubt that the guard found out by looking.
record Reports(Journal journal, SessionRegistry sessions, Redaction redaction, Witness witness) {

    Reply report(Caller caller, Document document, boolean ok, Optional<Json> result, String error) {
        CallRecord call = CallRecord.of(document.value());
        Optional<Status> next = next(caller, call, ok);
        if (next.isEmpty())
            return new Reply.Broken(
                    ProblemType.LEASE_SPENT, "the call is " + call.status().text() + " and takes no result from you");
        String attested = switch (caller.kind()) {
            case AGENT -> Attestation.AGENT.text();
            case HOST -> Attestation.HOST.text();
            case OPERATOR -> "operator";
        };
        CallRecord done = call.moved(next.get(), attested, ok ? "" : "reported");
        if (!recorded(document, call, done, body(done, result, error)))
            return new Reply.Broken(
                    ProblemType.CONFLICT, "the call was settled by somebody else meanwhile; ask for its state");
        told(caller.kind() == Caller.Kind.HOST, done, ok);
        return new Reply.Present(done);
    }

    /// Records what became of a call in doubt, as the guard found it; where somebody settled it meanwhile theirs
    /// stands.
    ///
    /// @param document of the call, as it was when the guard looked
    /// @param error word of how it did not run
    void found(Document document, boolean ok, String error) {
        CallRecord call = CallRecord.of(document.value());
        Status next = call.status().then(ok ? Status.Event.SUCCEED : Status.Event.FAIL);
        CallRecord done = call.moved(next, Attestation.PROBE.text(), error);
        if (recorded(document, call, done, Optional.empty())) told(done.purpose() == Purpose.ACT, done, ok);
    }

    /// @return false where somebody else was first
    private boolean recorded(Document document, CallRecord call, CallRecord done, Optional<BodySeal.Sealed> said) {
        try {
            var draft = new Draft();
            Optional<Commitment> commitment = said.map(sealedBody -> {
                draft.body(sealedBody.body());
                return sealedBody.commitment();
            });
            draft.entry(new Entry.Executed(
                    journal.now(),
                    done.id(),
                    done.session(),
                    done.agent(),
                    done.tool(),
                    done.status(),
                    done.attested(),
                    done.error(),
                    commitment));
            Compensation.settle(journal, draft, done);
            draft.change(done.put(document.version()));
            clearDoubt(draft, call);
            journal.commit(draft);
            return true;
        } catch (StoreConflict raced) {
            return false;
        }
    }

    /// Where the report leads. A guard-run call takes no report while it runs; one in doubt takes an operator's alone.
    private static Optional<Status> next(Caller caller, CallRecord call, boolean ok) {
        boolean operators = call.status() == Status.IN_DOUBT;
        boolean late = call.status() == Status.EXPIRED || call.status() == Status.CANCELLED;
        boolean callers = call.status() == Status.PERMITTED && !call.isQueued()
                || late && call.leaseUntil().isPresent();
        boolean may = caller.kind() == Caller.Kind.OPERATOR ? operators : callers;
        return may ? call.status().after(ok ? Status.Event.SUCCEED : Status.Event.FAIL) : Optional.empty();
    }

    private Optional<BodySeal.Sealed> body(CallRecord done, Optional<Json> result, String error) {
        if (result.isEmpty() && error.isEmpty()) return Optional.empty();
        Json said = result.orElseGet(() -> JsonObject.with("error", error).build());
        return Optional.of(journal.seal(done.resultBody(), redaction.redact(said)));
    }

    /// Identical calls may be tried again only when none of them is in doubt any more.
    private void clearDoubt(Draft draft, CallRecord call) {
        if (call.status() != Status.IN_DOUBT) return;
        Optional<Document> mark = journal.get(Kind.REPEAT, Repeat.key(call.repeat()));
        if (mark.isEmpty() || Repeat.of(mark.get().value()).state() != Repeat.State.IN_DOUBT) return;
        var alike = new Document.Tags(
                call.session().value(), Status.IN_DOUBT.text(), call.repeat().toString());
        Optional<Document> other = journal.find(Kind.CALL, alike, "", 2).stream()
                .filter(document -> !document.key().equals(call.id().value()))
                .findFirst();
        draft.change(other.<Change>map(
                        document -> new Repeat(Repeat.State.IN_DOUBT, new CallId(document.key()), Optional.empty())
                                .put(call.repeat(), mark.get().version()))
                .orElseGet(() -> new Change.Remove(
                        Kind.REPEAT, mark.get().key(), mark.get().version())));
    }

    /// @param counts true where conditions may rely on it: only where guard or host attest it
    private void told(boolean counts, CallRecord done, boolean ok) {
        if (counts) {
            Json arguments = journal.body(done.argumentsBody()).orElse(JsonObject.EMPTY);
            sessions.happened(
                    done.session(),
                    done.id(),
                    new PastCall(
                            done.tool(),
                            arguments instanceof JsonObject object ? object : JsonObject.EMPTY,
                            ok,
                            journal.now()));
        }
        witness.executed(done, 0);
    }
}
