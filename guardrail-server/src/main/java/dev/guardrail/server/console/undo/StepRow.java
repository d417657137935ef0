package dev.guardrail.server.console.undo;

import dev.guardrail.call.Exactness;
import dev.guardrail.server.console.Badge;
import dev.guardrail.server.console.Bit;
import dev.guardrail.server.console.Icon;
import dev.guardrail.undo.UndoStep;
import java.util.List;

/// A step of undoing, or a call that might be one, as a page shows it.
///
/// @param call its id
/// @param deed what the call did
/// @param exactness how far it is taken back, in words; empty where it is not
/// @param at when it was called
/// @param until how long it can be taken back; empty where it cannot
/// @param why it stands as it does; empty where there is nothing to say
/// @param after calls that are taken back before it
/// @param by the call that takes it back; empty for none
/// @param approval the request to people that it waits on; empty for none
public record StepRow(
        String call,
        String session,
        Badge badge,
        List<Bit> deed,
        String exactness,
        String at,
        String until,
        List<Bit> why,
        List<String> after,
        String by,
        String approval) {
    public StepRow {
        deed = List.copyOf(deed);
        why = List.copyOf(why);
        after = List.copyOf(after);
    }

    /// Where taking it back is planned.
    public String url() {
        return UndoPages.PATH + "/" + session + "?call=" + call;
    }

    /// Where taking it back is planned, with everything behind it.
    public String fromHere() {
        return UndoPages.PATH + "/" + session + "?from=" + call;
    }

    /// The same with another badge.
    StepRow as(Badge other) {
        return new StepRow(call, session, other, deed, exactness, at, until, why, after, by, approval);
    }

    static Badge badge(UndoStep step) {
        return switch (step.state()) {
            case READY ->
                step.asks() ? new Badge("wait", Icon.PEOPLE, "Asks people") : new Badge("undo", Icon.UNDO, "Ready");
            case UNDONE -> new Badge("undo", Icon.YES, "Undone");
            case CONFLICT -> new Badge("deny", Icon.WARNING, "Conflict");
            case CANNOT -> new Badge("", Icon.MINUS, "Cannot be undone");
            case DENIED -> new Badge("deny", Icon.STOP, "Denied");
            case HELD -> new Badge("wait", Icon.CLOCK, "Held");
            case RUNNING -> new Badge("wait", Icon.PULSE, "Being undone");
            case IN_DOUBT -> new Badge("wait", Icon.WARNING, "In doubt");
            case FAILED -> new Badge("deny", Icon.WARNING, "Failed");
        };
    }

    static String words(Exactness exactness) {
        return switch (exactness) {
            case EXACT -> "exact: what was there before is there again";
            case CORRECTS -> "a correction: it stays done, and something else puts it right";
            case NONE -> "";
        };
    }
}
