package dev.guardrail.pipeline;

import static dev.guardrail.testing.RuleDraft.allow;
import static dev.guardrail.testing.RuleDraft.clarify;
import static dev.guardrail.testing.RuleDraft.deny;
import static dev.guardrail.testing.RuleDraft.hold;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonWriter;
import dev.guardrail.base.ProblemType;
import dev.guardrail.base.StrictJson;
import dev.guardrail.call.CallId;
import dev.guardrail.call.DecisionRequest;
import dev.guardrail.call.Purpose;
import dev.guardrail.call.Run;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Kind;
import dev.guardrail.journal.Status;
import dev.guardrail.journal.Store;
import dev.guardrail.stop.Scope;
import dev.guardrail.stop.Stop;
import dev.guardrail.testing.MemoryStore;
import dev.guardrail.testing.Rig;
import dev.guardrail.testing.Shelf;
import dev.guardrail.undo.UndoStep;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/// A life of a guard, drawn from a seed: proposals, votes, executions, reports, races, stops, faults of the journal,
/// restarts. Every breach of a law of the path that shows on the way is kept by the law's name.
final class Played {
    private static final Set<Status> ENDS = Set.of(Status.SUCCEEDED, Status.FAILED, Status.UNDONE, Status.UNDO_FAILED);
    private static final String[] TOOLS = {"free.read", "held.send", "shut.drop", "late.mail"};

    /// What may be planted: decorators that break what they wrap.
    ///
    /// @param raced told of each call that several are about to run at once
    record Planted(UnaryOperator<Store> store, UnaryOperator<Runner> runner, Consumer<CallId> raced) {
        static final Planted NOTHING = new Planted(store -> store, runner -> runner);

        Planted(UnaryOperator<Store> store, UnaryOperator<Runner> runner) {
            this(store, runner, call -> {});
        }
    }

    final ConcurrentLinkedQueue<String> breaches = new ConcurrentLinkedQueue<>();
    /// Steps of the calls' machine that became durable, as `from to`.
    final Set<String> steps = ConcurrentHashMap.newKeySet();

    final AtomicLong effects = new AtomicLong();
    private final Random random;
    private final Planted planted;
    private final TreeMap<String, Integer> runsByCall = new TreeMap<>();
    private final List<CallId> calls = new ArrayList<>();

    /// Calls that have changed something which was not taken back; also some that say that they failed.
    private final Set<CallId> left = ConcurrentHashMap.newKeySet();
    private final List<Reply.Held> holds = new ArrayList<>();
    private final List<CallId> acknowledged = new ArrayList<>();

    /// Those ordered and not lifted, as whoever ordered them knows.
    private final TreeMap<String, Stop> stops = new TreeMap<>();

    private MemoryStore store = new MemoryStore();
    private Rig rig;

    Played(long seed, Planted planted) {
        this.random = new Random(seed);
        this.planted = planted;
        this.rig = start(Instant.parse("2026-01-01T12:00:00Z").toEpochMilli(), 0);
    }

    static Played of(long seed, Planted planted, int steps) {
        var life = new Played(seed, planted);
        for (int i = 0; i < steps; i++) life.step();
        life.restart();
        life.close();
        return life;
    }

    private Rig start(long millis, long nanos) {
        var fresh = new Rig(new Watched(planted.store().apply(store), steps), planted.runner())
                .tool(TOOLS[1])
                .tool(TOOLS[2])
                .tool(TOOLS[3]);
        Shelf.undoable(fresh, TOOLS[0], left::contains);
        usual(fresh);
        fresh.millis.set(millis);
        fresh.nanos.set(nanos);
        fresh.recovery.start();
        fresh.kill.keep();
        fresh.outbox.rearm();
        return fresh.upstream(this::effect);
    }

    private static void usual(Rig rig) {
        rig.rules(
                allow("free").on("free.*").rule(),
                allow("late").on("late.*").delay(Duration.ofMinutes(5)).rule(),
                hold("people").on("held.*").rule(),
                deny("shut").on("shut.*").rule());
    }

    /// Executes and proposes under rules that are stricter for a while.
    private void tighten() {
        rig.rules(
                random.nextBoolean()
                        ? deny("now").on("*.*").rule()
                        : clarify("now").on("*.*").rule(),
                hold("people").on("held.*").rule());
        any(calls).ifPresent(call -> note(rig.execute(call)));
        propose();
        usual(rig);
    }

