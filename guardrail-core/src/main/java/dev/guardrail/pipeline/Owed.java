package dev.guardrail.pipeline;

import dev.guardrail.base.GuardrailException;
import dev.guardrail.base.ProblemType;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Draft;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// The outcome of a run that is written in the batch of the intent that follows it, so that both wait for the disk
/// once. Whoever runs one call after the other carries it from one to the next, tells nobody of an outcome before it
/// is written, and writes what is left alone: before anything takes time, and at the end. Used by one thread.
///
/// A crash before it is written leaves an intent without an outcome, as any crash between a run and its record. No
/// intent that follows it is durable without it.
final class Owed {
    private static final Reply UNTOLD = new Reply.Broken(
            ProblemType.INTERNAL, "the guard failed while it recorded what came of it; ask for its state");

    private Optional<Bill> bill = Optional.empty();
    private final List<Told> told = new ArrayList<>();

    /// An outcome could not be written: no intent may follow it here.
    private boolean lost;

    private record Bill(CallRecord call, Draft draft, Runnable written, Supplier<Reply> alone) {}

    /// What became of an outcome that was written alone.
    record Told(CallRecord call, Reply reply) {}

    /// Takes an outcome over, which is not to be written by anybody else.
    ///
    /// @param draft the outcome
    /// @param written takes notice of it, once it is durable with the next intent
    /// @param alone writes it by itself; what it answers stands in place of what was answered
    void owe(CallRecord call, Draft draft, Runnable written, Supplier<Reply> alone) {
        if (bill.isPresent()) throw new IllegalStateException("the outcome before it is not written yet");
        bill = Optional.of(new Bill(call, draft, written, alone));
    }

    /// Adds what is owed to a batch, if anything. Where the batch comes to nothing it is still owed.
    ///
    /// @throws Refusal where the outcome before it could not be written
    void addTo(Draft batch) {
        if (lost)
            throw new Refusal(
                    ProblemType.JOURNAL_UNAVAILABLE,
                    "what came of the undo before it could not be recorded; nothing more was begun, ask again");
        bill.ifPresent(owed -> batch.include(owed.draft()).afterwards(() -> {
            bill = Optional.empty();
            owed.written().run();
        }));
    }

    /// Writes what is owed alone, if anything.
    void settle() {
        Optional<Bill> last = bill;
        bill = Optional.empty();
        last.ifPresent(this::alone);
    }

    private void alone(Bill owed) {
        Reply reply = UNTOLD;
        try {
            reply = owed.alone().get();
        } catch (GuardrailException broken) {
            reply = new Reply.Broken(broken.type(), String.valueOf(broken.getMessage()));
        } finally {
            told.add(new Told(owed.call(), reply));
            lost |= reply instanceof Reply.Broken;
        }
    }

    /// All outcomes so far that were written alone, in their order.
    List<Told> told() {
        return List.copyOf(told);
    }
}
