package dev.guardrail.pipeline;

import static dev.guardrail.testing.RuleDraft.allow;
import static dev.guardrail.testing.RuleDraft.deny;
import static dev.guardrail.testing.RuleDraft.hold;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.ProblemType;
import dev.guardrail.base.StrictJson;
import dev.guardrail.call.CallId;
import dev.guardrail.call.Caller;
import dev.guardrail.call.Run;
import dev.guardrail.call.SessionId;
import dev.guardrail.condition.CelConditions;
import dev.guardrail.condition.Condition;
import dev.guardrail.journal.Batch;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Kind;
import dev.guardrail.journal.Receipt;
import dev.guardrail.journal.Reversal;
import dev.guardrail.journal.Status;
import dev.guardrail.journal.StoreConflict;
import dev.guardrail.policy.Rule;
import dev.guardrail.proof.LogAudit;
import dev.guardrail.session.Session;
import dev.guardrail.stop.Scope;
import dev.guardrail.testing.HeldLog;
import dev.guardrail.testing.MemoryStore;
import dev.guardrail.testing.Rig;
import dev.guardrail.testing.Shelf;
import dev.guardrail.testing.Wrapped;
import dev.guardrail.undo.UndoPart;
import dev.guardrail.undo.UndoPlan;
import dev.guardrail.undo.UndoStep;
import dev.guardrail.undo.UndoStep.State;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Calls that are taken back, by calls.
final class UndoingSpec {
    private static final Rule ANY = allow("any").on("*.*").rule();

    private final MemoryStore store = new MemoryStore();
    private final Shelf shelf = new Shelf();
    private final AtomicBoolean full = new AtomicBoolean();
    private final Rig rig = shelf.on(new Rig(fragile())).rules(ANY);

    @AfterEach
    void close() {
        full.set(false);
        rig.close();
    }

    /// The store, which takes no outcome while the disk is full.
    private Wrapped fragile() {
        return new Wrapped(store) {
            @Override
            public Receipt commit(Batch batch) throws IOException, StoreConflict {
                boolean outcome = batch.entries().stream()
                        .anyMatch(line -> line.terms().kind().equals("executed"));
                if (outcome && full.get()) throw new IOException("no space left");
                return super.commit(batch);
            }
        };
    }

    private CallRecord write(String path, String content) {
        return acted("files.write", Shelf.args(path, content));
    }

    private CallRecord acted(String tool, JsonObject arguments) {
        rig.pass(Duration.ofSeconds(1));
        return assertInstanceOf(Reply.Ran.class, rig.propose(tool, arguments)).call();
    }

    private static Undoing.Wish wish(boolean plan) {
        return new Undoing.Wish(Rig.OTTO, plan, "by mistake");
    }

    private UndoStep undo(CallRecord call) {
        return rig.guard.undoing().call(call.id(), wish(false)).steps().getFirst();
    }

    private UndoPlan undo(SessionId session) {
        return rig.guard.undoing().session(session, new UndoPart.All(), wish(false));
    }

    private UndoPlan plan(SessionId session) {
        return rig.guard.undoing().session(session, new UndoPart.All(), wish(true));
    }

    private CallRecord stored(CallId call) {
        return CallRecord.of(
                rig.journal.get(Kind.CALL, call.value()).orElseThrow().value());
    }

    private static List<State> states(UndoPlan plan) {
        return plan.steps().stream().map(UndoStep::state).toList();
    }

    private void assertSound() throws IOException {
        assertEquals(Optional.empty(), LogAudit.of(HeldLog.of(store)).fault());
    }

    private static Condition undoing() {
        return new CelConditions()
                .compile("call.purpose == 'undo'", List.of())
                .condition()
                .orElseThrow();
    }

    @Test
    void a_session_is_undone_to_the_byte_the_last_call_first() throws IOException {
        shelf.put("/a", "one\r\n\u00e4 \ud83d\ude00 {\"x\":1}");
        shelf.put("/b", "two");
        Map<String, String> before = shelf.all();
        SessionId session = write("/a", "changed").session();
        write("/a", "changed again");
        acted("files.move", Shelf.move("/b", "/c"));
        write("/c", "moved and changed");
        assertNotEquals(before, shelf.all());

        UndoPlan undone = undo(session);

        assertEquals(before, shelf.all());
        assertTrue(undone.isComplete(), undone.toString());
        assertEquals(4, undone.steps().size());
        for (UndoStep step : undone.steps())
            assertEquals(Status.UNDONE, stored(step.call()).status());
        assertSound();
    }

