package dev.guardrail.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.guardrail.base.JsonObject;
import dev.guardrail.testing.Calls;
import dev.guardrail.testing.MemoryStore;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Notice is taken of what is durable, and of nothing else.
class DraftSpec {
    private final MemoryStore store = new MemoryStore();
    private final Journal journal =
            new Journal(store, new AesSeal(new byte[32], new SecureRandom()), () -> Calls.NOON, () -> 0);
    private final List<String> noticed = new ArrayList<>();

    @Test
    void notice_is_taken_once_and_in_order_after_the_commit() throws Exception {
        var draft = put(0);
        draft.afterwards(() -> noticed.add(
                "first, at " + journal.get(Kind.META, "x").orElseThrow().version()));
        draft.afterwards(() -> noticed.add("second"));
        assertEquals(List.of(), noticed);
        journal.commit(draft);
        assertEquals(List.of("first, at 1", "second"), noticed);
    }

    @Test
    void notice_is_taken_with_an_intent_too() throws Exception {
        journal.intend(
                put(0).afterwards(() -> noticed.add("intent")),
                new dev.guardrail.call.CallId("call_1"),
                dev.guardrail.base.Sha256.of(new byte[0]),
                Duration.ofMinutes(1));
        assertEquals(List.of("intent"), noticed);
    }

    @Test
    void no_notice_is_taken_of_what_is_not_certainly_durable() {
        assertThrows(StoreConflict.class, () -> journal.commit(put(7).afterwards(() -> noticed.add("conflict"))));
        store.breakDown(MemoryStore.Fault.UNKNOWN);
        assertThrows(JournalUnavailable.class, () -> journal.commit(put(0).afterwards(() -> noticed.add("unknown"))));
        assertThrows(JournalUnavailable.class, () -> journal.commit(put(0).afterwards(() -> noticed.add("refused"))));
        assertEquals(List.of(), noticed);
    }

    private static Draft put(long expected) {
        return new Draft().change(new Change.Put(Kind.META, "x", expected, Document.Tags.NONE, JsonObject.EMPTY));
    }
}
