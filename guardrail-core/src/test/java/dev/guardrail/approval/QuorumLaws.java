package dev.guardrail.approval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.call.Caller;
import dev.guardrail.policy.Rule;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// The desk beside a model of it that is as simple as can be: sets of names, and every way of sharing out groups.
class QuorumLaws {
    private static final List<String> PEOPLE = List.of("ann", "bob", "carol", "dave", "erin", "fred");
    private static final List<String> GROUPS = List.of("a", "b", "c");
    private static final List<String> FORMS =
            List.of("role:approver", "group:a", "group:b", "group:c", "session.user", "bob", "erin");

    private enum Kind {
        COUNTED,
        REPEATED,
        CLOSED,
        NOT_ELIGIBLE,
        ALREADY_CLOSED
    }

    @Test
    void the_desk_agrees_with_a_simple_model() {
        Map<Kind, Integer> seen = new EnumMap<>(Kind.class);
        int met = 0;
        int distinct = 0;
        for (long seed = 0; seed < 1_000; seed++) {
            var some = new Random(seed);
            var desk = new Desk();
            desk.operators.clear();
            for (String name : PEOPLE)
                desk.hire(name, some.nextInt(3) > 0 ? Set.of("approver") : Set.of(), subset(some, GROUPS));
            List<QuorumDraft> quorums = new ArrayList<>();
            List<Rule> rules = new ArrayList<>();
            for (int hold = 0; hold <= some.nextInt(3); hold++) {
                quorums.add(quorum(some));
                rules.add(Desk.hold("hold-" + hold, quorums.getLast()));
            }
            var ticket = desk.held("call_1", rules.toArray(Rule[]::new));
            var model = new Model(desk.operators, quorums);
            for (int vote = 0; vote < 8; vote++) {
                String voter = PEOPLE.get(some.nextInt(PEOPLE.size()));
                boolean deny = some.nextInt(12) == 0;
                Kind wanted = deny ? model.deny(voter) : model.approve(voter);
                int before = desk.entries("voted").size();
                var result = deny ? desk.deny(voter, ticket) : desk.approve(voter, ticket);
                boolean counted = desk.entries("voted").size() > before;
                assertEquals(wanted, kind(result, counted), "seed " + seed + ", vote " + vote + " by " + voter);
                assertEquals(model.state, desk.state(ticket), "seed " + seed);
                seen.merge(wanted, 1, Integer::sum);
            }
            boolean approved = model.state == TicketState.APPROVED;
            assertEquals(
                    approved ? 1 : 0,
                    desk.desk
                            .grants(desk.ticket(ticket), Desk.request("call_1"))
                            .size());
            if (approved) met++;
            if (approved
                    && quorums.stream()
                            .anyMatch(quorum ->
                                    quorum.distinctGroups() && groups(quorum).size() > 1)) distinct++;
        }
        assertEquals(Set.of(Kind.values()), seen.keySet());
        assertTrue(seen.values().stream().allMatch(times -> times >= 100), seen.toString());
        assertTrue(met >= 100, "approved " + met);
        assertTrue(distinct >= 100, "approved by distinct groups " + distinct);
    }

    private static Kind kind(VoteResult result, boolean entry) {
        return switch (result) {
            case VoteResult.Counted counted -> entry ? Kind.COUNTED : Kind.REPEATED;
            case VoteResult.Closed closed -> Kind.CLOSED;
            case VoteResult.NotEligible refused -> Kind.NOT_ELIGIBLE;
            case VoteResult.AlreadyClosed over -> Kind.ALREADY_CLOSED;
            case VoteResult other -> throw new AssertionError(other);
        };
    }

    private static QuorumDraft quorum(Random some) {
        var forms = new ArrayList<>(subset(some, FORMS));
        if (forms.isEmpty()) forms.add("role:approver");
        var quorum = QuorumDraft.of(1 + some.nextInt(3), forms.toArray(String[]::new));
        if (some.nextBoolean()) quorum = quorum.eachGroup();
        return some.nextInt(3) == 0 ? quorum.requesterToo() : quorum;
    }

    private static Set<String> subset(Random some, List<String> all) {
        Set<String> kept = new LinkedHashSet<>();
        for (String one : all) if (some.nextBoolean()) kept.add(one);
        return kept;
    }

    private static List<String> groups(QuorumDraft quorum) {
        return quorum.approvers().stream()
                .filter(form -> form.startsWith("group:"))
                .map(form -> form.substring(6))
                .toList();
    }

    /// Written from the contract alone.
    private static final class Model {
        private final Map<String, Caller> people;
        private final List<QuorumDraft> quorums;
        private final Map<Integer, Set<String>> votes = new HashMap<>();
        private TicketState state = TicketState.PENDING;

        Model(Map<String, Caller> people, List<QuorumDraft> quorums) {
            this.people = people;
            this.quorums = quorums;
            for (int hold = 0; hold < quorums.size(); hold++) votes.put(hold, new HashSet<>());
        }

        Kind approve(String voter) {
            var holds = holdsOf(voter);
            if (holds.isEmpty()) return Kind.NOT_ELIGIBLE;
            if (state != TicketState.PENDING) return Kind.ALREADY_CLOSED;
            boolean news = false;
            for (int hold : holds) news |= votes.get(hold).add(voter);
            if (!news) return Kind.REPEATED;
            for (int hold = 0; hold < quorums.size(); hold++) if (!met(hold)) return Kind.COUNTED;
            state = TicketState.APPROVED;
            return Kind.CLOSED;
        }

        Kind deny(String voter) {
            if (holdsOf(voter).isEmpty()) return Kind.NOT_ELIGIBLE;
            if (state != TicketState.PENDING) return Kind.ALREADY_CLOSED;
            state = TicketState.DENIED;
            return Kind.CLOSED;
        }

        private List<Integer> holdsOf(String voter) {
            List<Integer> holds = new ArrayList<>();
            for (int hold = 0; hold < quorums.size(); hold++) {
                var quorum = quorums.get(hold);
                boolean named = quorum.approvers().contains(voter)
                        || quorum.approvers().contains("role:approver")
                                && people.get(voter).roles().contains("approver")
                        || quorum.approvers().contains("session.user") && voter.equals("ann")
                        || groups(quorum).stream().anyMatch(people.get(voter).groups()::contains);
                if (named && !(quorum.excludeRequester() && voter.equals("ann"))) holds.add(hold);
            }
            return holds;
        }

        private boolean met(int hold) {
            var quorum = quorums.get(hold);
            if (votes.get(hold).size() < quorum.required()) return false;
            return !quorum.distinctGroups() || shared(groups(quorum), List.copyOf(votes.get(hold)));
        }

        /// Tries everybody for the first group, and the rest for the others.
        private boolean shared(List<String> left, List<String> voters) {
            if (left.isEmpty()) return true;
            for (String voter : voters) {
                if (!people.get(voter).groups().contains(left.getFirst())) continue;
                var others = new ArrayList<>(voters);
                others.remove(voter);
                if (shared(left.subList(1, left.size()), others)) return true;
            }
            return false;
        }
    }
}