    /// The upstream: an effect for every request that reaches it, checked against what is durable at that moment.
    private synchronized Outcome effect(DecisionRequest request) {
        effects.incrementAndGet();
        String call = request.call().value();
        if (!intentIsDurable(call)) breaches.add("unjournaledNeverRuns");
        if (runsByCall.merge(call, 1, Integer::sum) > 1) breaches.add("oneLeaseOneRun");
        boolean undoes = request.context().purpose() == Purpose.UNDO;
        if (undoes && !undoIsDurable(call)) breaches.add("undoIsACall");
        if (!undoes && isStopped(request)) breaches.add("stopTrumpsEverything");
        if (!judgedArguments(call).equals(text(request.action().arguments()))) breaches.add("judgedIsForwarded");
        return switch (random.nextInt(6)) {
            case 0 -> new Outcome.Lost(ProblemType.UPSTREAM_TIMEOUT, "no answer");
            case 1 -> new Outcome.NotRun(ProblemType.UPSTREAM_FAILED, "not reached");
            default -> {
                boolean ok = random.nextBoolean();
                if (!undoes && (ok || random.nextBoolean())) left.add(request.call());
                if (undoes && ok)
                    left.remove(
                            new CallId(request.action().arguments().text("back").orElseThrow()));
                yield new Outcome.Answered(JsonObject.with("text", "done").build(), ok);
            }
        };
    }

    private boolean intentIsDurable(String call) {
        try {
            var query = new Store.Query(call, null, null, null, null, "decided");
            return store.search(query, Long.MAX_VALUE, 100).stream()
                    .map(found -> (JsonObject) StrictJson.parse(found.bytes()))
                    .anyMatch(entry -> entry.text("status").orElse("").equals("running"));
        } catch (IOException closed) {
            throw new IllegalStateException(closed);
        }
    }

    /// A decision that permits the call, by an operator, and names what it takes back.
    private boolean undoIsDurable(String call) {
        try {
            var query = new Store.Query(call, null, "operator:otto", null, null, "decided");
            return store.search(query, Long.MAX_VALUE, 100).stream()
                    .map(found -> (JsonObject) StrictJson.parse(found.bytes()))
                    .anyMatch(
                            entry -> entry.has("undoes") && entry.text("status").equals(Optional.of("running")));
        } catch (IOException closed) {
            throw new IllegalStateException(closed);
        }
    }

    private String judgedArguments(String call) {
        return rig.journal.body(call + "/arguments").map(Played::text).orElse("none");
    }

    private static String text(dev.guardrail.base.Json json) {
        return new String(JsonWriter.bytes(json), StandardCharsets.UTF_8);
    }

    private void step() {
        switch (random.nextInt(18)) {
            case 0, 1, 2, 3 -> propose();
            case 4 -> vote(true);
            case 5 -> vote(false);
            case 6 -> any(calls).ifPresent(call -> note(rig.execute(call)));
            case 7 -> any(holds).ifPresent(this::race);
            case 8 ->
                any(calls)
                        .ifPresent(
                                call -> rig.guard.report(Rig.CODER, call, random.nextBoolean(), Optional.empty(), ""));
            case 9 -> fault();
            case 10 -> restart();
            case 11 -> tighten();
            case 12 -> any(calls).ifPresent(call -> settleDoubt(call));
            case 13 -> stop();
            case 14 -> any(calls).ifPresent(this::withdraw);
            case 15, 16 -> any(calls).ifPresent(this::undo);
            default -> {
                rig.pass(Duration.ofMinutes(random.nextInt(40)));
                rig.runDue();
                rig.desk.expireDue();
                rig.recovery.sweep(rig.guard::runs);
            }
        }
    }

    /// Something is stopped for a while, at times beyond a restart; whoever was permitted before may still report.
    private void stop() {
        Scope scope = Scope.values()[random.nextInt(Scope.values().length)];
        Optional<String> subject = subject(scope);
        if (subject.isEmpty()) return;
        var stop = rig.kill.order(scope, subject.get(), "otto", "enough").stop();
        stops.put(stop.id(), stop);
        for (int i = 0; i < 3; i++) propose();
        any(calls).ifPresent(call -> note(rig.execute(call)));
        any(calls).ifPresent(call -> rig.guard.report(Rig.CODER, call, random.nextBoolean(), Optional.empty(), ""));
        if (random.nextInt(4) == 0) restart();
        rig.kill.lift(stop.id(), "otto");
        stops.remove(stop.id());
    }

    private Optional<String> subject(Scope scope) {
        String tool = TOOLS[random.nextInt(TOOLS.length)];
        return switch (scope) {
            case ALL -> Optional.of("");
            case AGENT -> Optional.of("coder");
            case SESSION ->
                any(calls)
                        .flatMap(call -> rig.journal.get(Kind.CALL, call.value()))
                        .map(document ->
                                CallRecord.of(document.value()).session().value());
            case TOOL -> Optional.of(tool);
            case SERVER -> Optional.of(tool.substring(0, tool.indexOf('.')));
        };
    }

    /// True where a stop binds the call that was ordered before and is not lifted.
    private boolean isStopped(DecisionRequest request) {
        String session = rig.journal
                .get(Kind.CALL, request.call().value())
                .map(document -> CallRecord.of(document.value()).session().value())
                .orElse("");
        var tool = request.action().tool();
        return stops.values().stream().anyMatch(stop -> switch (stop.scope()) {
            case ALL -> true;
            case AGENT -> stop.subject().equals(request.subject().agent());
            case SESSION -> stop.subject().equals(session);
            case TOOL -> stop.subject().equals(tool.toString());
            case SERVER -> stop.subject().equals(tool.server());
        });
    }

