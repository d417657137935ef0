package dev.guardrail.pipeline;

import static dev.guardrail.testing.RuleDraft.allow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.ProblemType;
import dev.guardrail.base.StrictJson;
import dev.guardrail.call.CallId;
import dev.guardrail.call.DecisionRequest;
import dev.guardrail.call.Template;
import dev.guardrail.call.ToolEffect;
import dev.guardrail.call.ToolName;
import dev.guardrail.call.UndoHook;
import dev.guardrail.journal.Batch;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Document;
import dev.guardrail.journal.Kind;
import dev.guardrail.journal.Receipt;
import dev.guardrail.journal.Status;
import dev.guardrail.journal.StoreConflict;
import dev.guardrail.policy.Rule;
import dev.guardrail.proof.LogAudit;
import dev.guardrail.testing.Calls;
import dev.guardrail.testing.HeldLog;
import dev.guardrail.testing.MemoryStore;
import dev.guardrail.testing.Rig;
import dev.guardrail.testing.Shelf;
import dev.guardrail.testing.Wrapped;
import dev.guardrail.undo.UndoPart;
import dev.guardrail.undo.UndoStep;
import dev.guardrail.undo.UndoStep.State;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Calls of which nobody knows whether they ran, and what looking tells of them.
final class DoubtsSpec {
    private static final Rule ANY = allow("any").on("*.*").rule();
    private static final JsonObject LETTER = JsonObject.with("id", "letter-1").build();

    private final MemoryStore store = new MemoryStore();
    private final Shelf shelf = new Shelf();
    private final Set<String> sent = ConcurrentHashMap.newKeySet();
    private final AtomicInteger sends = new AtomicInteger();
    private AtomicBoolean dead = new AtomicBoolean();
    private Rig rig = mail(new Rig(mortal(dead)));

    @AfterEach
    void close() {
        rig.close();
    }

    /// The store of a guard that records no outcome from its death on.
    private Wrapped mortal(AtomicBoolean died) {
        return new Wrapped(store) {
            @Override
            public Receipt commit(Batch batch) throws IOException, StoreConflict {
                boolean outcome = batch.entries().stream()
                        .anyMatch(line -> line.terms().kind().equals("executed"));
                if (outcome && died.get()) throw new IOException("the process is gone");
                return super.commit(batch);
            }
        };
    }

    /// Letters that are sent once each; `mail.sent` knows which.
    private Rig mail(Rig guard) {
        return mail(guard, ToolEffect.READ);
    }

    private Rig mail(Rig guard, ToolEffect ofLook) {
        var look = new UndoHook.Look(
                ToolName.parse("mail.sent"),
                new Template(JsonObject.with("id", "${args.id}").build()),
                Optional.of(new UndoHook.Absence("")));
        var hook = new UndoHook(
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        UndoHook.KEPT,
                        Optional.of("sent is sent"),
                        Optional.empty())
                .probed(Optional.of(new UndoHook.Probe(look, UndoHook.Probe.LATE)));
        guard.tool(Shelf.hooked(Calls.tool("mail.send"), ToolEffect.EXTERNAL, Optional.of(hook)));
        guard.tool(Shelf.hooked(Calls.tool("mail.sent"), ofLook, Optional.empty()));
        return guard.rules(ANY).upstream(this::send).sight(this::sent);
    }

    private Outcome send(DecisionRequest request) {
        sends.incrementAndGet();
        sent.add(request.action().arguments().text("id").orElseThrow());
        return Shelf.found("sent");
    }

    private Outcome sent(DecisionRequest question) {
        String id = question.action().arguments().text("id").orElseThrow();
        return sent.contains(id) ? Shelf.found(id) : Shelf.error("no such letter: not found");
    }

    /// Proposes a call whose outcome is not recorded, as a crash leaves it.
    private CallRecord lost(String tool, JsonObject arguments, Function<DecisionRequest, Outcome> upstream) {
        rig.upstream(upstream);
        dead.set(true);
        rig.propose(tool, arguments);
        return CallRecord.of(running().value());
    }

