package dev.guardrail.server.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.guardrail.call.Caller;
import dev.guardrail.server.identity.Roll.Entry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/// Who the operators are once an identity provider vouches for some of them.
class RollSpec {
    private static final Duration LIFE = Duration.ofHours(12);
    private final AtomicLong now = new AtomicLong(1_000);
    private final Roll roll = new Roll(
            List.of(
                    Caller.operator("ann", Set.of("approver"), Set.of("payments"), Set.of("s|ann")),
                    Caller.operator("root", Set.of("admin"), Set.of(), Set.of())),
            Map.of("s|ann", "ann"),
            LIFE,
            now::get);

    private static Roll.Person person(String subject, String name, Set<String> aliases, String... roles) {
        return new Roll.Person(subject, name, aliases, Set.of(roles), Set.of("staff"));
    }

    private Caller one(String name) {
        return roll.operators().stream()
                .filter(operator -> operator.name().equals(name))
                .reduce((first, second) -> {
                    throw new AssertionError("twice: " + first + second);
                })
                .orElseThrow();
    }

    private List<String> names() {
        return roll.operators().stream().map(Caller::name).toList();
    }

    @Test
    void somebody_whom_nobody_configured_is_known_for_a_while() {
        var made = assertInstanceOf(Entry.Made.class, roll.enter(person("s|bob", "bob", Set.of("b@x"), "approver")));
        assertEquals(
                Caller.operator("bob", Set.of("approver"), Set.of("staff"), Set.of("s|bob", "b@x")), made.caller());
        now.addAndGet(LIFE.toNanos());
        assertEquals(List.of("ann", "root", "bob"), names());
        now.addAndGet(1);
        assertEquals(List.of("ann", "root"), names());
    }

    @Test
    void who_is_configured_with_a_subject_is_one_person_under_the_configured_name() {
        var made = assertInstanceOf(
                Entry.Made.class, roll.enter(person("s|ann", "ann.smith", Set.of("a.s@corp.example"), "auditor")));
        var ann = Caller.operator(
                "ann",
                Set.of("approver", "auditor"),
                Set.of("payments", "staff"),
                Set.of("s|ann", "ann.smith", "a.s@corp.example"));
        assertEquals(ann, made.caller());
        assertEquals(ann, one("ann"));
        assertEquals(List.of("ann", "root"), names());
    }

    @Test
    void nobody_comes_in_under_a_name_that_is_or_may_be_an_operators() {
        for (String name : List.of("root", "Root", "root@corp.example", "ann", "ann@corp.example"))
            assertInstanceOf(Entry.Taken.class, roll.enter(person("s|x", name, Set.of(), "approver")), name);
        assertInstanceOf(
                Entry.Taken.class,
                roll.enter(person("s|x", "ruth", Set.of("root@corp.example"), "approver")),
                "who is known by a key alone may be anybody");
        assertInstanceOf(
                Entry.Made.class,
                roll.enter(person("s|x", "anna", Set.of("ann@other.example"), "approver")),
                "ann is somebody else, as the provider says");
        assertInstanceOf(Entry.Made.class, roll.enter(person("s|y", "ruth", Set.of(), "approver")));
    }

    @Test
    void two_of_the_providers_people_never_share_a_name() {
        assertInstanceOf(Entry.Made.class, roll.enter(person("s|1", "kim", Set.of(), "approver")));
        assertEquals(new Entry.Taken("kim"), roll.enter(person("s|2", "KIM", Set.of(), "approver")));
        assertInstanceOf(Entry.Made.class, roll.enter(person("s|1", "kim", Set.of(), "approver")), "the same again");
    }

    @Test
    void whoever_has_lost_every_role_is_an_operator_no_more() {
        assertInstanceOf(Entry.Made.class, roll.enter(person("s|1", "kim", Set.of(), "approver")));
        assertInstanceOf(Entry.Roleless.class, roll.enter(person("s|1", "kim", Set.of())));
        assertEquals(List.of("ann", "root"), names());
        assertInstanceOf(Entry.Made.class, roll.enter(person("s|ann", "ann", Set.of())), "the file gives one");
    }
}
