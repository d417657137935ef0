package dev.guardrail.pipeline;

import dev.guardrail.approval.ApprovalDesk;
import dev.guardrail.approval.Scope;
import dev.guardrail.approval.ScopedCall;
import dev.guardrail.approval.Ticket;
import dev.guardrail.approval.VoteResult;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.Caller;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Document;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.Kind;
import java.util.Optional;

/// Votes that reach further than their call. The held call is asked anew, from what is kept of it, so that what the
/// grant will be bound to is what the approver sees; where it is not, there is no such vote.
public final class ScopedVotes {
    private final Journal journal;
    private final ApprovalDesk desk;
    private final Replies replies;
    private final History history;
    private final Stage<Asked, Judged> judging;

    /// @param judging the path up to the decision
    ScopedVotes(Journal journal, ApprovalDesk desk, Replies replies, Stage<Asked, Judged> judging) {
        this.journal = journal;
        this.desk = desk;
        this.replies = replies;
        this.history = new History(journal, desk, replies);
        this.judging = judging;
    }

    /// A vote as any other, with a wish for more.
    ///
    /// @param arguments digest of the arguments that the person saw
    public VoteResult approve(
            Caller voter, String id, Sha256 arguments, String reason, Optional<String> confirm, Scope scope) {
        Optional<Ticket> ticket = desk.find(id);
        if (ticket.isEmpty()) return new VoteResult.Unknown(id);
        // Whoever has no vote, or comes too late, is told that first.
        if (!ticket.get().pending()) return desk.approve(voter, id, arguments, reason, confirm);
        Optional<ScopedCall> wanted = asked(ticket.get(), scope);
        return wanted.isPresent()
                ? desk.approve(voter, id, arguments, reason, confirm, wanted.get())
                : new VoteResult.ScopeRefused(ticket.get(), GONE);
    }

    private static final String GONE = "the call's arguments held a secret and are not kept whole, or it moved on;"
            + " approve this one call alone, or none";

    /// What a scope would have meant for the agent's latest calls.
    public sealed interface Previewed {

        /// It is a scope that the approval may have.
        record Shown(Preview preview) implements Previewed {}

        /// It is not.
        ///
        /// @param why one lower-case sentence for the person
        record Refused(String why) implements Previewed {}
    }

    /// @return empty where there is no such ticket
    public Optional<Previewed> preview(String id, Scope scope) {
        return desk.find(id).map(ticket -> {
            Optional<ScopedCall> wanted = asked(ticket, scope);
            if (wanted.isEmpty()) return new Previewed.Refused(GONE);
            Optional<String> objection = desk.objection(ticket, wanted.get());
            return objection.isPresent()
                    ? new Previewed.Refused(objection.get())
                    : new Previewed.Shown(history.preview(ticket, wanted.get()));
        });
    }

    /// The held call as it is asked now; empty where not all of it is kept, or it is over.
    private Optional<ScopedCall> asked(Ticket ticket, Scope scope) {
        Optional<Document> document = journal.get(Kind.CALL, ticket.call().value());
        Optional<Identified.Resumed> resumed = document.map(Identified.Resumed::of)
                .filter(found -> found.call().whole());
        Optional<JsonObject> arguments = resumed.map(Identified.Resumed::call).flatMap(replies::proposed);
        if (arguments.isEmpty()) return Optional.empty();
        CallRecord call = resumed.get().call();
        if (!call.ticket().equals(Optional.of(ticket.id()))) return Optional.empty();
        return switch (judging.apply(HeldCalls.asked(resumed.get(), arguments.get()))) {
            case Step.Next<Judged>(Judged judged) -> Optional.of(new ScopedCall(scope, judged.request()));
            case Step.Done<Judged> ended -> Optional.empty();
            case Step.Again<Judged> moved -> Optional.empty();
        };
    }
}
