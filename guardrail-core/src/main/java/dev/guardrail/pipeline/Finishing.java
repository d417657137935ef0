package dev.guardrail.pipeline;

import dev.guardrail.approval.ApprovalDesk;
import dev.guardrail.approval.LastVote;
import dev.guardrail.base.JsonWriter;
import dev.guardrail.call.CallId;
import dev.guardrail.call.Caller;
import dev.guardrail.call.Proposal;
import dev.guardrail.call.Run;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.Status;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/// Runs a held call for the client that waits for it, with the very vote that approves it: the vote, what it approves
/// and the intent to run are durable together.
///
/// @param deciding takes a call that is decided again down the path; empty where something moved meanwhile
record Finishing(
        Journal journal,
        ApprovalDesk desk,
        Ownership ownership,
        Replies replies,
        Function<Asked, Optional<Reply>> deciding) {
    /// Arguments of at most so many bytes are at hand when the vote comes; larger ones are read then, so that thousands
    /// who wait keep little.
    private static final int SMALL = 2 * 1024;

    /// A client, and what its call is decided from.
    private record Waiting(
            Identified.Resumed resumed, Optional<Proposal> proposal, BooleanSupplier gone, Attendance attendance) {

        Optional<Asked> with(LastVote vote, Proposal proposed) {
            boolean same =
                    resumed.call().ticket().equals(Optional.of(vote.ticket().id()));
            return same && !gone.getAsBoolean()
                    ? Optional.of(new Asked(proposed, Optional.empty(), attendance, Optional.of(resumed.with(vote))))
                    : Optional.empty();
        }
    }

    /// Parks until people have decided, or `wait` is over.
    ///
    /// @return empty where the call was not run: whoever asks looks where it stands
    Optional<Reply> await(Caller caller, CallId id, Duration wait, BooleanSupplier gone, Attendance attendance) {
        var resumed = Identified.Resumed.of(ownership.call(journal, caller, id));
        boolean waits = resumed.call().status() == Status.HELD
                && resumed.call().run() == Run.GUARD
                && resumed.call().ticket().isPresent()
                && wait.isPositive();
        if (!waits) return Optional.empty();
        var small = replies.proposal(resumed.call(), caller, Run.GUARD).filter(Finishing::isSmall);
        var waiting = new Waiting(resumed, small, gone, attendance.with(caller.token()));
        return desk.awaitToRun(resumed.call().ticket().get(), wait, vote -> run(waiting, vote, caller));
    }

    private static boolean isSmall(Proposal proposal) {
        return JsonWriter.bytes(proposal.arguments()).length <= SMALL;
    }

    /// Whatever changed since the client began to wait, an edit above all, changed the call's document, and its version
    /// is expected.
    private Optional<Reply> run(Waiting waiting, LastVote vote, Caller caller) {
        return waiting.proposal()
                .or(() -> replies.proposal(waiting.resumed().call(), caller, Run.GUARD))
                .flatMap(proposal -> waiting.with(vote, proposal))
                .flatMap(deciding);
    }
}
