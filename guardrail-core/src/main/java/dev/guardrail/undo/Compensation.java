package dev.guardrail.undo;

import dev.guardrail.call.CallId;
import dev.guardrail.call.Purpose;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Document;
import dev.guardrail.journal.Draft;
import dev.guardrail.journal.Entry;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.Kind;
import dev.guardrail.journal.Status;
import dev.guardrail.journal.StoreConflict;
import java.util.Optional;

/// One call taking another one back: claimed with the intent, so that no two do, and settled with the outcome.
public final class Compensation {
    private Compensation() {}

    /// True where a call was done, something was prepared to take it back, and no other call does. One that failed was
    /// done where something was found changed.
    public static boolean isOpen(CallRecord call) {
        boolean acted =
                call.status() != Status.FAILED || call.reversal().after().isPresent();
        return acted
                && call.reversal().isPrepared()
                && call.reversal().claim().isEmpty()
                && call.status().after(Status.Event.UNDO).isPresent();
    }

    /// Claims the call that is taken back, in the batch of the intent: of two that race one conflicts. A crash after it
    /// leaves the claim, and the call that takes it back in doubt: nobody does it a second time.
    public static void claim(Draft draft, Document undone, CallId by) {
        draft.change(CallRecord.of(undone.value()).claimed(Optional.of(by)).put(undone.version()));
    }

    /// Says what taking back came to, right after its outcome and in the same batch. Where that is not known, the claim
    /// stays until an operator or a look tells.
    ///
    /// @throws StoreConflict where somebody settled it meanwhile, as committing would have shown
    public static void settle(Journal journal, Draft draft, CallRecord done) throws StoreConflict {
        boolean known = done.status() == Status.SUCCEEDED || done.status() == Status.FAILED;
        if (done.purpose() == Purpose.ACT || !known) return;
        Document undone = journal.get(
                        Kind.CALL, done.reversal().undoes().orElseThrow().value())
                .orElseThrow();
        CallRecord call = CallRecord.of(undone.value());
        if (!call.reversal().claim().equals(Optional.of(done.id())))
            throw new StoreConflict(Kind.CALL, call.id().value());
        var next = call.status().then(done.status() == Status.SUCCEEDED ? Status.Event.UNDO : Status.Event.UNDO_FAIL);
        draft.entry(
                new Entry.Undone(journal.now(), call.id(), call.session(), call.agent(), call.tool(), done.id(), next));
        draft.change(call.moved(next, call.attested(), call.error())
                .claimed(Optional.empty())
                .put(undone.version()));
    }
}
