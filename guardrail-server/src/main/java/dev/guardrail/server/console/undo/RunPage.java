package dev.guardrail.server.console.undo;

import dev.guardrail.server.console.Bit;
import java.util.List;

/// What came, or is coming, of undoing.
///
/// @param by who asked for it, and when and why
/// @param ended true where nothing more is tried
/// @param good true where all is undone
/// @param summary how it stands, in a sentence
/// @param fault why it ended before its time; empty where it did not
/// @param steps in the order in which they are tried
/// @param again address of a plan of what is left; empty where nothing can be tried again
/// @param reader true where the visitor may read the log
public record RunPage(
        String id,
        String session,
        String by,
        String at,
        List<Bit> reason,
        boolean ended,
        boolean good,
        String summary,
        String fault,
        List<StepRow> steps,
        String again,
        boolean reader) {
    public RunPage {
        reason = List.copyOf(reason);
        steps = List.copyOf(steps);
    }

    public String url() {
        return UndoPages.RUNS + "/" + id;
    }
}
