package dev.guardrail.approval;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.guardrail.call.Caller;
import dev.guardrail.policy.Quorum;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Whether there are people at all who can meet a quorum.
final class EligibleOperatorsSpec {
    private static final List<Caller> OPERATORS = List.of(
            operator("ann", Set.of("approver"), Set.of("office", "payments")),
            operator("bob", Set.of("auditor"), Set.of("office")));

    private static Caller operator(String name, Set<String> roles, Set<String> groups) {
        return new Caller(Caller.Kind.OPERATOR, name, roles, groups, Set.of(), Optional.empty());
    }

    private static Quorum quorum(int required, boolean distinctGroups, List<String> later, String... approvers) {
        return new Quorum(
                List.of(approvers),
                required,
                distinctGroups,
                true,
                Duration.ofHours(1),
                Duration.ofMinutes(10),
                Optional.empty(),
                Optional.empty(),
                later.isEmpty() ? List.of() : List.of(new Quorum.Escalation(Duration.ofMinutes(5), later)),
                List.of());
    }

    private static void suffices(boolean expected, Quorum quorum) {
        assertEquals(expected, Eligibility.suffices(quorum, OPERATORS), quorum::toString);
    }

    @Test
    void as_many_people_as_are_required_must_be_there() {
        suffices(true, Quorum.DEFAULT);
        suffices(false, quorum(2, false, List.of(), "role:approver"));
        suffices(true, quorum(2, false, List.of(), "group:office"));
        suffices(true, quorum(2, false, List.of(), "role:approver", "bob"));
        suffices(false, quorum(1, false, List.of(), "carol"));
        suffices(false, quorum(1, false, List.of(), "role:admin"));
    }

    @Test
    void each_group_needs_somebody_of_its_own() {
        suffices(true, quorum(2, true, List.of(), "group:office", "group:payments"));
        suffices(false, quorum(2, true, List.of(), "group:payments", "group:board"));
    }

    @Test
    void whoever_is_called_in_later_counts() {
        suffices(true, quorum(1, false, List.of("bob"), "carol"));
        suffices(false, quorum(1, false, List.of("dora"), "carol"));
    }

    @Test
    void the_user_is_not_known_before_the_call_is() {
        suffices(true, quorum(1, false, List.of(), "session.user"));
        assertEquals(true, Eligibility.suffices(quorum(1, false, List.of(), "session.user"), List.of()));
    }
}