    @Test
    void how_a_call_stands_is_known_from_its_document_alone() throws IOException {
        Undoing undoing = rig.guard.undoing();
        CallRecord kept = write("/a", "new");
        Duration keep = Duration.between(
                rig.journal.now(), stored(kept.id()).reversal().until().orElseThrow());
        assertEquals(State.READY, undoing.known(stored(kept.id())).orElseThrow().state());
        CallRecord undone = write("/b", "new");
        assertEquals(State.UNDONE, undo(undone).state());
        assertEquals(
                State.UNDONE, undoing.known(stored(undone.id())).orElseThrow().state());
        CallRecord read = acted("files.read", JsonObject.with("path", "/a").build());
        assertEquals(Optional.empty(), undoing.known(stored(read.id())), "a read changes nothing");

        rig.pass(keep);

        UndoStep over = undoing.known(stored(kept.id())).orElseThrow();
        assertEquals(State.CANNOT, over.state());
        assertTrue(over.why().contains("was kept until"), over.why());
        assertEquals(over.why(), undo(kept).why());
    }

    @Test
    void an_undo_is_a_call_of_the_operator_that_names_what_it_undoes() throws IOException {
        shelf.put("/a", "old");
        CallRecord call = write("/a", "new");

        UndoStep step = undo(call);

        CallRecord by = stored(step.by().orElseThrow());
        assertEquals(Optional.of(call.id()), by.reversal().undoes());
        assertEquals("operator:otto", by.agent());
        assertEquals(List.of("any"), by.rules());
        JsonObject intent = entries("decided").getLast();
        assertEquals(Optional.of(call.id().value()), intent.text("undoes"));
        assertEquals(Optional.of("running"), intent.text("status"));
        JsonObject end = entries("undone").getFirst();
        assertEquals(Optional.of(by.id().value()), end.text("compensation"));
        assertSound();
    }

    private List<JsonObject> entries(String kind) throws IOException {
        return store.read(0, store.size()).stream()
                .map(bytes -> (JsonObject) StrictJson.parse(bytes))
                .filter(entry -> entry.text("kind").equals(Optional.of(kind)))
                .toList();
    }

    @Test
    void what_was_new_is_put_aside_and_not_deleted() {
        CallRecord call = write("/new", "made");

        assertEquals(State.UNDONE, undo(call).state());

        assertEquals(Map.of("/new." + call.id() + ".undone", "made"), shelf.all());
    }

    @Test
    void a_later_change_by_somebody_else_is_a_conflict_and_is_kept() throws IOException {
        shelf.put("/a", "old");
        shelf.put("/b", "other");
        SessionId session = write("/a", "new").session();
        write("/b", "new");
        shelf.put("/a", "foreign");

        UndoPlan undone = undo(session);

        assertEquals(List.of(State.UNDONE, State.CONFLICT), states(undone));
        assertEquals(Map.of("/a", "foreign", "/b", "other"), shelf.all());
        shelf.put("/a", "new");
        assertEquals(List.of(State.UNDONE, State.UNDONE), states(undo(session)));
        assertEquals(Map.of("/a", "old", "/b", "other"), shelf.all());
        assertSound();
    }

    @Test
    void what_the_guard_has_just_put_back_is_not_looked_at_again() throws IOException {
        shelf.put("/a", "one");
        SessionId session = write("/a", "two").session();
        for (String content : List.of("three", "four", "five")) write("/a", content);
        shelf.reads.set(0);
        assertEquals(List.of(State.UNDONE, State.UNDONE, State.UNDONE, State.UNDONE), states(undo(session)));
        assertEquals(1, shelf.reads.get());
        assertEquals(Map.of("/a", "one"), shelf.all());
        assertSound();
    }

    @Test
    void what_another_undo_has_put_back_says_nothing_of_it() {
        shelf.put("/a", "one");
        shelf.put("/b", "other");
        SessionId session = write("/a", "two").session();
        write("/b", "more");
        write("/a", "three");
        write("/b", "most");
        shelf.reads.set(0);
        assertEquals(List.of(State.UNDONE, State.UNDONE, State.UNDONE, State.UNDONE), states(undo(session)));
        assertEquals(4, shelf.reads.get());
        assertEquals(Map.of("/a", "one", "/b", "other"), shelf.all());
    }

