package dev.guardrail.pipeline;

import dev.guardrail.base.Sha256;
import dev.guardrail.call.Purpose;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.Queued;
import dev.guardrail.outbox.Outbox;
import dev.guardrail.policy.Cause;
import dev.guardrail.policy.Decision;
import dev.guardrail.policy.Glob;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Says when a permitted call's turn is: most run at once, some wait in the outbox, and what cannot wait and would
/// have to is denied.
record Delays(Journal journal, Outbox outbox, Redaction redaction) {
    private static final String SECRET =
            "Policy delays this call, and it holds a secret, which is not kept until then. Propose it without.";
    private static final String DIRECT =
            "Policy delays this request, and its answer would come when nobody waits for it any more.";
    private static final String FULL =
            "Too many calls of this agent wait for their time already. Wait until some of them have run.";

    Turn turn(Judged judged, Decision.Allow allow) {
        // Whoever takes something back does not wait with it.
        if (judged.request().context().purpose() == Purpose.UNDO) return new Turn.Now();
        Optional<CallRecord> before = judged.resolved().resumed().map(Identified.Resumed::call);
        Optional<CallRecord> queued = before.filter(CallRecord::isQueued);
        if (queued.isPresent()) return again(judged, allow, queued.get());
        boolean permitted =
                judged.resolved().resumed().filter(Decide::isPermitted).isPresent();
        // A caller that has its permit may run it anyway; the guard may do so in its stead.
        if (permitted || allow.delay().isZero()) return new Turn.Now();
        return cannotWait(judged)
                .<Turn>map(denial -> new Turn.Never(denial.of(allow)))
                .orElseGet(() -> later(judged, allow.delay()));
    }

    private Turn later(Judged judged, Duration delay) {
        Instant now = journal.now();
        return new Turn.Later(new Queued(now, now.plus(delay), binding(judged)));
    }

    private Sha256 binding(Judged judged) {
        return journal.blind(judged.request().fingerprint());
    }

    /// A call that waited is the one that was put off, or none. Where policy delays it longer by now, it waits the
    /// rest.
    private Turn again(Judged judged, Decision.Allow allow, CallRecord call) {
        Queued queued = call.queued().orElseThrow();
        if (!queued.binding().equals(binding(judged))) return new Turn.Gone();
        if (!outbox.isDue(call)) return new Turn.NotYet();
        Instant longer = queued.since().plus(allow.delay());
        return journal.now().isBefore(longer)
                ? new Turn.Later(new Queued(queued.since(), longer, queued.binding()))
                : new Turn.Now();
    }

    /// Why a call is denied.
    private record Denial(Cause cause, String message) {
        Decision.Deny of(Decision.Allow allow) {
            return new Decision.Deny(allow.determining(), cause, message, List.of(), false);
        }
    }

    private Optional<Denial> cannotWait(Judged judged) {
        Asked asked = judged.resolved().identified().asked();
        var arguments = judged.request().action().arguments();
        if (asked.manner() instanceof Manner.Evaluated) return Optional.of(new Denial(Cause.DELAYED, ""));
        if (judged.request().action().tool().name().startsWith(Glob.MCP))
            return Optional.of(new Denial(Cause.POLICY, DIRECT));
        var proposed = asked.proposal().arguments();
        if (redaction.redact(arguments) != arguments || redaction.redact(proposed) != proposed)
            return Optional.of(new Denial(Cause.POLICY, SECRET));
        return outbox.hasRoom(judged.request().subject().agent())
                ? Optional.empty()
                : Optional.of(new Denial(Cause.LIMIT, FULL));
    }
}
