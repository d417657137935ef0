package dev.guardrail.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Sha256;
import dev.guardrail.base.StrictJson;
import dev.guardrail.call.CallId;
import dev.guardrail.call.Run;
import dev.guardrail.call.SessionId;
import dev.guardrail.call.ToolName;
import dev.guardrail.testing.Calls;
import dev.guardrail.testing.MemoryStore;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RecoverySpec {
    private static final Duration LIFE = Duration.ofMinutes(5);

    private MemoryStore store = new MemoryStore();
    private Instant now = Calls.NOON;
    private long nanos;
    private Journal journal = journal();
    private Recovery recovery = new Recovery(journal);

    @Test
    void a_running_call_is_in_doubt_after_a_restart_and_says_so_in_the_log() throws Exception {
        commit(call("call_1", Status.RUNNING));
        restart();

        assertEquals(new Recovery.Settled(1, 0), recovery.start());

        var call = read("call_1");
        assertEquals(Status.IN_DOUBT, call.status());
        assertEquals("guard", call.attested());
        assertEquals("lost", call.error());
        var entry = lastEntry();
        assertEquals("executed", entry.text("kind").orElseThrow());
        assertEquals("call_1", entry.text("call").orElseThrow());
        assertEquals("in_doubt", entry.text("status").orElseThrow());
        assertEquals("guard", entry.text("attested").orElseThrow());
        assertEquals("lost", entry.text("error").orElseThrow());
    }

    @Test
    void an_identical_call_would_repeat_the_one_in_doubt() throws Exception {
        commit(call("call_1", Status.RUNNING));
        restart();
        recovery.start();

        assertEquals(
                Optional.of(new Repeat(Repeat.State.IN_DOUBT, new CallId("call_1"), Optional.empty())),
                repeatOf("call_1"));
    }

    @Test
    void a_repeat_that_was_held_before_is_in_doubt_now() throws Exception {
        var call = call("call_1", Status.RUNNING);
        journal.commit(new Draft()
                .change(call.put(0))
                .change(new Repeat(Repeat.State.HELD, call.id(), Optional.of("apr_1")).put(call.repeat(), 0)));
        restart();
        recovery.start();

        assertEquals(Optional.of(new Repeat(Repeat.State.IN_DOUBT, call.id(), Optional.empty())), repeatOf("call_1"));
    }

    @Test
    void two_lost_runs_of_one_question_are_both_in_doubt() throws Exception {
        commit(call("call_1", "same", Status.RUNNING, false));
        commit(call("call_2", "same", Status.RUNNING, false));
        restart();

        assertEquals(new Recovery.Settled(2, 0), recovery.start());
        assertEquals(Status.IN_DOUBT, read("call_1").status());
        assertEquals(Status.IN_DOUBT, read("call_2").status());
        assertEquals(Repeat.State.IN_DOUBT, repeatOf("call_1").orElseThrow().state());
    }

    @Test
    void an_idempotent_call_is_in_doubt_but_may_be_asked_again() throws Exception {
        commit(call("call_1", "same", Status.RUNNING, true));
        restart();
        recovery.start();

        assertEquals(Status.IN_DOUBT, read("call_1").status());
        assertEquals(Optional.empty(), repeatOf("call_1"));
    }

    @Test
    void other_calls_stay_as_they_are() throws Exception {
        for (Status status : Status.values())
            if (status != Status.RUNNING && status != Status.PERMITTED) commit(call("call_" + status, status));
        restart();

        assertEquals(new Recovery.Settled(0, 0), recovery.start());
        assertEquals(0, store.size());
    }

    @Test
    void a_second_start_finds_nothing_left() throws Exception {
        commit(call("call_1", Status.RUNNING));
        restart();
        recovery.start();
        restart();

        assertEquals(new Recovery.Settled(0, 0), recovery.start());
        assertEquals(1, store.size());
    }

    @Test
    void a_lease_lapses_at_its_end_and_not_before() throws Exception {
        commit(permitted("call_1"));
        pass(LIFE.minusMillis(1));
        restart();
        assertEquals(new Recovery.Settled(0, 0), recovery.start());
        assertEquals(Status.PERMITTED, read("call_1").status());

        pass(Duration.ofMillis(1));
        assertEquals(new Recovery.Settled(0, 1), recovery.sweep(alive -> true));
        assertEquals(Status.EXPIRED, read("call_1").status());
        assertEquals("expired", lastEntry().text("status").orElseThrow());
        assertEquals("lapsed", lastEntry().text("error").orElseThrow());
    }

    @Test
    void a_lease_that_lapsed_while_nobody_was_there_expires_at_start() throws Exception {
        commit(permitted("call_1"));
        pass(LIFE);
        restart();

        assertEquals(new Recovery.Settled(0, 1), recovery.start());
        assertEquals(Status.EXPIRED, read("call_1").status());
    }

    @Test
    void a_clock_before_the_latest_entry_ends_every_lease_at_start() throws Exception {
        commit(permitted("call_1"));
        journal.commit(new Draft().entry(new Entry.PackActivated(now, Sha256.of(new byte[0]), 1)));
        now = now.minusMillis(1);
        restart();

        assertEquals(new Recovery.Settled(0, 1), recovery.start());
        assertEquals(Status.EXPIRED, read("call_1").status());
    }

    @Test
    void a_clock_at_the_latest_entry_is_trusted() throws Exception {
        commit(permitted("call_1"));
        journal.commit(new Draft().entry(new Entry.PackActivated(now, Sha256.of(new byte[0]), 1)));
        restart();

        assertEquals(new Recovery.Settled(0, 0), recovery.start());
        assertEquals(Status.PERMITTED, read("call_1").status());
    }

    @Test
    void a_clock_set_back_while_running_lengthens_no_lease() throws Exception {
        commit(permitted("call_1"));
        assertEquals(new Recovery.Settled(0, 0), recovery.sweep(alive -> true));

        now = now.minus(Duration.ofHours(1));
        nanos += LIFE.toNanos() - 1;
        assertEquals(new Recovery.Settled(0, 0), recovery.sweep(alive -> true));
        nanos += 1;
        assertEquals(new Recovery.Settled(0, 1), recovery.sweep(alive -> true));
    }

    @Test
    void a_sweep_leaves_runs_that_somebody_is_at() throws Exception {
        commit(call("call_1", Status.RUNNING));
        commit(call("call_2", Status.RUNNING));

        assertEquals(
                new Recovery.Settled(1, 0), recovery.sweep(call -> call.value().equals("call_1")));
        assertEquals(Status.RUNNING, read("call_1").status());
        assertEquals(Status.IN_DOUBT, read("call_2").status());
    }

    @Test
    void many_calls_are_settled_page_by_page() throws Exception {
        for (int i = 0; i < 600; i++) commit(call("call_%03d".formatted(i), Status.RUNNING));
        for (int i = 600; i < 1200; i++) commit(permitted("call_%04d".formatted(i)));
        pass(LIFE);
        restart();

        assertEquals(new Recovery.Settled(600, 600), recovery.start());
        assertEquals(1200, store.size());
    }

    @Test
    void a_recovery_that_is_killed_midway_goes_on_at_the_next_start() throws Exception {
        for (var fault : MemoryStore.Fault.values()) {
            store = new MemoryStore();
            restart();
            for (int i = 0; i < 600; i++) commit(call("call_%03d".formatted(i), Status.RUNNING));
            restart();
            store.breakDown(fault, 1);
            assertThrows(JournalUnavailable.class, () -> recovery.start());
            long settled = store.size();
            assertTrue(settled > 0 && settled < 600, "settled " + settled);

            restart();
            assertEquals(600 - settled, recovery.start().inDoubt());
            assertEquals(600, store.size());
            List<String> entries = new ArrayList<>();
            for (byte[] entry : store.read(0, 600))
                entries.add(((JsonObject) StrictJson.parse(entry)).text("call").orElseThrow());
            assertEquals(600, entries.stream().distinct().count());
        }
    }

    @Test
    void a_call_that_is_reported_in_between_keeps_its_report() throws Exception {
        commit(permitted("call_1"));
        commit(permitted("call_2"));
        pass(LIFE);
        var reporting = new Recovery(new Journal(store, seal(), () -> now, () -> {
            // Runs while the sweep looks at its page: the caller's report wins.
            report("call_1");
            return nanos;
        }));

        assertEquals(new Recovery.Settled(0, 1), reporting.sweep(alive -> true));
        assertEquals(Status.SUCCEEDED, read("call_1").status());
        assertEquals(Status.EXPIRED, read("call_2").status());
    }

    private void report(String id) {
        var document = journal.get(Kind.CALL, id).orElseThrow();
        var call = CallRecord.of(document.value());
        if (call.status() != Status.PERMITTED) return;
        try {
            journal.commit(
                    new Draft().change(call.moved(Status.SUCCEEDED, "agent", "").put(document.version())));
        } catch (StoreConflict unexpected) {
            throw new AssertionError(unexpected);
        }
    }

    private void pass(Duration time) {
        now = now.plus(time);
        nanos += time.toNanos();
    }

    private void restart() {
        store = store.reopen();
        nanos = 0;
        journal = journal();
        recovery = new Recovery(journal);
    }

    private Journal journal() {
        return new Journal(store, seal(), () -> now, () -> nanos);
    }

    private static AesSeal seal() {
        return new AesSeal(new byte[AesSeal.KEY_BYTES], new SecureRandom());
    }

    private void commit(CallRecord call) throws StoreConflict {
        journal.commit(new Draft().change(call.put(0)));
    }

    private CallRecord read(String id) {
        return CallRecord.of(journal.get(Kind.CALL, id).orElseThrow().value());
    }

    private Optional<Repeat> repeatOf(String id) {
        return journal.get(Kind.REPEAT, Repeat.key(read(id).repeat())).map(document -> Repeat.of(document.value()));
    }

    private JsonObject lastEntry() throws Exception {
        return (JsonObject)
                StrictJson.parse(store.read(store.size() - 1, store.size()).getFirst());
    }

    private CallRecord permitted(String id) {
        return call(id, Status.PERMITTED);
    }

    private CallRecord call(String id, Status status) {
        return call(id, id, status, false);
    }

    private CallRecord call(String id, String question, Status status, boolean idempotent) {
        var digest = Sha256.of(question.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        return new CallRecord(
                new CallId(id),
                new SessionId("ses_1"),
                "coder",
                Optional.of("ann"),
                ToolName.parse("fs.write"),
                digest,
                digest,
                digest,
                Run.CALLER,
                "http",
                status,
                "allow",
                List.of("reads"),
                "",
                "",
                List.of(),
                false,
                Optional.empty(),
                status == Status.PERMITTED ? Optional.of(now.plus(LIFE)) : Optional.empty(),
                digest,
                Optional.empty(),
                now,
                true,
                idempotent,
                "",
                "",
                0,
                Optional.empty());
    }
}
