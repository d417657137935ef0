package dev.guardrail.journal;

import dev.guardrail.base.JsonText;
import java.util.Optional;

/// How a queued call comes to its end without being decided again.
///
/// @param event `CANCEL` or `LAPSE`
/// @param by kind and name of whoever did it, as in `operator:ann`; `guard` where nobody did
/// @param why one word: `agent`, `host`, `operator`, `stopped`, `session_ended`, `changed`, `clock`…
/// @param words of whoever did it; may be empty
public record QueueEnd(Status.Event event, String by, String why, String words) {

    /// The word of an operator's stop, which is a denial.
    private static final String STOPPED = "stopped";

    /// The guard's own doing.
    public static QueueEnd ofGuard(Status.Event event, String why) {
        return new QueueEnd(event, "guard", why, "");
    }

    /// Adds to a draft that a queued call ends so: the entry, the call, and that an identical call meets it no more. A
    /// crash before the commit leaves it queued.
    ///
    /// @return the call as it is then
    public CallRecord write(Journal journal, Draft draft, Document document) {
        var call = CallRecord.of(document.value());
        var next = call.status().then(event);
        var left = call.moved(next, call.attested(), why);
        boolean denied = next == Status.EXPIRED || why.equals(STOPPED);
        var end = denied ? left.refused(next, next == Status.EXPIRED ? "expired" : why) : left;
        Optional<Commitment> reason = words.isBlank()
                ? Optional.empty()
                : Optional.of(journal.seal(call.cancelBody(), new JsonText(words)))
                        .map(kept -> {
                            draft.body(kept.body());
                            return kept.commitment();
                        });
        draft.entry(new Entry.OutboxClosed(
                journal.now(), call.id(), call.session(), call.agent(), call.tool(), next.text(), by, why, reason));
        draft.change(end.put(document.version()));
        journal.get(Kind.REPEAT, Repeat.key(call.repeat()))
                .filter(mark -> isOf(call, Repeat.of(mark.value())))
                .ifPresent(mark -> draft.change(new Change.Remove(Kind.REPEAT, mark.key(), mark.version())));
        return end;
    }

    private static boolean isOf(CallRecord call, Repeat repeat) {
        return repeat.isOpen() && repeat.call().equals(call.id());
    }
}