    private void propose() {
        var arguments = JsonObject.with("to", random.nextBoolean() ? "a" : "b").with("n", random.nextInt(2));
        var run = random.nextInt(4) == 0 ? Run.CALLER : Run.GUARD;
        note(rig.propose(rig.proposal(
                Rig.CODER, TOOLS[random.nextInt(TOOLS.length)], arguments.build(), run, Optional.empty())));
    }

    private void note(Reply reply) {
        switch (reply) {
            case Reply.Ran ran -> {
                calls.add(ran.call().id());
                acknowledged.add(ran.call().id());
            }
            case Reply.Held held -> {
                calls.add(held.call().id());
                holds.add(held);
            }
            case Reply.Queued queued -> calls.add(queued.call().id());
            case Reply.Permitted permitted -> calls.add(permitted.call().id());
            case Reply.Faulted faulted -> calls.add(faulted.call().id());
            case Reply.Refused refused -> calls.add(refused.call().id());
            case Reply.Present present -> calls.add(present.call().id());
            case Reply.Asked asked -> calls.add(asked.call().id());
            case Reply.Broken broken -> {}
        }
    }

    private void settleDoubt(CallId call) {
        if (random.nextBoolean()) rig.guard.cancel(Rig.CODER, call);
        rig.guard.report(Rig.OTTO, call, random.nextBoolean(), Optional.empty(), "");
    }

    /// Somebody takes a call back, now and then while it is due.
    private void withdraw(CallId call) {
        var who = random.nextBoolean() ? Rig.CODER : Rig.OTTO;
        if (random.nextBoolean()) {
            rig.guard.withdraw(who, call, "");
            return;
        }
        rig.pass(Duration.ofMinutes(6));
        var together = new CyclicBarrier(2);
        try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
            pool.submit(() -> {
                together.await();
                return rig.guard.withdraw(who, call, "because");
            });
            pool.submit(() -> {
                together.await();
                return rig.runDue();
            });
        }
    }

    /// What takes a call back is a call too: it may come to any end, and an operator may have to tell which.
    private void undo(CallId call) {
        boolean undoes = rig.journal
                .get(Kind.CALL, call.value())
                .filter(document -> CallRecord.of(document.value()).purpose() == Purpose.UNDO)
                .isPresent();
        if (undoes) return;
        for (int attempt = 0; attempt < 3; attempt++) {
            var wish = new Undoing.Wish(Rig.OTTO, random.nextInt(4) == 0, "wrong");
            for (UndoStep step : rig.guard.undoing().call(call, wish).steps())
                step.by().ifPresent(calls::add);
        }
    }

    private void vote(boolean approve) {
        any(holds).ifPresent(held -> {
            if (approve && random.nextBoolean()) awaited(held);
            else if (approve) rig.approve(random.nextBoolean() ? Rig.BOB : Rig.CAROL, held);
            else rig.deny(Rig.BOB, held, "no");
        });
    }

    /// A vote on a call whose client waits to run it, or has just left.
    private void awaited(Reply.Held held) {
        boolean left = random.nextInt(4) == 0;
        CallId call = held.call().id();
        var attendance = Attendance.silent(Duration.ofSeconds(20));
        try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
            pool.submit(() -> rig.guard.finish(Rig.CODER, call, Duration.ofSeconds(20), () -> left, attendance));
            rig.approve(Rig.BOB, held);
            rig.guard.cancel(Rig.CODER, call); // ends the waiting, should the vote not have done so
        }
    }

    /// Four executors at one approved call, let go together.
    private void race(Reply.Held held) {
        rig.approve(Rig.CAROL, held);
        planted.raced().accept(held.call().id());
        var together = new CyclicBarrier(4);
        try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 4; i++)
                pool.submit(() -> {
                    together.await();
                    return rig.execute(held.call().id());
                });
        }
    }

    private void fault() {
        store.breakDown(
                random.nextBoolean() ? MemoryStore.Fault.UNKNOWN : MemoryStore.Fault.REFUSED, random.nextInt(3));
        propose();
        any(calls).ifPresent(call -> note(rig.execute(call)));
        store.mend();
    }

    private void restart() {
        store.mend();
        long millis = rig.millis.get();
        long nanos = rig.nanos.get();
        rig.close();
        store = store.reopen();
        // Now and then the clock stands before the log's latest entry at first.
        rig = start(random.nextInt(4) == 0 ? millis - 3_600_000 : millis, nanos + 1);
        rig.millis.set(millis);
        for (CallId call : acknowledged) if (!ended(call)) breaches.add("acknowledgedIsKept");
    }

    private boolean ended(CallId call) {
        return rig.journal
                .get(Kind.CALL, call.value())
                .map(document -> CallRecord.of(document.value()).status())
                .filter(ENDS::contains)
                .isPresent();
    }

    private <T> Optional<T> any(List<T> some) {
        return some.isEmpty() ? Optional.empty() : Optional.of(some.get(random.nextInt(some.size())));
    }

    /// What is left of the life: its log and its documents.
    MemoryStore remains() {
        return store;
    }

    private void close() {
        rig.close();
    }
}