    private Document running() {
        return rig.journal
                .find(Kind.CALL, new Document.Tags(null, "running", null), "", 9)
                .getFirst();
    }

    private static Outcome nothing(DecisionRequest request) {
        return new Outcome.Lost(ProblemType.UPSTREAM_TIMEOUT, "it never came");
    }

    private static Rig restarted(Rig next) {
        next.recovery.start();
        return next;
    }

    private Rig restarted() {
        return restarted(mail(new Rig(store)));
    }

    private static CallRecord stored(Rig guard, CallId call) {
        return CallRecord.of(
                guard.journal.get(Kind.CALL, call.value()).orElseThrow().value());
    }

    private static int ask(Rig guard) {
        return guard.guard.doubts().ask(() -> false);
    }

    private static UndoStep undo(Rig guard, CallId call) {
        return guard.guard
                .undoing()
                .call(call, new Undoing.Wish(Rig.OTTO, false, "wrong"))
                .steps()
                .getFirst();
    }

    private void assertSound() throws IOException {
        assertEquals(Optional.empty(), LogAudit.of(HeldLog.of(store)).fault());
    }

    private JsonObject lastOutcome() throws IOException {
        return store.read(0, store.size()).stream()
                .map(bytes -> (JsonObject) StrictJson.parse(bytes))
                .filter(entry -> entry.text("kind").equals(Optional.of("executed")))
                .reduce((first, last) -> last)
                .orElseThrow();
    }

    @Test
    void what_the_probe_finds_ran_and_is_not_run_again() throws IOException {
        CallRecord call = lost("mail.send", LETTER, this::send);
        try (var next = restarted()) {
            assertEquals(Status.IN_DOUBT, stored(next, call.id()).status());

            assertEquals(0, ask(next));

            assertEquals(Status.SUCCEEDED, stored(next, call.id()).status());
            assertEquals(Optional.of("probe"), lastOutcome().text("attested"));
            assertEquals(List.of("mail.sent " + LETTER), next.looked());
            assertEquals(List.of(), next.ran());
            assertEquals(1, sends.get());
            assertInstanceOf(Reply.Ran.class, next.propose("mail.send", LETTER), "doubt is over");
            assertSound();
        }
    }

    @Test
    void what_it_does_not_find_did_not_run_once_it_cannot_come_late() throws IOException {
        CallRecord call = lost("mail.send", LETTER, DoubtsSpec::nothing);
        try (var next = restarted()) {
            assertEquals(1, ask(next));
            assertEquals(Status.IN_DOUBT, stored(next, call.id()).status());

            next.pass(UndoHook.Probe.LATE.plusSeconds(1));
            assertEquals(0, ask(next));

            assertEquals(Status.FAILED, stored(next, call.id()).status());
            assertEquals(Optional.of("absent"), lastOutcome().text("error"));
            assertSound();
        }
    }

    @Test
    void whatever_else_it_answers_leaves_it_to_a_person() throws IOException {
        CallRecord call = lost("mail.send", LETTER, this::send);
        List<Function<DecisionRequest, Outcome>> answers = List.of(
                question -> Shelf.error("EIO"),
                question -> new Outcome.Lost(ProblemType.UPSTREAM_TIMEOUT, "late"),
                question -> new Outcome.NotRun(ProblemType.UPSTREAM_FAILED, "not there"),
                question -> {
                    throw new IllegalStateException("broken");
                });
        try (var next = restarted()) {
            next.pass(Duration.ofHours(1));
            for (var answer : answers) {
                next.sight(answer);
                assertEquals(1, ask(next));
            }
            mail(next, ToolEffect.EXTERNAL);
            assertEquals(1, ask(next), "what does not read is not asked");
            assertEquals(State.CANNOT, undo(next, call.id()).state());
            assertEquals(Status.IN_DOUBT, stored(next, call.id()).status());

            next.guard.report(Rig.OTTO, call.id(), true, Optional.empty(), "");
            assertEquals(Status.SUCCEEDED, stored(next, call.id()).status());
            assertEquals(Optional.of("operator"), lastOutcome().text("attested"));
            assertSound();
        }
    }

