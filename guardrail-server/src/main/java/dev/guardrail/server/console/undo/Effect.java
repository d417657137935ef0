package dev.guardrail.server.console.undo;

import dev.guardrail.journal.CallRecord;
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

    /// True where it cannot be taken back at all.
    public boolean isFinal() {
        return known.state() == UndoStep.State.CANNOT;
    }

    /// How long it can be taken back, RFC 3339; empty where it cannot.
    public String until() {
        return isOpen() ? call.reversal().until().map(Instant::toString).orElse("") : "";
    }
}
