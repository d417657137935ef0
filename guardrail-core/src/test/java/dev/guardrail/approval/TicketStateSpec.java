package dev.guardrail.approval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.guardrail.approval.TicketState.Event;
import dev.guardrail.journal.Draft;
import dev.guardrail.journal.StoreConflict;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Every step of the table is taken on a real desk, and every step that is not in the table is refused there.
class TicketStateSpec {
    private record Step(TicketState from, Event event) {}

    private static final Map<TicketState, Set<Event>> WAY_THERE = Map.of(
            TicketState.PENDING, Set.of(),
            TicketState.APPROVED, Set.of(Event.APPROVE),
            TicketState.DENIED, Set.of(Event.DENY),
            TicketState.EXPIRED, Set.of(Event.EXPIRE),
            TicketState.CANCELLED, Set.of(Event.CANCEL),
            TicketState.USED, Set.of(Event.APPROVE, Event.CONSUME));

    @Test
    void every_step_of_the_table_is_taken_and_no_other_can_be() {
        Set<Step> taken = new HashSet<>();
        Set<Step> listed = new HashSet<>();
        TicketState.TABLE.forEach((from, steps) -> steps.keySet().forEach(event -> listed.add(new Step(from, event))));
        for (TicketState from : TicketState.values()) {
            for (Event event : Event.values()) {
                var desk = new Desk();
                var ticket = in(desk, from);
                take(desk, ticket, event);
                var reached = desk.state(ticket);
                assertEquals(from.after(event).orElse(from), reached, from + " " + event);
                if (reached != from) taken.add(new Step(from, event));
            }
        }
        assertEquals(listed, taken);
    }

    private static Ticket in(Desk desk, TicketState state) {
        var ticket = desk.held(QuorumDraft.anyone());
        WAY_THERE.get(state).stream().sorted().forEach(event -> take(desk, ticket, event));
        assertEquals(state, desk.state(ticket));
        return ticket;
    }

    private static void take(Desk desk, Ticket ticket, Event event) {
        switch (event) {
            case APPROVE -> desk.approve("bob", ticket);
            case DENY -> desk.deny("bob", ticket);
            case EXPIRE -> {
                desk.pass(Duration.ofHours(1));
                desk.desk.expireDue();
            }
            case CANCEL -> desk.desk.cancel(ticket.id(), "agent");
            case CONSUME -> {
                var draft = new Draft();
                try {
                    desk.desk.consume(draft, ticket.id());
                    desk.journal.commit(draft);
                } catch (StoreConflict refused) {
                    assertEquals(Optional.empty(), desk.state(ticket).after(event));
                }
            }
        }
    }

    @Test
    void the_ends_have_no_way_out() {
        for (TicketState end : Set.of(TicketState.DENIED, TicketState.EXPIRED, TicketState.CANCELLED, TicketState.USED))
            for (Event event : Event.values()) assertEquals(Optional.empty(), end.after(event));
    }

    @Test
    void words_read_back() {
        for (TicketState state : TicketState.values()) assertEquals(state, TicketState.parse(state.text()));
        assertEquals("pending", TicketState.PENDING.text());
        assertThrows(IllegalArgumentException.class, () -> TicketState.parse("maybe"));
    }
}
