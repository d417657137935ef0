package dev.guardrail.approval;

import dev.guardrail.call.Caller;
import dev.guardrail.policy.Quorum;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The arithmetic of quorums: who has a vote, and when there are enough.
final class Quorums {
    private static final String ROLE = "role:";
    private static final String GROUP = "group:";
    static final String USER = "session.user";

    private Quorums() {}

    /// True where one of the forms names this operator.
    ///
    /// @param user on whose behalf the call is made
    static boolean names(Collection<String> forms, Caller operator, Optional<String> user) {
        return forms.stream().anyMatch(form -> names(form, operator, user));
    }

    private static boolean names(String form, Caller operator, Optional<String> user) {
        if (form.equals(USER)) return user.isPresent() && user.get().equals(operator.name());
        if (form.startsWith(ROLE)) return operator.roles().contains(form.substring(ROLE.length()));
        if (form.startsWith(GROUP)) return operator.groups().contains(form.substring(GROUP.length()));
        return form.equals(operator.name());
    }

    /// True where a form stands for whoever has a role or is in a group, and not for one person.
    static boolean isShared(String form) {
        return form.startsWith(ROLE) || form.startsWith(GROUP);
    }

    /// True where a form is one operator's name.
    static boolean isPerson(String form) {
        return !isShared(form) && !form.equals(USER);
    }

    /// How many operators a form names.
    static int members(String form, Collection<Caller> operators) {
        return Math.toIntExact(operators.stream()
                .filter(operator -> names(form, operator, Optional.empty()))
                .map(Caller::name)
                .distinct()
                .count());
    }

    /// Fewest people who can meet the quorum.
    static int people(Quorum quorum) {
        return quorum.distinctGroups()
                ? Math.max(quorum.required(), groups(quorum).size())
                : quorum.required();
    }

    /// True where these people are enough: as many as required and, with distinct groups, one of them for each group
    /// that is named, nobody standing for two.
    ///
    /// @param voters distinct, each with a vote, and with the groups of those whose vote they were handed
    static boolean met(Quorum quorum, Collection<Caller> voters) {
        if (voters.size() < quorum.required()) return false;
        return !quorum.distinctGroups() || eachGroupHasItsOwn(groups(quorum), List.copyOf(voters));
    }

    private static List<String> groups(Quorum quorum) {
        return quorum.approvers().stream()
                .filter(form -> form.startsWith(GROUP))
                .map(form -> form.substring(GROUP.length()))
                .distinct()
                .toList();
    }

    /// A matching of groups to people by augmenting paths (Kuhn).
    private static boolean eachGroupHasItsOwn(List<String> groups, List<Caller> voters) {
        Map<String, String> standsFor = new HashMap<>();
        for (String group : groups) if (!place(group, voters, standsFor, new HashSet<>())) return false;
        return true;
    }

    /// @param standsFor the group that each person stands for so far
    /// @param tried people who were already asked to make room
    private static boolean place(String group, List<Caller> voters, Map<String, String> standsFor, Set<String> tried) {
        for (Caller voter : voters) {
            if (!voter.groups().contains(group) || !tried.add(voter.name())) continue;
            String before = standsFor.get(voter.name());
            if (before == null || place(before, voters, standsFor, tried)) {
                standsFor.put(voter.name(), group);
                return true;
            }
        }
        return false;
    }
}
