package dev.guardrail.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.guardrail.journal.Status.Event;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// The machine of calls, cell by cell.
class StatusSpec {
    private record Step(Status from, Event event, Status to) {}

    /// Where calls can go, one line for each state, as the design draws it.
    private static final Map<Status, String> DRAWN = Map.of(
            Status.PROPOSED, "allow permitted, deny denied, clarify needs_clarification, hold held",
            Status.HELD, "allow permitted, deny denied, clarify needs_clarification, expire expired, cancel cancelled",
            Status.PERMITTED,
                    "start running, lapse expired, cancel cancelled, succeed succeeded, fail failed, deny denied, clarify needs_clarification",
            Status.RUNNING, "succeed succeeded, fail failed, lose in_doubt",
            Status.IN_DOUBT, "succeed succeeded, fail failed",
            Status.EXPIRED, "succeed succeeded, fail failed",
            Status.CANCELLED, "succeed succeeded, fail failed",
            Status.SUCCEEDED, "undo undone, undo_fail undo_failed",
            Status.FAILED, "undo undone, undo_fail undo_failed",
            Status.UNDO_FAILED, "undo undone, undo_fail undo_failed");

    @Test
    void every_step_that_is_drawn_is_taken_from_the_start_and_no_other_can_be() {
        Set<Step> taken = new HashSet<>();
        Set<Status> reached = new HashSet<>(Set.of(Status.PROPOSED));
        var open = new ArrayDeque<>(reached);
        while (!open.isEmpty()) {
            var from = open.remove();
            for (Event event : Event.values()) {
                var to = from.after(event);
                if (to.isEmpty()) continue;
                taken.add(new Step(from, event, to.get()));
                if (reached.add(to.get())) open.add(to.get());
            }
        }
        assertEquals(drawn(), taken);
        assertEquals(Set.of(Status.values()), reached);
    }

    private static Set<Step> drawn() {
        Set<Step> steps = new HashSet<>();
        DRAWN.forEach((from, line) -> {
            for (String step : line.split(", ", -1)) {
                String[] words = step.split(" ", -1);
                steps.add(new Step(
                        from, Event.valueOf(words[0].toUpperCase(java.util.Locale.ROOT)), Status.parse(words[1])));
            }
        });
        return steps;
    }

    @Test
    void every_event_leads_somewhere() {
        Set<Event> used = new HashSet<>();
        Status.TABLE.values().forEach(steps -> used.addAll(steps.keySet()));
        assertEquals(Set.of(Event.values()), used);
    }

    @Test
    void a_call_that_was_refused_or_is_undone_goes_nowhere() {
        for (Status end : Set.of(Status.DENIED, Status.NEEDS_CLARIFICATION, Status.UNDONE))
            for (Event event : Event.values()) assertEquals(Optional.empty(), end.after(event), end + " " + event);
    }

    @Test
    void nothing_runs_twice() {
        for (Status status : Status.values())
            if (status != Status.PERMITTED) assertEquals(Optional.empty(), status.after(Event.START), status.text());
        assertEquals(Optional.of(Status.RUNNING), Status.PERMITTED.after(Event.START));
    }

    @Test
    void words_read_back() {
        for (Status status : Status.values()) assertEquals(status, Status.parse(status.text()));
        assertEquals("in_doubt", Status.IN_DOUBT.text());
        assertThrows(IllegalArgumentException.class, () -> Status.parse("perhaps"));
    }
}