    @Test
    void what_is_not_kept_whole_cannot_be_asked_about() {
        var secret = JsonObject.with("id", "s3cret").build();
        CallRecord call = lost("mail.send", secret, this::send);
        try (var next = restarted()) {
            assertEquals(1, ask(next));
            assertEquals(List.of(), next.looked());
            assertEquals(Status.IN_DOUBT, stored(next, call.id()).status());
        }
    }

    @Test
    void what_a_running_guard_lost_is_asked_about_by_whoever_undoes_it_alone() {
        rig.upstream(DoubtsSpec::nothing);
        CallRecord call = assertInstanceOf(Reply.Faulted.class, rig.propose("mail.send", LETTER))
                .call();
        rig.pass(Duration.ofHours(1));
        assertEquals(0, ask(rig));
        assertEquals(List.of(), rig.looked());

        assertEquals(State.CANNOT, undo(rig, call.id()).state());
        assertEquals(Status.FAILED, stored(rig, call.id()).status());
    }

    @Test
    void a_plan_asks_nothing_and_an_undo_leaves_out_what_did_not_run() {
        CallRecord call = lost("mail.send", LETTER, DoubtsSpec::nothing);
        try (var next = restarted()) {
            next.pass(Duration.ofHours(1));
            long size = store.size();
            var planned = next.guard
                    .undoing()
                    .session(call.session(), new UndoPart.All(), new Undoing.Wish(Rig.OTTO, true, ""));
            assertEquals(State.CANNOT, planned.steps().getFirst().state());
            assertEquals(size, store.size());
            assertEquals(List.of(), next.looked());

            var undone = next.guard
                    .undoing()
                    .session(call.session(), new UndoPart.All(), new Undoing.Wish(Rig.OTTO, false, ""));
            assertEquals(List.of(), undone.steps());
        }
    }

    @Test
    void who_settles_it_meanwhile_is_first() throws IOException {
        CallRecord call = lost("mail.send", LETTER, this::send);
        try (var next = restarted()) {
            next.sight(question -> {
                next.guard.report(Rig.OTTO, call.id(), false, Optional.empty(), "");
                return sent(question);
            });

            assertEquals(0, ask(next));

            assertEquals(Status.FAILED, stored(next, call.id()).status());
            assertEquals(Optional.of("operator"), lastOutcome().text("attested"));
            assertSound();
        }
    }

    /// A write, and an undo of it that was lost: done or not.
    private CallRecord undoLost(boolean done, boolean repeatable) {
        if (repeatable) shelf.repeatable(rig);
        else shelf.on(rig);
        CallRecord call = assertInstanceOf(Reply.Ran.class, rig.propose("files.write", Shelf.args("/a", "new")))
                .call();
        if (!done) rig.upstream(DoubtsSpec::nothing);
        dead.set(true);
        undo(rig, call.id());
        return call;
    }

    private Rig restarted(boolean repeatable) {
        var next = new Rig(store).rules(ANY);
        return restarted(repeatable ? shelf.repeatable(next) : shelf.on(next));
    }

    @Test
    void an_undo_that_was_lost_and_done_is_found_done() throws IOException {
        shelf.put("/a", "old");
        CallRecord call = undoLost(true, false);
        try (var next = restarted(false)) {
            int changes = shelf.changes.get();

            assertEquals(State.UNDONE, undo(next, call.id()).state());

            assertEquals(Status.UNDONE, stored(next, call.id()).status());
            assertEquals(Optional.of("probe"), lastOutcome().text("attested"));
            assertEquals(changes, shelf.changes.get());
            assertEquals("old", shelf.get("/a"));
            assertSound();
        }
    }

