package dev.guardrail.pipeline;

import static dev.guardrail.testing.RuleDraft.allow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.journal.Batch;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Document;
import dev.guardrail.journal.Draft;
import dev.guardrail.journal.Kind;
import dev.guardrail.journal.Receipt;
import dev.guardrail.journal.Status;
import dev.guardrail.journal.StoreConflict;
import dev.guardrail.policy.Rule;
import dev.guardrail.proof.LogAudit;
import dev.guardrail.session.Session;
import dev.guardrail.testing.HeldLog;
import dev.guardrail.testing.MemoryStore;
import dev.guardrail.testing.MemoryStore.Fault;
import dev.guardrail.testing.Rig;
import dev.guardrail.testing.Shelf;
import dev.guardrail.testing.Wrapped;
import dev.guardrail.undo.UndoPart;
import dev.guardrail.undo.UndoPlan;
import dev.guardrail.undo.UndoStep;
import dev.guardrail.undo.UndoStep.State;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Outcomes of calls about one thing, taken back in a row: each is durable with the intent of the next.
final class OwedSpec {
    private static final Rule ANY = allow("any").on("*.*").rule();
    private static final List<State> ALL = List.of(State.UNDONE, State.UNDONE, State.UNDONE);

    private final MemoryStore store = new MemoryStore();
    private final Shelf shelf = new Shelf();
    private final AtomicReference<String> unreadable = new AtomicReference<>("");
    private final AtomicInteger faulty = new AtomicInteger(Integer.MAX_VALUE);
    private final Rig rig = shelf.on(new Rig(fragile())).rules(ANY);
    private final AtomicInteger commits = new AtomicInteger();

    /// Calls about one thing, as they were made.
    private final List<CallRecord> row = new ArrayList<>();

    {
        shelf.put("/a", "zero");
        for (String content : List.of("one", "two", "three")) {
            rig.pass(Duration.ofSeconds(1));
            row.add(assertInstanceOf(Reply.Ran.class, rig.propose("files.write", Shelf.args("/a", content)))
                    .call());
        }
        store.beforeCommit(commits::incrementAndGet);
        shelf.changes.set(0);
    }

    @AfterEach
    void close() {
        store.mend();
        rig.close();
    }

    /// The store, which cannot read one call once, and fails unlike any store at a commit that is named.
    private Wrapped fragile() {
        return new Wrapped(store) {
            @Override
            public Optional<Document> get(Kind kind, String key) throws IOException {
                if (unreadable.compareAndSet(key, "")) throw new IOException("EIO");
                return super.get(kind, key);
            }

            @Override
            public Receipt commit(Batch batch) throws IOException, StoreConflict {
                int left = faulty.decrementAndGet();
                if (left == 1) throw new StoreConflict(Kind.SESSION, "moved");
                if (left == 0) throw new IllegalStateException("a fault of the driver");
                return super.commit(batch);
            }
        };
    }

    private UndoPlan undo(Rig by) {
        return by.guard
                .undoing()
                .session(row.getFirst().session(), new UndoPart.All(), new Undoing.Wish(Rig.OTTO, false, "by mistake"));
    }

    private static List<State> states(UndoPlan plan) {
        return plan.steps().stream().map(UndoStep::state).toList();
    }

    private Status status(int call) {
        return CallRecord.of(rig.journal
                        .get(Kind.CALL, row.get(call).id().value())
                        .orElseThrow()
                        .value())
                .status();
    }

    private void assertAllBack() throws IOException {
        assertEquals(Map.of("/a", "zero"), shelf.all());
        for (int call = 0; call < row.size(); call++) assertEquals(Status.UNDONE, status(call));
        assertEquals(3, shelf.changes.get());
        assertTrue(LogAudit.of(HeldLog.of(store)).fault().isEmpty());
    }

    @Test
    void a_row_of_calls_takes_one_commit_for_each_and_one_more() throws IOException {
        assertEquals(ALL, states(undo(rig)));
        assertEquals(4, commits.get());
        assertAllBack();
    }

    @Test
    void what_was_not_written_is_not_told_as_done_and_is_found_out_after_a_crash() throws IOException {
        store.breakDown(Fault.REFUSED, 2);
        assertEquals(List.of(State.UNDONE, State.FAILED, State.FAILED), states(undo(rig)));
        assertEquals(2, shelf.changes.get());
        assertEquals(Status.UNDONE, status(2));
        assertNotEquals(Status.UNDONE, status(1));

        try (var next = shelf.on(new Rig(store.reopen())).rules(ANY)) {
            next.recovery.start();
            assertEquals(ALL, states(undo(next)));
            assertEquals(Map.of("/a", "zero"), shelf.all());
            assertEquals(3, shelf.changes.get());
        }
    }

