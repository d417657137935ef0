package dev.guardrail.server.console.undo;

import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Status;
import dev.guardrail.server.console.Badge;
import dev.guardrail.server.console.Icon;
import dev.guardrail.undo.UndoStep;
import java.time.Instant;

/// A call that may have changed something.
///
/// @param known how it stands as far as its document tells
public record Effect(CallRecord call, UndoStep known) {

    /// True where nothing is known that stands against taking it back.
    public boolean isOpen() {
        return known.state() == UndoStep.State.READY;
    }

    /// True where it is taken back.
    public boolean isUndone() {
        return known.state() == UndoStep.State.UNDONE;
    }

    /// True where nobody knows whether the call ran, or whether it is taken back: undoing looks again first.
    boolean isInDoubt() {
        return call.status() == Status.IN_DOUBT || known.state() == UndoStep.State.IN_DOUBT;
    }

    /// True where it cannot be taken back at all.
    public boolean isFinal() {
        return known.state() == UndoStep.State.CANNOT && !isInDoubt();
    }

    /// How it stands.
    public Badge badge() {
        return badge(known);
    }

    /// How a step of it stands.
    Badge badge(UndoStep step) {
        return isInDoubt() && step.state() == UndoStep.State.CANNOT
                ? new Badge("wait", Icon.WARNING, "In doubt")
                : StepRow.badge(step);
    }

    /// Where taking it back is planned, with everything behind it.
    public String fromHere() {
        return UndoPages.PATH + "/" + call.session().value() + "?from="
                + call.id().value();
    }

    /// How long it can be taken back, RFC 3339; empty where it cannot.
    public String until() {
        return isOpen() ? call.reversal().until().map(Instant::toString).orElse("") : "";
    }
}
