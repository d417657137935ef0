package dev.guardrail.pipeline;

import dev.guardrail.approval.ApprovalDesk;
import dev.guardrail.base.JsonText;
import dev.guardrail.base.ProblemType;
import dev.guardrail.call.CallId;
import dev.guardrail.call.Caller;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Document;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.Status;
import dev.guardrail.outbox.Outbox;
import dev.guardrail.outbox.Withdrawal;
import dev.guardrail.registry.Contended;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/// What becomes of calls that wait for their time, where the path has a say: they are decided again when it has come,
/// shown to those whose they are, and taken back.
public final class QueuedCalls {
    /// Longest that a call may take once its time has come.
    static final Duration RUN = Duration.ofSeconds(60);

    private static final int ATTEMPTS = 256;

    private final Journal journal;
    private final ApprovalDesk desk;
    private final Outbox outbox;
    private final Ownership ownership;
    private final Agents agents;
    private final Redaction redaction;
    private final Replies replies;
    private final Function<Document, Optional<Reply>> path;

    /// @param path decides a call again and runs it where it may; empty where something moved meanwhile
    QueuedCalls(
            GuardedPath.Parts parts, Ownership ownership, Replies replies, Function<Document, Optional<Reply>> path) {
        this.journal = parts.journal();
        this.desk = parts.desk();
        this.outbox = parts.outbox();
        this.agents = parts.agents();
        this.redaction = parts.redaction();
        this.ownership = ownership;
        this.replies = replies;
        this.path = path;
    }

    /// Decides a call whose time has come, and runs it where it still may.
    Reply attempt(CallId id) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Document document = stored(id);
            CallRecord call = CallRecord.of(document.value());
            if (!call.isQueued()) return replies.present(call);
            if (!agents.isKnown(call.agent())) outbox.giveUp(id, "agent_removed");
            else {
                Optional<Reply> reply = path.apply(document);
                if (reply.isPresent()) return reply.get();
            }
        }
        throw new Contended();
    }

    /// A call that could not be decided is given up, unless that is likely to pass: the outbox then tries again.
    void settle(CallId id, Reply reply) {
        if (!(reply instanceof Reply.Broken(ProblemType type, String detail))) return;
        if (type == ProblemType.JOURNAL_UNAVAILABLE || type == ProblemType.OVERLOADED) return;
        outbox.giveUp(id, type.slug());
    }

    /// Queued calls that the caller may see, in order of id: operators see all of them.
    ///
    /// @param after only ids beyond this one; empty for all
    public List<CallRecord> list(Caller caller, String after, int limit) {
        boolean all = caller.kind() == Caller.Kind.OPERATOR;
        return outbox.list(call -> all || ownership.owns(caller, call.session()), after, limit);
    }

    /// Takes back a call that waits.
    ///
    /// @param seen the call, which is the caller's to see
    Reply withdraw(Caller caller, CallRecord seen, String reason) {
        if (seen.status() == Status.CANCELLED) return replies.present(seen);
        if (seen.status() == Status.HELD) return released(caller, seen);
        String kind = caller.kind().name().toLowerCase(java.util.Locale.ROOT);
        String kept = redaction.redact(new JsonText(reason)) instanceof JsonText(String words) ? words : "";
        return switch (outbox.cancel(seen.id(), kind + ":" + caller.name(), kind, kept)
                .orElseThrow(() -> Ownership.nothing("call", seen.id().value()))) {
            case Withdrawal.Done(CallRecord call) -> replies.present(call);
            case Withdrawal.TooLate(CallRecord call) -> tooLate(call);
        };
    }

    private Reply released(Caller caller, CallRecord seen) {
        if (caller.kind() == Caller.Kind.OPERATOR)
            return new Reply.Broken(
                    ProblemType.CONFLICT, "the call waits for people; deny its approval in place of cancelling it");
        seen.ticket().ifPresent(ticket -> desk.cancel(ticket, "agent"));
        CallRecord call = CallRecord.of(stored(seen.id()).value());
        return call.status() == Status.CANCELLED ? replies.present(call) : tooLate(call);
    }

    private static Reply tooLate(CallRecord call) {
        return new Reply.Broken(
                ProblemType.CONFLICT,
                "the call is " + call.status().text() + " and cannot be cancelled any more; ask for its state");
    }

    /// Parks until a call has left the outbox and, where it runs then, ended; `atMost` in all.
    ///
    /// @param run parks until its run has ended
    void await(CallId id, Duration atMost, Consumer<Duration> run) {
        long begin = journal.nanos();
        outbox.await(id, atMost);
        Duration rest = atMost.minusNanos(journal.nanos() - begin);
        boolean runs = CallRecord.of(stored(id).value()).status() == Status.RUNNING;
        if (runs && rest.isPositive()) run.accept(rest);
    }

    private Document stored(CallId id) {
        return Ownership.call(journal, id);
    }
}