    @Test
    void where_nobody_knows_whether_it_was_written_the_log_tells_and_nothing_is_done_twice() throws IOException {
        store.breakDown(Fault.UNKNOWN, 2);
        assertEquals(List.of(State.UNDONE, State.UNDONE, State.FAILED), states(undo(rig)));
        assertEquals(2, shelf.changes.get());

        try (var next = shelf.on(new Rig(store.reopen())).rules(ANY)) {
            next.recovery.start();
            assertEquals(List.of(State.UNDONE, State.UNDONE, State.IN_DOUBT), states(undo(next)));
            assertEquals(2, shelf.changes.get());
        }
    }

    @Test
    void what_the_journal_could_not_take_is_written_once_it_can() throws Exception {
        store.breakDown(Fault.REFUSED, 2);
        undo(rig);
        store.mend();
        while (status(1) != Status.UNDONE) Thread.onSpinWait();
        assertEquals(ALL, states(undo(rig)));
        assertAllBack();
    }

    @Test
    void where_something_else_moved_the_outcome_is_written_alone_and_the_row_goes_on() throws IOException {
        store.beforeCommit(() -> {
            if (commits.incrementAndGet() == 2)
                rig.sessions.move(row.getFirst().session(), "operator:otto", Session.State.ENDED);
        });
        assertEquals(ALL, states(undo(rig)));
        assertAllBack();
    }

    @Test
    void it_is_written_before_anybody_is_asked_what_is_there() throws IOException {
        var seen = new ArrayList<Status>();
        shelf.afterwards(() -> rig.pass(Duration.ofSeconds(1)));
        rig.sight(question -> {
            seen.add(status(2));
            return shelf.answer(question);
        });
        assertEquals(ALL, states(undo(rig)));
        assertEquals(List.of(Status.SUCCEEDED, Status.UNDONE, Status.UNDONE), seen);
        assertAllBack();
    }

    @Test
    void a_call_is_running_until_its_outcome_is_written() throws IOException {
        var settled = new ArrayList<Integer>();
        store.beforeCommit(() -> {
            if (commits.incrementAndGet() == 2) {
                // Nobody but the guard itself knows that the second call is still running.
                settled.add(rig.recovery.sweep(rig.guard::runs).inDoubt());
                settled.add(rig.guard.runningCount());
            }
        });
        assertEquals(ALL, states(undo(rig)));
        assertEquals(List.of(0, 2), settled);
        assertEquals(0, rig.guard.runningCount());
        assertAllBack();
    }

    @Test
    void what_cannot_be_read_for_a_moment_is_written_all_the_same() throws IOException {
        String last = row.getLast().id().value();
        shelf.afterwards(() -> {
            if (shelf.changes.get() == 1) unreadable.set(last);
        });
        assertEquals(ALL, states(undo(rig)));
        assertEquals("", unreadable.get());
        assertEquals(0, rig.guard.runningCount());
        assertAllBack();
    }

    @Test
    void what_breaks_beyond_the_journal_is_not_told_as_done_and_nothing_follows_it() throws IOException {
        faulty.set(3);
        UndoPlan plan = undo(rig);
        assertEquals(List.of(State.FAILED, State.FAILED, State.CONFLICT), states(plan));
        assertEquals(1, shelf.changes.get());
        assertEquals(0, rig.guard.runningCount());

        faulty.set(Integer.MAX_VALUE);
        assertEquals(1, rig.recovery.sweep(rig.guard::runs).inDoubt());
        assertEquals(ALL, states(undo(rig)));
        assertAllBack();
    }

    @Test
    void nobody_carries_two() {
        var owed = new Owed();
        Reply reply = new Reply.Present(row.getFirst());
        owed.owe(row.getFirst(), new Draft(), () -> {}, () -> reply);
        assertThrows(IllegalStateException.class, () -> owed.owe(row.getFirst(), new Draft(), () -> {}, () -> reply));
        owed.settle();
        owed.settle();
        assertEquals(List.of(new Owed.Told(row.getFirst(), reply)), owed.told());
    }
}
