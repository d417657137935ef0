package dev.guardrail.approval;

import dev.guardrail.call.Caller;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

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
        var known = named(caller.name(), operators);
        if (known.isEmpty()) return refused("`" + caller.name() + "` is no operator any more", ticket, operators);
        var holds = ticket.holds().stream()
                .filter(hold -> objection(ticket, hold, known.get(), operators).isEmpty())
                .toList();
        if (!holds.isEmpty()) return new Standing(holds, Optional.empty());
        var objections = ticket.holds().stream()
                .flatMap(hold -> objection(ticket, hold, known.get(), operators).stream())
                .collect(Collectors.toSet());
        return refused(
                objections.contains(Objection.REQUESTER)
                        ? "the call was made for you or by you"
                        : objections.contains(Objection.HANDED_ON)
                                ? "you handed your vote on"
                                : "the rules that hold the call name others",
                ticket,
                operators);
    }

    /// Why somebody has no vote on a hold.
    enum Objection {
        NOT_NAMED,
        REQUESTER,
        HANDED_ON
    }

    /// @return empty where the operator has a vote on this hold: an own one, or one that was handed on
    static Optional<Objection> objection(Ticket ticket, Hold hold, Caller operator, List<Caller> operators) {
        var own = ownObjection(ticket, hold, operator);
        if (own.isEmpty() && !hasHandedOn(ticket, operator)) return own;
        if (isExcluded(ticket, hold, operator)) return own;
        if (!handedTo(ticket, hold, operator, operators).isEmpty()) return Optional.empty();
        return own.or(() -> Optional.of(Objection.HANDED_ON));
    }

    /// Of an operator's own, whatever was handed on.
    static Optional<Objection> ownObjection(Ticket ticket, Hold hold, Caller operator) {
        if (!Quorums.names(hold.approvers(), operator, ticket.user())) return Optional.of(Objection.NOT_NAMED);
        return isExcluded(ticket, hold, operator) ? Optional.of(Objection.REQUESTER) : Optional.empty();
    }

    /// True where the operator may be who the call is made for or by, and the rule excludes those.
    static boolean isExcluded(Ticket ticket, Hold hold, Caller operator) {
        boolean requester = mayBe(operator, ticket.agent())
                || ticket.user().filter(user -> mayBe(operator, user)).isPresent();
        return hold.quorum().excludeRequester() && requester;
    }

    private static boolean mayBe(Caller operator, String name) {
        return Alias.possible(operator.name(), name)
                || operator.aliases().stream().anyMatch(alias -> Alias.possible(alias, name));
    }

    private static boolean hasHandedOn(Ticket ticket, Caller operator) {
        return ticket.delegations().stream().anyMatch(handed -> handed.from().equals(operator.name()));
    }

    /// Operators whose own vote on a hold this one was handed, as far as they still have it.
    static List<Caller> handedTo(Ticket ticket, Hold hold, Caller operator, List<Caller> operators) {
        return ticket.delegations().stream()
                .filter(handed -> handed.to().equals(operator.name()))
                .flatMap(handed -> named(handed.from(), operators).stream())
                .filter(from -> ownObjection(ticket, hold, from).isEmpty())
                .toList();
    }

    /// An operator as a quorum counts one: in the groups of everybody whose vote it is.
    static Caller counted(Ticket ticket, Hold hold, Caller operator, List<Caller> operators) {
        var groups = new HashSet<>(hasHandedOn(ticket, operator) ? Set.<String>of() : operator.groups());
        handedTo(ticket, hold, operator, operators).forEach(from -> groups.addAll(from.groups()));
        return new Caller(
                operator.kind(), operator.name(), operator.roles(), groups, operator.agents(), operator.session());
    }

    static Optional<Caller> named(String name, List<Caller> operators) {
        return operators.stream()
                .filter(operator -> operator.name().equals(name))
                .findFirst();
    }

    private static Standing refused(String why, Ticket ticket, List<Caller> operators) {
        var who = eligible(ticket, operators);
        var forms = ticket.holds().stream()
                .flatMap(hold -> hold.approvers().stream())
                .distinct()
                .sorted()
                .toList();
        return new Standing(List.of(), Optional.of(new VoteResult.NotEligible(why, who.isEmpty() ? forms : who)));
    }

    /// Operators whom a hold names and who have a vote on none, by name, with one lower-case clause that says why.
    static Map<String, String> bystanders(Ticket ticket, List<Caller> operators) {
        var why = new TreeMap<String, String>();
        for (Caller operator : operators) {
            var objections = ticket.holds().stream()
                    .map(hold -> objection(ticket, hold, operator, operators))
                    .toList();
            if (objections.stream().anyMatch(Optional::isEmpty)) continue;
            if (objections.contains(Optional.of(Objection.REQUESTER)))
                why.put(operator.name(), "the call was made for them or by them");
            else if (objections.contains(Optional.of(Objection.HANDED_ON)))
                why.put(operator.name(), "they handed their vote on");
        }
        return why;
    }

    /// Names of the operators who have a vote on any of the holds.
    static List<String> eligible(Ticket ticket, List<Caller> operators) {
        return operators.stream()
                .filter(operator -> ticket.holds().stream()
                        .anyMatch(hold ->
                                objection(ticket, hold, operator, operators).isEmpty()))
                .map(Caller::name)
                .sorted()
                .toList();
    }
}
