package dev.guardrail.approval;

import dev.guardrail.call.Caller;
import java.util.List;
import java.util.Optional;

/// Where a caller stands with a ticket.
///
/// @param holds on which the caller has a vote
/// @param refusal why there is none; empty where there is one
record Standing(List<Hold> holds, Optional<VoteResult> refusal) {
    Standing {
        holds = List.copyOf(holds);
    }

    /// @param operators as configured now: what the caller is counts as it stands there
    static Standing of(Ticket ticket, Caller caller, List<Caller> operators) {
        if (caller.kind() != Caller.Kind.OPERATOR)
            return refused("an agent or host never votes; an operator does", ticket, operators);
        var known = operators.stream()
                .filter(operator -> operator.name().equals(caller.name()))
                .findFirst();
        if (known.isEmpty()) return refused("`" + caller.name() + "` is no operator any more", ticket, operators);
        var holds = ticket.holds().stream()
                .filter(hold -> objection(ticket, hold, known.get()).isEmpty())
                .toList();
        if (!holds.isEmpty()) return new Standing(holds, Optional.empty());
        boolean requester = ticket.holds().stream()
                .anyMatch(hold -> objection(ticket, hold, known.get()).equals(Optional.of(Objection.REQUESTER)));
        return refused(
                requester ? "the call was made for you or by you" : "the rules that hold the call name others",
                ticket,
                operators);
    }

    /// Why somebody has no vote on a hold.
    enum Objection {
        NOT_NAMED,
        REQUESTER
    }

    /// @return empty where the operator has a vote on this hold
    static Optional<Objection> objection(Ticket ticket, Hold hold, Caller operator) {
        if (!Quorums.names(hold.quorum(), operator, ticket.user())) return Optional.of(Objection.NOT_NAMED);
        boolean requester = Alias.possible(operator.name(), ticket.agent())
                || ticket.user()
                        .filter(user -> Alias.possible(operator.name(), user))
                        .isPresent();
        return hold.quorum().excludeRequester() && requester ? Optional.of(Objection.REQUESTER) : Optional.empty();
    }

    private static Standing refused(String why, Ticket ticket, List<Caller> operators) {
        var who = eligible(ticket, operators);
        var forms = ticket.holds().stream()
                .flatMap(hold -> hold.quorum().approvers().stream())
                .distinct()
                .sorted()
                .toList();
        return new Standing(List.of(), Optional.of(new VoteResult.NotEligible(why, who.isEmpty() ? forms : who)));
    }

    /// Names of the operators who have a vote on any of the holds.
    static List<String> eligible(Ticket ticket, List<Caller> operators) {
        return operators.stream()
                .filter(operator -> ticket.holds().stream()
                        .anyMatch(hold -> objection(ticket, hold, operator).isEmpty()))
                .map(Caller::name)
                .sorted()
                .toList();
    }
}
