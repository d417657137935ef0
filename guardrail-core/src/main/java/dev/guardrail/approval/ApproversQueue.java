package dev.guardrail.approval;

import dev.guardrail.base.Sha256;
import dev.guardrail.call.Caller;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// What waits as approvers see and decide it: held calls, and canaries that look like them. Everything is asked of the
/// desk first; what the desk does not know may be a canary. Nothing but what serves approvers uses this: whatever runs
/// calls asks the desk.
public record ApproversQueue(ApprovalDesk desk, Canaries canaries) {

    public Optional<Ticket> find(String id) {
        return desk.find(id).or(() -> canaries.find(id));
    }

    /// As [ApprovalDesk#list].
    public List<Ticket> list(Optional<TicketState> state, String after, int limit) {
        return Stream.concat(desk.list(state, after, limit).stream(), canaries.list(state, after, limit).stream())
                .sorted(Comparator.comparing(Ticket::id))
                .limit(limit)
                .toList();
    }

    public VoteResult approve(Caller voter, String id, Sha256 arguments, String reason, Optional<String> confirm) {
        var result = desk.approve(voter, id, arguments, reason, confirm);
        return isUnknown(result) ? canaries.approve(voter, id, arguments, reason) : result;
    }

    /// What a vote comes to that asks for more than the one call.
    ///
    /// @param seen digest of the arguments that the person saw
    /// @param result what the path made of it
    public VoteResult approveWider(Caller voter, String id, Sha256 seen, VoteResult result) {
        return isUnknown(result) ? canaries.approveWider(voter, id, seen) : result;
    }

    /// Why a scope cannot be had where the path knows no such approval; empty where nobody does.
    public Optional<String> scopeObjection(String id) {
        return canaries.find(id).map(guise -> Remembrance.NEVER);
    }

    public VoteResult deny(Caller voter, String id, String reason) {
        var result = desk.deny(voter, id, reason);
        return isUnknown(result) ? canaries.deny(voter, id, reason) : result;
    }

    public VoteResult escalate(Caller voter, String id, String reason) {
        var result = desk.escalate(voter, id, reason);
        return isUnknown(result) ? canaries.handle(voter, id, reason) : result;
    }

    public VoteResult delegate(Caller voter, String id, String to, String reason) {
        var result = desk.delegate(voter, id, to, reason);
        return isUnknown(result) ? canaries.handle(voter, id, reason) : result;
    }

    public VoteResult ask(Caller voter, String id, String question) {
        var result = desk.ask(voter, id, question);
        return isUnknown(result) ? canaries.handle(voter, id, question) : result;
    }

    /// What an edit comes to that the path would not make.
    ///
    /// @param seen digest of the arguments that the person saw
    /// @param objection what the path had against it
    public VoteResult edit(Caller voter, String id, Sha256 seen, String reason, VoteResult objection) {
        return isUnknown(objection) ? canaries.edit(voter, id, seen, reason) : objection;
    }

    private static boolean isUnknown(VoteResult result) {
        return result instanceof VoteResult.Unknown;
    }
}
