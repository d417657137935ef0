package dev.guardrail.testing;

import static dev.guardrail.testing.RuleDraft.allow;
import static dev.guardrail.testing.RuleDraft.hold;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.ProblemType;
import dev.guardrail.base.StrictJson;
import dev.guardrail.call.Run;
import dev.guardrail.journal.Batch;
import dev.guardrail.journal.Change;
import dev.guardrail.journal.Kind;
import dev.guardrail.journal.Receipt;
import dev.guardrail.journal.Store;
import dev.guardrail.journal.StoreConflict;
import dev.guardrail.pipeline.Outcome;
import dev.guardrail.pipeline.Reply;
import dev.guardrail.pipeline.Runner;
import dev.guardrail.proof.LogAudit;
import dev.guardrail.stop.Scope;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What a stop promises on every store, while calls race with it: of what was not permitted before the stop was
/// durable, nothing is permitted after it. Longer than a class should be because the promise is one.
@NullMarked
public abstract class StopContract {
    private static final int EXECUTORS = 200;
    private static final String RUNNING = "\"status\":\"running\"";

    private Store store;

    /// Opens an empty store, another one each time.
    protected abstract Store open() throws IOException;

    @BeforeEach
    void openStore() throws IOException {
        store = open();
    }

    @AfterEach
    void closeStore() throws IOException {
        store.close();
    }

    private static Rig prepared(Rig rig) {
        return rig.tool("files.read")
                .tool("pay.send")
                .rules(
                        allow("free").on("files.*").rule(),
                        hold("people").on("pay.*").rule());
    }

    /// An upstream that counts, and takes nothing that is stopped already.
    private static Runner counting(AtomicInteger begun, Runner recording) {
        return (lease, request, attendance) -> {
            if (attendance.left().isDone()) return new Outcome.NotRun(ProblemType.CONFLICT, "not asked");
            begun.incrementAndGet();
            return recording.run(lease, request, attendance);
        };
    }

    /// Half of the permits reach the store only after the stop: their decisions saw none.
    @Test
    void two_hundred_executors_race_with_a_stop_and_nothing_is_permitted_after_it() throws Exception {
        var raced = race(store, false);

        assertEquals(new Raced(EXECUTORS / 2, 0, 0), raced);
        // The auditor looks for the same.
        assertEquals(Optional.empty(), LogAudit.of(HeldLog.of(store)).fault());

        try (var other = open()) {
            var mutant = race(other, true);
            assertEquals(EXECUTORS / 2, mutant.permitted(), "the mutant lives");
            assertEquals(
                    "stopped",
                    LogAudit.of(HeldLog.of(other)).fault().orElseThrow().word());
        }
    }

    /// What came of a race.
    ///
    /// @param permitted entries that permit, after the one that stops
    /// @param begun calls that reached the upstream after the stop had returned
    private record Raced(int refused, int permitted, int begun) {}