    @Test
    void what_somebody_changed_between_two_calls_stands_against_undoing_the_first() {
        shelf.put("/a", "one");
        SessionId session = write("/a", "two").session();
        shelf.put("/a", "foreign");
        write("/a", "three");
        assertEquals(List.of(State.UNDONE, State.CONFLICT), states(undo(session)));
        assertEquals(Map.of("/a", "foreign"), shelf.all());
    }

    @Test
    void what_was_put_back_a_while_ago_is_looked_at_again() {
        shelf.put("/a", "one");
        SessionId session = write("/a", "two").session();
        write("/a", "three");
        shelf.afterwards(() -> {
            shelf.put("/a", "foreign");
            rig.pass(Duration.ofSeconds(1));
        });
        assertEquals(List.of(State.UNDONE, State.CONFLICT), states(undo(session)));
        assertEquals(Map.of("/a", "foreign"), shelf.all());
    }

    @Test
    void where_nobody_can_tell_what_the_call_left_nothing_is_overwritten() {
        shelf.put("/a", "old");
        CallRecord call = write("/a", "new");
        rig.sight(question -> Shelf.error("EIO"));
        assertEquals(State.CONFLICT, undo(call).state());
        assertEquals("new", shelf.get("/a"));

        shelf.on(rig);
        assertEquals(State.UNDONE, undo(call).state());
    }

    @Test
    void undoing_again_does_nothing_again() {
        shelf.put("/a", "old");
        CallRecord call = write("/a", "new");
        assertEquals(State.UNDONE, undo(call).state());
        shelf.put("/a", "later");
        int changes = shelf.changes.get();

        assertEquals(State.UNDONE, undo(call).state());

        assertEquals("later", shelf.get("/a"));
        assertEquals(changes, shelf.changes.get());
    }

    /// The first calls come to this and do not reach the shelf.
    private AtomicInteger failing(int times, Outcome outcome) {
        var reached = new AtomicInteger();
        rig.upstream(request -> reached.incrementAndGet() <= times ? outcome : shelf.answer(request));
        return reached;
    }

    @Test
    void an_undo_whose_server_was_not_reached_is_tried_again_and_each_try_is_in_the_log() throws IOException {
        shelf.put("/a", "old");
        CallRecord call = write("/a", "new");
        rig.trying(3);
        AtomicInteger reached = failing(2, new Outcome.NotRun(ProblemType.UPSTREAM_FAILED, "down"));

        UndoStep step = undo(call);

        assertEquals(State.UNDONE, step.state());
        assertEquals("old", shelf.get("/a"));
        assertEquals(3, reached.get());
        assertEquals(
                List.of("undo_failed", "undo_failed", "undone"),
                entries("undone").stream()
                        .map(entry -> entry.text("status").orElseThrow())
                        .toList());
        assertEquals(
                3,
                entries("undone").stream()
                        .map(entry -> entry.text("compensation").orElseThrow())
                        .distinct()
                        .count());
        assertSound();
    }

    @Test
    void tries_have_an_end_and_what_failed_then_can_be_undone_later() {
        shelf.put("/a", "old");
        CallRecord call = write("/a", "new");
        rig.trying(3);
        AtomicInteger reached = failing(3, new Outcome.NotRun(ProblemType.UPSTREAM_FAILED, "down"));

        assertEquals(State.FAILED, undo(call).state());
        assertEquals(3, reached.get());
        assertEquals("new", shelf.get("/a"));
        assertEquals(State.UNDONE, undo(call).state());
    }

    @Test
    void what_may_have_run_is_not_run_again_unless_its_tool_may_be_repeated() throws IOException {
        var lost = new Outcome.Lost(ProblemType.UPSTREAM_FAILED, "cut off");
        shelf.put("/a", "old");
        CallRecord once = write("/a", "new");
        rig.trying(3);
        AtomicInteger reached = failing(1, lost);
        assertEquals(State.IN_DOUBT, undo(once).state());
        assertEquals(1, reached.get());
        assertEquals("new", shelf.get("/a"));

        shelf.repeatable(rig);
        shelf.put("/b", "old");
        CallRecord twice = write("/b", "new");
        reached = failing(1, lost);
        assertEquals(State.UNDONE, undo(twice).state());
        assertEquals(2, reached.get());
        assertEquals("old", shelf.get("/b"));
        assertSound();
    }

