package dev.guardrail.approval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.call.Caller;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Distinct people and distinct groups.
class QuorumSpec {
    private static final Caller FINANCE = person("fin", "finance");
    private static final Caller LEGAL = person("leg", "legal");
    private static final Caller BOTH = person("both", "finance", "legal");
    private static final QuorumDraft ONE_OF_EACH =
            QuorumDraft.of(2, "group:finance", "group:legal").eachGroup();

    private static Caller person(String name, String... groups) {
        return new Caller(Caller.Kind.OPERATOR, name, Set.of(), Set.of(groups), Set.of(), Optional.empty());
    }

    private static boolean met(QuorumDraft quorum, Caller... voters) {
        return Quorums.met(quorum.quorum(), List.of(voters));
    }

    @Test
    void each_group_has_somebody_of_its_own() {
        assertTrue(met(ONE_OF_EACH, FINANCE, LEGAL));
        assertFalse(met(ONE_OF_EACH, FINANCE, person("fin2", "finance")));
        assertFalse(met(ONE_OF_EACH, FINANCE));
    }

    @Test
    void one_person_in_two_groups_stands_for_one() {
        assertFalse(met(QuorumDraft.of(1, "group:finance", "group:legal").eachGroup(), BOTH));
        assertTrue(met(ONE_OF_EACH, BOTH, LEGAL));
        assertTrue(met(ONE_OF_EACH, BOTH, FINANCE));
        assertTrue(met(ONE_OF_EACH, FINANCE, BOTH));
        assertFalse(met(ONE_OF_EACH, BOTH, person("other", "marketing")));
    }

    @Test
    void room_is_made_along_the_whole_chain() {
        var quorum = QuorumDraft.of(1, "group:a", "group:b", "group:c").eachGroup();
        var one = person("one", "a", "b");
        var two = person("two", "a", "c");
        var three = person("three", "a");
        assertTrue(met(quorum, one, two, three));
        assertTrue(met(quorum, three, two, one));
        assertFalse(met(quorum, one, two));
        assertFalse(met(quorum, two, three, person("four", "a", "c")));
    }

    @Test
    void people_beyond_the_groups_count_towards_the_number() {
        var quorum = QuorumDraft.of(3, "group:finance", "group:legal", "chief").eachGroup();
        assertFalse(met(quorum, FINANCE, LEGAL));
        assertTrue(met(quorum, FINANCE, LEGAL, person("chief")));
    }

    @Test
    void without_distinct_groups_people_are_counted_and_no_more() {
        var quorum = QuorumDraft.of(2, "group:finance", "group:legal");
        assertTrue(met(quorum, FINANCE, person("fin2", "finance")));
        assertFalse(met(quorum, BOTH));
    }

    @Test
    void a_ticket_says_how_many_people_it_takes_at_least() {
        assertEquals(
                3,
                Quorums.people(QuorumDraft.of(1, "group:a", "group:b", "group:c")
                        .eachGroup()
                        .quorum()));
        assertEquals(
                4,
                Quorums.people(
                        QuorumDraft.of(4, "group:a", "group:b").eachGroup().quorum()));
        assertEquals(1, Quorums.people(QuorumDraft.of(1, "group:a", "group:b").quorum()));
        assertEquals(
                1,
                Quorums.people(
                        QuorumDraft.of(1, "group:a", "group:a").eachGroup().quorum()));
    }

    @Test
    void the_desk_asks_for_one_of_each_group() {
        var desk = new Desk();
        desk.operators.clear();
        for (Caller person : List.of(FINANCE, LEGAL, BOTH)) desk.operators.put(person.name(), person);
        desk.hire("fin2", Set.of(), Set.of("finance"));
        var ticket = desk.held(ONE_OF_EACH);
        assertInstanceOf(VoteResult.Counted.class, desk.approve("fin", ticket));
        assertInstanceOf(VoteResult.Counted.class, desk.approve("fin2", ticket));
        assertInstanceOf(VoteResult.Closed.class, desk.approve("both", ticket));
    }
}