    /// @param forgetful plants the mutant that expects nothing of the stops
    private static Raced race(Store store, boolean forgetful) throws Exception {
        var begun = new AtomicInteger();
        var gate = new Gate(store, forgetful);
        try (var rig = prepared(new Rig(gate, recording -> counting(begun, recording)))) {
            List<Callable<Reply>> executors = new ArrayList<>();
            for (int i = 0; i < EXECUTORS; i++) executors.add(executor(rig, i % 4 == 0 ? Run.CALLER : Run.GUARD));
            var together = new CyclicBarrier(EXECUTORS);
            List<Future<Reply>> replies;
            int begunAtStop;
            try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
                replies = executors.stream()
                        .map(executor -> pool.submit(() -> {
                            together.await();
                            return executor.call();
                        }))
                        .toList();
                gate.halfWay.get();
                while (begun.get() < gate.running.get()) Thread.onSpinWait();
                rig.kill.order(Scope.ALL, "", "otto", "enough");
                begunAtStop = begun.get();
                gate.stopped.complete(true);
            }
            int refused = 0;
            for (Future<Reply> reply : replies) if (reply.get() instanceof Reply.Refused) refused++;
            return new Raced(refused, permitsAfterTheStop(store), begun.get() - begunAtStop);
        }
    }

    /// Somebody with a session of their own, so that no two of them meet elsewhere than at the stop.
    private static Callable<Reply> executor(Rig rig, Run run) {
        return executor(rig, rig, run);
    }

    private static Callable<Reply> executor(Rig opener, Rig rig, Run run) {
        var session = opener.sessions.open("host:app", "coder", Optional.empty(), "", Optional.empty());
        var id = Optional.of(session.session().id());
        return () -> rig.propose(rig.proposal(Rig.APP, "files.read", JsonObject.EMPTY, run, id));
    }

    /// Lets every other permit through only once somebody has stopped everything; tells when the others are durable.
    private static final class Gate extends Wrapped {
        final CompletableFuture<Boolean> halfWay = new CompletableFuture<>();
        final CompletableFuture<Boolean> stopped = new CompletableFuture<>();
        final AtomicInteger running = new AtomicInteger();
        private final boolean forgetful;
        private final AtomicInteger permits = new AtomicInteger();
        private final AtomicInteger through = new AtomicInteger();
        private final AtomicInteger waiting = new AtomicInteger();

        Gate(Store store, boolean forgetful) {
            super(store);
            this.forgetful = forgetful;
        }

        @Override
        public Receipt commit(Batch batch) throws IOException, StoreConflict {
            if (!isPermit(batch)) return super.commit(batch);
            if (permits.getAndIncrement() >= EXECUTORS / 2) {
                waiting.incrementAndGet();
                tell();
                stopped.join();
                return super.commit(forgetful ? forgotten(batch) : batch);
            }
            var receipt = super.commit(batch);
            if (has(batch, RUNNING)) running.incrementAndGet();
            through.incrementAndGet();
            tell();
            return receipt;
        }

        private void tell() {
            if (through.get() == EXECUTORS / 2 && waiting.get() == EXECUTORS / 2) halfWay.complete(true);
        }

        private static Batch forgotten(Batch batch) {
            List<Change> changes = batch.changes().stream()
                    .filter(change -> !(change instanceof Change.Expect && change.kind() == Kind.STOP))
                    .toList();
            return new Batch(batch.entries(), changes, batch.bodies());
        }
    }

    /// Nobody holds anybody up: what the log says of it is sound, whoever came first.
    @Test
    void executors_come_and_go_while_stops_are_ordered_and_lifted() throws Exception {
        try (var rig = prepared(new Rig(store));
                var other = prepared(new Rig(store))) {
            List<Callable<Reply>> executors = new ArrayList<>();
            for (int i = 0; i < EXECUTORS; i++)
                executors.add(executor(rig, i % 2 == 0 ? rig : other, i % 4 == 0 ? Run.CALLER : Run.GUARD));
            try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
                var replies = executors.stream().map(pool::submit).toList();
                for (int i = 0; i < 20; i++) {
                    var stop = rig.kill
                            .order(Scope.AGENT, "coder", "otto", "enough")
                            .stop();
                    other.kill.keep();
                    other.kill.lift(stop.id(), "otto");
                }
                for (Future<Reply> reply : replies) reply.get();
            }
            assertEquals(Optional.empty(), LogAudit.of(HeldLog.of(store)).fault());
            assertInstanceOf(Reply.Ran.class, executor(rig, Run.GUARD).call());
        }
    }

    @Test
    void a_stop_between_decision_and_commit_is_seen() throws Exception {
        var stop = new AtomicBoolean(true);
        try (var other = new Rig(store);
                var rig = prepared(new Rig(new Wrapped(store) {
                    @Override
                    public Receipt commit(Batch batch) throws IOException, StoreConflict {
                        if (isPermit(batch) && stop.getAndSet(false))
                            other.kill.order(Scope.TOOL, "files.read", "otto", "enough");
                        return super.commit(batch);
                    }
                }))) {
            var refused = assertInstanceOf(
                    Reply.Refused.class, executor(rig, Run.GUARD).call());
            assertEquals("stopped", refused.call().cause());
            assertEquals(List.of(), rig.ran());

            rig.kill.lift(rig.kill.inForce().getFirst().id(), "otto");
            assertInstanceOf(Reply.Ran.class, executor(rig, Run.GUARD).call());
        }
    }

    @Test
    void a_stop_between_decision_and_commit_lets_no_hold_be_opened() throws Exception {
        var stop = new AtomicBoolean(true);
        try (var other = new Rig(store);
                var rig = prepared(new Rig(new Wrapped(store) {
                    @Override
                    public Receipt commit(Batch batch) throws IOException, StoreConflict {
                        if (has(batch, "\"status\":\"held\"") && stop.getAndSet(false))
                            other.kill.order(Scope.SERVER, "pay", "otto", "enough");
                        return super.commit(batch);
                    }
                }))) {
            assertInstanceOf(Reply.Refused.class, rig.propose("pay.send", JsonObject.EMPTY));
            assertEquals(List.of(), rig.desk.list(Optional.empty(), "", 10));
        }
    }

    @Test
    void a_stop_between_decision_and_commit_lets_no_call_be_queued() throws Exception {
        var stop = new AtomicBoolean(true);
        try (var other = new Rig(store);
                var rig = prepared(new Rig(new Wrapped(store) {
                            @Override
                            public Receipt commit(Batch batch) throws IOException, StoreConflict {
                                if (has(batch, "\"runsAt\"") && stop.getAndSet(false))
                                    other.kill.order(Scope.SERVER, "files", "otto", "enough");
                                return super.commit(batch);
                            }
                        }))
                        .rules(allow("later")
                                .on("files.*")
                                .delay(Duration.ofMinutes(2))
                                .rule())) {
            assertInstanceOf(Reply.Refused.class, rig.propose("files.read", JsonObject.EMPTY));
            assertEquals(0, rig.outbox.size());

            rig.kill.lift(rig.kill.inForce().getFirst().id(), "otto");
            assertInstanceOf(Reply.Queued.class, rig.propose("files.read", JsonObject.EMPTY));
        }
    }

    /// The intent is durable, and the stop comes before anything has left for the upstream.
    @Test
    void a_stop_between_intent_and_run_lets_nothing_leave() throws Exception {
        var stop = new AtomicBoolean(true);
        var order = new CompletableFuture<Runnable>();
        try (var rig = prepared(new Rig(new Wrapped(store) {
            @Override
            public Receipt commit(Batch batch) throws IOException, StoreConflict {
                var receipt = super.commit(batch);
                if (has(batch, RUNNING) && stop.getAndSet(false)) order.join().run();
                return receipt;
            }
        }))) {
            order.complete(() -> rig.kill.order(Scope.AGENT, "coder", "otto", "enough"));

            var reply = assertInstanceOf(
                    Reply.Faulted.class, executor(rig, Run.GUARD).call());

            assertEquals("failed", reply.call().status().text());
            assertEquals("stopped", reply.call().error());
            assertEquals(List.of(), rig.ran());
        }
    }

    @Test
    void operators_who_stop_at_the_same_time_all_do() throws Exception {
        try (var rig = prepared(new Rig(store));
                var other = prepared(new Rig(store))) {
            List<Callable<Object>> operators = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                var kill = i % 2 == 0 ? rig.kill : other.kill;
                operators.add(() -> kill.order(Scope.ALL, "", "otto", "enough"));
            }
            try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
                for (Future<Object> stop : pool.invokeAll(operators)) stop.get();
            }
            assertEquals(20, other.kill.inForce().size());
            for (var stop : rig.kill.inForce()) {
                assertInstanceOf(Reply.Refused.class, executor(rig, Run.GUARD).call());
                rig.kill.lift(stop.id(), "otto");
            }
            assertInstanceOf(Reply.Ran.class, executor(rig, other, Run.GUARD).call());
        }
    }

    private static int permitsAfterTheStop(Store store) throws IOException {
        int permits = 0;
        boolean stopped = false;
        for (JsonObject entry : entries(store)) {
            stopped |= entry.text("kind").equals(Optional.of("stopped"));
            String status = entry.text("status").orElse("");
            if (stopped && (status.equals("running") || status.equals("permitted"))) permits++;
        }
        return permits;
    }

    private static List<JsonObject> entries(Store store) throws IOException {
        return store.read(0, store.size()).stream()
                .map(bytes -> (JsonObject) StrictJson.parse(bytes))
                .toList();
    }

    private static boolean isPermit(Batch batch) {
        return has(batch, RUNNING) || has(batch, "\"status\":\"permitted\"");
    }

    private static boolean has(Batch batch, String text) {
        return batch.entries().stream()
                .anyMatch(line -> new String(line.bytes(), StandardCharsets.UTF_8).contains(text));
    }
}
