package dev.guardrail.server.console.undo;

import dev.guardrail.call.CallId;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Journal;
import dev.guardrail.server.console.Bit;
import dev.guardrail.server.console.KeyRing;
import dev.guardrail.server.console.Visit;
import dev.guardrail.server.sheet.Deed;
import dev.guardrail.server.sheet.Legible;
import dev.guardrail.undo.UndoStep;
import io.micronaut.context.annotation.Requires;
import jakarta.inject.Singleton;
import java.util.List;

/// Lays steps out for visitors. Who may take calls back is told in a line what they did; to others they are names.
@Singleton
@Requires(beans = KeyRing.class)
public final class Rows {
    private final Journal journal;

    Rows(Journal journal) {
        this.journal = journal;
    }

    /// True where the visitor may take calls back, as policy then decides.
    public static boolean mayUndo(Visit visit) {
        return visit.isAny("approver", "admin");
    }

    /// A call, as far as its document tells.
    public StepRow of(Visit visit, Effect effect) {
        return of(visit, effect, effect.known());
    }

    /// @param step what is planned of it, or came of it
    StepRow of(Visit visit, Effect effect, UndoStep step) {
        CallRecord call = effect.call();
        return new StepRow(
                call.id().value(),
                call.session().value(),
                effect.badge(step),
                deed(visit, call),
                StepRow.words(step.exactness()),
                call.at().toString(),
                effect.until(),
                Bit.of(Legible.of(step.why()).segments()),
                step.after().stream().map(CallId::value).toList(),
                step.by().map(CallId::value).orElse(""),
                step.approval().orElse(""));
    }

    private List<Bit> deed(Visit visit, CallRecord call) {
        return Bit.sentence(
                mayUndo(visit) ? Deed.of(call.tool(), journal.body(call.argumentsBody())) : Deed.of(call.tool()));
    }
}