    @Test
    void also_where_there_was_nothing_before() throws IOException {
        CallRecord call = undoLost(true, false);
        try (var next = restarted(false)) {
            int changes = shelf.changes.get();
            assertEquals(State.UNDONE, undo(next, call.id()).state());
            assertEquals(changes, shelf.changes.get());
            assertSound();
        }
    }

    @Test
    void an_undo_that_was_lost_and_not_done_is_done_again_where_it_may_be_repeated() throws IOException {
        shelf.put("/a", "old");
        CallRecord call = undoLost(false, true);
        try (var next = restarted(true)) {
            int changes = shelf.changes.get();

            assertEquals(State.UNDONE, undo(next, call.id()).state());

            assertEquals(changes + 1, shelf.changes.get());
            assertEquals("old", shelf.get("/a"));
            assertEquals(State.UNDONE, undo(next, call.id()).state());
            assertEquals(changes + 1, shelf.changes.get());
            assertSound();
        }
    }

    @Test
    void where_it_may_not_be_repeated_a_person_decides() throws IOException {
        shelf.put("/a", "old");
        CallRecord call = undoLost(false, false);
        try (var next = restarted(false)) {
            int changes = shelf.changes.get();
            UndoStep step = undo(next, call.id());
            assertEquals(State.IN_DOUBT, step.state());
            assertEquals(changes, shelf.changes.get());

            next.guard.report(Rig.OTTO, step.by().orElseThrow(), false, Optional.empty(), "");
            assertEquals(State.UNDONE, undo(next, call.id()).state());
            assertEquals(changes + 1, shelf.changes.get());
            assertSound();
        }
    }

    @Test
    void what_is_neither_is_in_doubt_and_so_is_what_cannot_be_seen() {
        shelf.put("/a", "old");
        CallRecord call = undoLost(false, true);
        try (var next = restarted(true)) {
            int changes = shelf.changes.get();
            shelf.put("/a", "foreign");
            assertEquals(State.IN_DOUBT, undo(next, call.id()).state());
            next.sight(question -> Shelf.error("EIO"));
            assertEquals(State.IN_DOUBT, undo(next, call.id()).state());
            assertEquals("foreign", shelf.get("/a"));
            assertEquals(changes, shelf.changes.get());
        }
    }

    @Test
    void of_two_who_ask_again_at_once_one_runs_it() throws Exception {
        for (int round = 0; round < 30; round++) {
            rig.close();
            dead = new AtomicBoolean();
            rig = mail(new Rig(mortal(dead)));
            shelf.put("/a", "old" + round);
            CallRecord call = undoLost(false, true);
            try (var next = restarted(true);
                    var threads = Executors.newFixedThreadPool(2)) {
                int changes = shelf.changes.get();
                var start = new CyclicBarrier(2);
                Callable<State> one = () -> {
                    start.await();
                    return undo(next, call.id()).state();
                };
                var states = new ArrayList<State>();
                for (var answer : threads.invokeAll(List.of(one, one))) states.add(answer.get());
                assertTrue(states.contains(State.UNDONE), states.toString());
                assertEquals(changes + 1, shelf.changes.get());
                assertEquals("old" + round, shelf.get("/a"));
            }
        }
        assertSound();
    }

    @Test
    void a_probe_of_the_tool_that_takes_back_is_asked_first() throws IOException {
        shelf.put("/a", "old");
        CallRecord call = undoLost(true, false);
        shelf.put("/a", "foreign");
        try (var next = restarted(false)) {
            next.sight(question -> Shelf.found("it was written"));
            shelf.probed(next);

            assertEquals(State.UNDONE, undo(next, call.id()).state());

            assertEquals("foreign", shelf.get("/a"));
            assertSound();
        }
    }
}