    @Test
    void what_ran_though_its_answer_was_lost_is_found_and_not_run_again() throws IOException {
        shelf.repeatable(rig);
        shelf.put("/a", "old");
        CallRecord call = write("/a", "new");
        rig.trying(3);
        var reached = new AtomicInteger();
        rig.upstream(request -> {
            reached.incrementAndGet();
            shelf.answer(request);
            return new Outcome.Lost(ProblemType.UPSTREAM_FAILED, "cut off");
        });

        assertEquals(State.UNDONE, undo(call).state());

        assertEquals(1, reached.get());
        assertEquals("old", shelf.get("/a"));
        assertSound();
    }

    @Test
    void what_a_tool_refuses_and_what_was_slow_is_not_tried_again() {
        shelf.repeatable(rig);
        shelf.put("/a", "old");
        CallRecord call = write("/a", "new");
        rig.trying(3);

        AtomicInteger reached = failing(1, Shelf.error("EROFS"));
        assertEquals(State.FAILED, undo(call).state());
        assertEquals(1, reached.get());
        reached = failing(1, new Outcome.NotRun(ProblemType.UPSTREAM_TIMEOUT, "slow"));
        assertEquals(State.FAILED, undo(call).state());
        assertEquals(1, reached.get());
        reached = failing(1, new Outcome.NotRun(ProblemType.UPSTREAM_FAILED, "down"));
        assertEquals(State.UNDONE, undo(call).state());
        assertEquals(2, reached.get());
    }

    @Test
    void people_who_agreed_to_one_try_did_not_agree_to_another() {
        shelf.put("/a", "old");
        CallRecord call = write("/a", "new");
        rig.rules(ANY, hold("ask").on("files.write").when(undoing(), "undo").rule());
        rig.trying(3);
        UndoStep held = undo(call);
        assertEquals(State.HELD, held.state());
        CallRecord by = stored(held.by().orElseThrow());
        rig.desk.approve(Rig.BOB, held.approval().orElseThrow(), by.argumentsDigest(), "", Optional.empty());
        AtomicInteger reached = failing(1, new Outcome.NotRun(ProblemType.UPSTREAM_FAILED, "down"));

        assertEquals(State.FAILED, undo(call).state());

        assertEquals(1, reached.get());
        assertEquals("new", shelf.get("/a"));
    }

    @Test
    void of_two_who_undo_at_once_one_does() throws Exception {
        for (int round = 0; round < 50; round++) {
            shelf.put("/a", "old");
            CallRecord call = write("/a", "new" + round);
            int changes = shelf.changes.get();
            var start = new CyclicBarrier(2);
            Callable<State> one = () -> {
                start.await();
                return undo(call).state();
            };
            try (var threads = Executors.newFixedThreadPool(2)) {
                var states = threads.invokeAll(List.of(one, one)).stream()
                        .map(future -> future.resultNow())
                        .toList();
                assertTrue(states.contains(State.UNDONE), states.toString());
            }
            assertEquals(changes + 1, shelf.changes.get());
            assertEquals("old", shelf.get("/a"));
        }
        assertSound();
    }

    @Test
    void a_plan_changes_nothing_and_says_what_would_come_of_it() throws IOException {
        shelf.put("/a", "old");
        SessionId session = write("/a", "new").session();
        rig.tool("mail.send");
        acted("mail.send", JsonObject.EMPTY);
        write("/b", "made");
        CallRecord last = write("/a", "newer");
        shelf.put("/b", "foreign");
        long size = store.size();
        Map<String, String> before = shelf.all();
        rig.rules(ANY, hold("ask").on("files.write").when(undoing(), "undo").rule());

        List<UndoStep> steps = plan(session).steps();

        assertEquals(
                List.of(State.READY, State.CONFLICT, State.CANNOT, State.READY),
                steps.stream().map(UndoStep::state).toList());
        assertEquals(List.of(last.id()), steps.getLast().after());
        assertTrue(steps.getFirst().asks());
        assertEquals("nothing says how to undo it", steps.get(2).why());
        assertEquals(size, store.size());
        assertEquals(before, shelf.all());
    }

    @Test
    void only_what_is_named_is_undone() {
        SessionId session = write("/a", "x").session();
        CallRecord wanted = write("/b", "y");

        UndoPlan undone = rig.guard.undoing().session(session, new UndoPart.Only(Set.of(wanted.id())), wish(false));

        assertEquals(1, undone.steps().size());
        assertEquals("x", shelf.get("/a"));
        assertThrows(
                Refusal.class,
                () -> rig.guard
                        .undoing()
                        .session(session, new UndoPart.Only(Set.of(new CallId("call_none"))), wish(false)));
    }

    @Test
    void calls_that_are_named_are_undone_the_last_one_first_and_are_of_the_session() {
        SessionId session = write("/a", "1").session();
        CallRecord second = write("/a", "2");
        write("/b", "left alone");
        CallRecord last = write("/a", "3");
        var other = rig.sessions
                .open("host:app", "coder", Optional.empty(), "", Optional.empty())
                .session()
                .id();
        var both = new UndoPart.Only(Set.of(second.id(), last.id()));
        assertThrows(Refusal.class, () -> rig.guard.undoing().session(other, both, wish(false)));
        assertEquals("3", shelf.get("/a"));

        UndoPlan undone = rig.guard.undoing().session(session, both, wish(false));

        assertEquals(List.of(State.UNDONE, State.UNDONE), states(undone));
        assertEquals(
                List.of(last.id(), second.id()),
                undone.steps().stream().map(UndoStep::call).toList());
        assertEquals("1", shelf.get("/a"));
        assertEquals("left alone", shelf.get("/b"));
    }

    @Test
    void from_a_call_on_means_it_and_what_came_after_it() {
        shelf.put("/a", "one");
        SessionId session = write("/a", "two").session();
        Map<String, String> point = shelf.all();
        CallRecord first = write("/a", "three");
        write("/b", "made");

        UndoPlan undone = rig.guard.undoing().session(session, new UndoPart.From(first.id()), wish(false));

        assertTrue(undone.isComplete());
        assertEquals(2, undone.steps().size());
        assertEquals("two", shelf.get("/a"));
        assertEquals(point.get("/a"), shelf.get("/a"));
        assertEquals(State.UNDONE, plan(session).steps().get(1).state());
        assertThrows(
                Refusal.class,
                () -> rig.guard.undoing().session(session, new UndoPart.From(new CallId("call_none")), wish(false)));
    }

    @Test
    void since_a_time_means_what_was_done_then_in_whatever_session() {
        shelf.put("/a", "one");
        write("/a", "two");
        rig.pass(Duration.ofMinutes(5));
        Instant since = rig.journal.now();
        rig.pass(Duration.ofSeconds(1));
        CallRecord mine = write("/a", "three");
        SessionId other = rig.sessions
                .open("host:app", "coder", Optional.empty(), "", Optional.empty())
                .session()
                .id();
        Reply.Ran yours = assertInstanceOf(
                Reply.Ran.class,
                rig.propose(
                        rig.proposal(Rig.APP, "files.write", Shelf.args("/a", "four"), Run.GUARD, Optional.of(other))));

        Undoing undoing = rig.guard.undoing();
        assertEquals(
                0,
                undoing.since(since, Optional.of("other"), Set.of(), wish(true))
                        .steps()
                        .size());
        UndoPlan undone = undoing.since(since, Optional.of("coder"), Set.of(), wish(false));

        assertEquals(List.of(State.UNDONE, State.UNDONE), states(undone));
        assertEquals(
                List.of(yours.call().id(), mine.id()),
                undone.steps().stream().map(UndoStep::call).toList());
        assertEquals(
                List.of(other, mine.session()),
                undone.steps().stream().map(UndoStep::session).toList());
        assertEquals("two", shelf.get("/a"));
    }

    @Test
    void no_more_are_undone_at_a_time_than_is_said_and_the_last_ones_first() {
        SessionId session = write("/a", "1").session();
        write("/a", "2");
        write("/a", "3");
        var two = new Undoing.Wish(Rig.OTTO, false, "by mistake", 2);

        UndoPlan part = rig.guard.undoing().session(session, new UndoPart.All(), two);

        assertEquals(List.of(State.UNDONE, State.UNDONE, State.READY), states(part));
        assertEquals("1", shelf.get("/a"));
        assertTrue(undo(session).isComplete());
    }

    /// The most undos that ran at once while a session of eight writes was undone.
    private int widest(Rig on, Duration patience) {
        SessionId session = write("/0", "x").session();
        for (int i = 1; i < 8; i++) write("/" + i, "x");
        var inside = new AtomicInteger();
        var most = new AtomicInteger();
        var all = new CountDownLatch(8);
        on.upstream(request -> {
            most.accumulateAndGet(inside.incrementAndGet(), Math::max);
            all.countDown();
            await(all, patience);
            inside.decrementAndGet();
            return Shelf.found("done");
        });
        undo(session);
        return most.get();
    }

    /// Those who come side by side meet here and go on at once; one by one, each waits in vain.
    private static void await(CountDownLatch all, Duration patience) {
        try {
            all.await(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException stopped) {
            throw new AssertionError(stopped);
        }
    }

    @Test
    void calls_that_are_about_different_things_are_undone_side_by_side() {
        assertEquals(8, widest(shelf.apart(rig), Duration.ofSeconds(60)));
    }

    @Test
    void calls_of_which_nobody_says_what_they_are_about_are_undone_one_by_one() {
        assertEquals(1, widest(rig, Duration.ofMillis(20)));
    }

    @Test
    void where_one_breaks_no_other_is_begun_and_all_is_told() {
        shelf.apart(rig);
        SessionId session = write("/0", "x").session();
        for (int i = 1; i < 20; i++) write("/" + i, "x");
        full.set(true);

        List<State> broken = states(undo(session));

        assertTrue(broken.stream().noneMatch(State.UNDONE::equals), broken.toString());
        full.set(false);
    }

    @Test
    void policy_can_deny_an_undo_and_nothing_happens() {
        shelf.put("/a", "old");
        CallRecord call = write("/a", "new");
        rig.rules(ANY, deny("no").on("files.write").when(undoing(), "undo").rule());
        assertEquals(State.DENIED, undo(call).state());
        assertEquals("new", shelf.get("/a"));
        assertEquals(Status.SUCCEEDED, stored(call.id()).status());

        rig.rules(ANY);
        assertEquals(State.UNDONE, undo(call).state());
    }

    @Test
    void people_are_asked_and_the_agent_cannot_run_what_they_agreed_to() throws IOException {
        shelf.put("/a", "old");
        rig.rules(ANY, hold("ask").on("files.write").when(undoing(), "undo").rule());
        CallRecord call = write("/a", "new");
        UndoStep held = undo(call);
        assertEquals(State.HELD, held.state());
        CallRecord by = stored(held.by().orElseThrow());
        rig.desk.approve(Rig.BOB, held.approval().orElseThrow(), by.argumentsDigest(), "", Optional.empty());

        assertInstanceOf(Reply.Broken.class, rig.execute(by.id()));
        assertInstanceOf(Reply.Broken.class, rig.guard.state(Rig.CODER, by.id(), Duration.ZERO));
        assertEquals("new", shelf.get("/a"));

        UndoStep done = undo(call);
        assertEquals(State.UNDONE, done.state());
        assertEquals(held.by(), done.by());
        assertEquals("old", shelf.get("/a"));
        assertSound();
    }

    @Test
    void whoever_undoes_does_not_agree_to_it_alone() {
        shelf.put("/a", "old");
        rig.rules(ANY, hold("ask").on("files.write").when(undoing(), "undo").rule());
        CallRecord call = write("/a", "new");
        var bob = new Undoing.Wish(Rig.BOB, false, "");
        UndoStep held = rig.guard.undoing().call(call.id(), bob).steps().getFirst();

        rig.desk.approve(
                Rig.BOB,
                held.approval().orElseThrow(),
                stored(held.by().orElseThrow()).argumentsDigest(),
                "",
                Optional.empty());

        assertEquals(
                State.HELD,
                rig.guard.undoing().call(call.id(), bob).steps().getFirst().state());
    }

    @Test
    void neither_a_stop_nor_the_sessions_end_stands_in_its_way() throws IOException {
        shelf.put("/a", "old");
        CallRecord call = write("/a", "new");
        rig.kill.order(Scope.ALL, "", "otto", "enough");
        rig.sessions.move(call.session(), "operator:otto", Session.State.ENDED);
        assertInstanceOf(Reply.Refused.class, rig.propose("files.write", Shelf.args("/a", "more")));

        assertEquals(State.UNDONE, undo(call).state());

        assertEquals("old", shelf.get("/a"));
        assertSound();
    }

    /// The tool changes what it is to change, and says that it failed.
    private CallRecord failed(String path, String content) {
        rig.upstream(request -> {
            shelf.answer(request);
            return Shelf.error("the rest could not be done");
        });
        return write(path, content);
    }

    @Test
    void what_a_call_changed_that_says_it_failed_is_undone() throws IOException {
        shelf.put("/a", "old");
        shelf.partial(rig);
        CallRecord call = failed("/a", "half");
        shelf.partial(rig);
        assertEquals(Status.FAILED, call.status());
        assertEquals(List.of(State.READY), states(plan(call.session())));
        assertEquals(State.UNDONE, undo(call).state());
        assertEquals(Map.of("/a", "old"), shelf.all());
        assertEquals(Status.UNDONE, stored(call.id()).status());
        assertSound();
    }

    @Test
    void what_somebody_changed_after_a_call_that_failed_is_kept() throws IOException {
        shelf.put("/a", "old");
        shelf.partial(rig);
        CallRecord call = failed("/a", "half");
        shelf.partial(rig);
        shelf.put("/a", "foreign");
        assertEquals(State.CONFLICT, undo(call).state());
        assertEquals(Map.of("/a", "foreign"), shelf.all());

        shelf.put("/a", "half");
        rig.upstream(request -> Shelf.error("EROFS"));
        assertEquals(State.FAILED, undo(call).state());
        assertEquals(Status.UNDO_FAILED, stored(call.id()).status());
        shelf.partial(rig);
        assertEquals(State.UNDONE, undo(call).state());
        assertEquals(Map.of("/a", "old"), shelf.all());
        assertSound();
    }

    /// It failed because somebody else was first.
    @Test
    void where_nobody_says_that_a_failed_calls_change_is_its_own_it_is_not_undone() throws IOException {
        shelf.put("/a", "old");
        rig.upstream(request -> {
            shelf.put("/a", "foreign");
            return Shelf.error("412 precondition failed");
        });
        CallRecord call = write("/a", "new");
        shelf.on(rig);
        assertEquals(List.of(), plan(call.session()).steps());
        assertEquals(State.CANNOT, undo(call).state());
        assertEquals(Map.of("/a", "foreign"), shelf.all());
        assertSound();
    }

    @Test
    void a_call_that_failed_and_left_everything_as_it_was_has_nothing_to_undo() throws IOException {
        shelf.partial(rig);
        shelf.put("/a", "old");
        rig.upstream(request -> Shelf.error("EROFS"));
        CallRecord call = write("/a", "new");
        shelf.partial(rig);
        assertEquals(List.of(), plan(call.session()).steps());
        UndoStep step = undo(call);
        assertEquals(State.CANNOT, step.state());
        assertEquals("it failed, and nothing was seen that it changed", step.why());

        // Nobody can tell where it cannot be read, and nothing is put back.
        shelf.put("/b", "old");
        rig.sight(question -> shelf.get("/b").equals("old") ? shelf.answer(question) : Shelf.error("EIO"));
        rig.upstream(request -> {
            shelf.put("/b", "half");
            return Shelf.error("EIO");
        });
        CallRecord unseen = write("/b", "new");
        shelf.partial(rig);
        assertEquals(List.of(), plan(unseen.session()).steps());
        assertEquals("half", shelf.get("/b"));
        assertSound();
    }

    @Test
    void an_undo_that_failed_can_be_tried_again() throws IOException {
        shelf.put("/a", "old");
        CallRecord call = write("/a", "new");
        rig.upstream(request -> Shelf.error("EROFS: read-only file system"));
        UndoStep failed = undo(call);
        assertEquals(State.FAILED, failed.state());
        assertEquals("the tool failed", failed.why());
        assertEquals(Status.UNDO_FAILED, stored(call.id()).status());

        shelf.on(rig);
        assertEquals(State.UNDONE, undo(call).state());
        assertEquals(Status.UNDONE, stored(call.id()).status());
        assertSound();
    }

    @Test
    void after_a_crash_in_the_middle_it_is_in_doubt_and_never_done_twice() throws IOException {
        shelf.put("/a", "old");
        CallRecord call = write("/a", "new");
        int changes = shelf.changes.get();
        full.set(true);
        rig.guard.undoing().call(call.id(), wish(false));
        assertEquals(changes + 1, shelf.changes.get());

        try (var next = shelf.on(new Rig(store)).rules(ANY)) {
            next.recovery.start();
            shelf.put("/a", "new");
            UndoStep doubtful =
                    next.guard.undoing().call(call.id(), wish(false)).steps().getFirst();
            assertEquals(State.IN_DOUBT, doubtful.state());
            assertEquals(changes + 1, shelf.changes.get());

            next.guard.report(Rig.OTTO, doubtful.by().orElseThrow(), true, Optional.empty(), "");
            assertEquals(
                    State.UNDONE,
                    next.guard
                            .undoing()
                            .call(call.id(), wish(false))
                            .steps()
                            .getFirst()
                            .state());
            assertEquals(changes + 1, shelf.changes.get());
            assertSound();
        }
    }

    @Test
    void once_an_operator_tells_that_it_did_not_run_it_is_done_again() throws IOException {
        shelf.put("/a", "old");
        CallRecord call = write("/a", "new");
        full.set(true);
        rig.upstream(request -> new Outcome.Lost(dev.guardrail.base.ProblemType.UPSTREAM_TIMEOUT, "late"));
        rig.guard.undoing().call(call.id(), wish(false));

        try (var next = shelf.on(new Rig(store)).rules(ANY)) {
            next.recovery.start();
            UndoStep doubtful =
                    next.guard.undoing().call(call.id(), wish(false)).steps().getFirst();
            next.guard.report(Rig.OTTO, doubtful.by().orElseThrow(), false, Optional.empty(), "");

            assertEquals(
                    State.UNDONE,
                    next.guard
                            .undoing()
                            .call(call.id(), wish(false))
                            .steps()
                            .getFirst()
                            .state());
            assertEquals("old", shelf.get("/a"));
            assertSound();
        }
    }

    @Test
    void a_session_is_gone_on_with_after_a_crash() throws IOException {
        shelf.put("/a", "old");
        SessionId session = write("/a", "new").session();
        write("/b", "made");
        undo(stored(plan(session).steps().getFirst().call()));
        int changes = shelf.changes.get();

        try (var next = shelf.on(new Rig(store)).rules(ANY)) {
            next.recovery.start();
            UndoPlan rest = next.guard.undoing().session(session, new UndoPart.All(), wish(false));

            assertTrue(rest.isComplete());
            assertEquals(changes + 1, shelf.changes.get());
            assertEquals("old", shelf.get("/a"));
            assertSound();
        }
    }

    @Test
    void what_cannot_be_undone_says_why() {
        shelf.put("/a", "old");
        rig.sight(question -> Shelf.found("x".repeat(Imaging.MOST)));
        CallRecord large = write("/a", "new");
        UndoStep step = undo(large);
        assertEquals(State.CANNOT, step.state());
        assertTrue(step.why().contains("too large"), step.why());

        shelf.on(rig);
        CallRecord late = write("/a", "newer");
        rig.pass(Duration.ofHours(25));
        assertTrue(undo(late).why().contains("kept until"), undo(late).why());
        assertEquals("newer", shelf.get("/a"));
    }

    @Test
    void an_undo_is_not_undone_and_only_operators_undo() {
        shelf.put("/a", "old");
        CallRecord call = write("/a", "new");
        for (Caller caller : List.of(Rig.CODER, Rig.APP)) {
            var agents = new Undoing.Wish(caller, false, "");
            assertEquals(
                    State.FAILED,
                    rig.guard
                            .undoing()
                            .call(call.id(), agents)
                            .steps()
                            .getFirst()
                            .state());
        }
        assertEquals("new", shelf.get("/a"));
        CallId by = undo(call).by().orElseThrow();

        assertThrows(Refusal.class, () -> rig.guard.undoing().call(by, wish(false)));
        assertThrows(Refusal.class, () -> rig.guard.undoing().call(new CallId("call_none"), wish(false)));
    }

    @Test
    void what_an_undo_did_is_none_of_the_agents_calls() {
        shelf.put("/a", "old");
        CallRecord call = write("/a", "new");
        undo(call);

        Consumer<Rig> looksAlike = guard -> assertEquals(
                1,
                guard.sessions
                        .view(guard.sessions.find(call.session()).orElseThrow())
                        .calls()
                        .calls()
                        .size());
        looksAlike.accept(rig);
        try (var next = new Rig(store)) {
            looksAlike.accept(next);
        }
        assertEquals(Reversal.NONE.claim(), stored(call.id()).reversal().claim());
    }
}
