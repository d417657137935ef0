package dev.guardrail.server.crash;

import dev.guardrail.approval.ApprovalDesk;
import dev.guardrail.base.IdSource;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.Caller;
import dev.guardrail.call.DecisionRequest;
import dev.guardrail.call.PathFacts;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.call.ToolName;
import dev.guardrail.journal.AesSeal;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Document;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.Kind;
import dev.guardrail.journal.LogId;
import dev.guardrail.journal.Notary;
import dev.guardrail.journal.Recovery;
import dev.guardrail.journal.Store;
import dev.guardrail.outbox.Outbox;
import dev.guardrail.pipeline.Around;
import dev.guardrail.pipeline.Attendance;
import dev.guardrail.pipeline.Catalogue;
import dev.guardrail.pipeline.GuardedPath;
import dev.guardrail.pipeline.Outcome;
import dev.guardrail.pipeline.Runner;
import dev.guardrail.pipeline.Witness;
import dev.guardrail.policy.DecisionPoint;
import dev.guardrail.policy.Layer;
import dev.guardrail.policy.PolicySet;
import dev.guardrail.proof.Ed25519Signer;
import dev.guardrail.registry.SessionRegistry;
import dev.guardrail.server.store.SqliteStore;
import dev.guardrail.server.store.UnsyncedStore;
import dev.guardrail.stop.Stops;
import dev.guardrail.testing.Calls;
import dev.guardrail.testing.RuleDraft;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The real guard on the real store, started as a server starts it, with an [Upstream] behind it. A bug may be planted.
final class CrashGuard implements AutoCloseable {
    static final Caller BOB =
            new Caller(Caller.Kind.OPERATOR, "bob", Set.of("approver"), Set.of(), Set.of(), Optional.empty());

    static final AesSeal SEAL = new AesSeal(new byte[AesSeal.KEY_BYTES], new SecureRandom());
    static final Ed25519Signer SIGNER = Ed25519Signer.of("crash", new byte[32]);

    /// Longest that the upstream takes before and after its effect, so that kills find calls in every state.
    private static final long DAWDLE_NANOS = 5_000_000;

    /// Longer than a life lasts at times, so that kills find calls in the outbox.
    private static final Duration DELAY = Duration.ofMillis(300);

    private static final Map<ToolName, ToolDefinition> TOOLS = Stream.of("up.pay", "up.ask", "up.never", "up.later")
            .map(Calls::tool)
            .collect(Collectors.toUnmodifiableMap(ToolDefinition::name, Function.identity()));
    private static final DecisionPoint POLICY = new DecisionPoint(new PolicySet(
            List.of(new Layer(
                    "main",
                    false,
                    List.of(
                            RuleDraft.allow("pays").on("up.pay").rule(),
                            RuleDraft.allow("later").on("up.later").delay(DELAY).rule(),
                            RuleDraft.hold("asks").on("up.ask").rule(),
                            RuleDraft.deny("never").on("up.never").rule()))),
            Sha256.of(new byte[] {1})));

    final Store store;
    final Journal journal;
    final Notary notary;
    final ApprovalDesk desk;
    final Outbox outbox;
    private final ExecutorService runners = Executors.newFixedThreadPool(
            4, Thread.ofVirtual().name("outbox-run-", 0).factory());
    final GuardedPath guard;
    final Recovery.Settled settled;
    private final Plant plant;
    private final Upstream upstream;

    /// Starts the guard: opens the store, checks the log against what was signed, brings lost calls to an end.
    ///
    /// @param home holds the store, and beside it the latest head
    /// @param acknowledge where a planted bug tells too early
    static CrashGuard start(Path home, Path world, Plant plant, Consumer<CallRecord> acknowledge) throws IOException {
        var upstream = new Upstream(world);
        var store = open(home, plant, upstream, acknowledge);
        try {
            return new CrashGuard(home, store, upstream, plant);
        } catch (RuntimeException refused) {
            store.close();
            upstream.close();
            throw refused;
        }
    }

    private static Store open(Path home, Plant plant, Upstream upstream, Consumer<CallRecord> acknowledge)
            throws IOException {
        return switch (plant) {
            case NONE, RERUN -> open(home);
            case EXECUTE_FIRST -> PlantedStore.executingFirst(open(home), upstream);
            case ACKNOWLEDGE_FIRST -> PlantedStore.acknowledgingFirst(open(home), acknowledge);
            case UNSYNCED -> UnsyncedStore.open(home.resolve("data"));
        };
    }

    private CrashGuard(Path home, Store store, Upstream upstream, Plant plant) {
        this.plant = plant;
        this.store = store;
        this.upstream = upstream;
        journal = new Journal(store, SEAL, InstantSource.system(), System::nanoTime);
        notary = Notary.open(journal, new FileHeads(home.resolve("head")), SIGNER);
        if (plant == Plant.RERUN) rerun();
        settled = new Recovery(journal).start();
        var ids = IdSource.of(InstantSource.system(), new SecureRandom());
        desk = new ApprovalDesk(journal, ids, () -> List.of(BOB));
        outbox = new Outbox(journal, runners);
        guard = new GuardedPath(new GuardedPath.Parts(
                journal,
                ids,
                new SessionRegistry(journal, ids, new SecureRandom()),
                desk,
                new Stops(journal, ids),
                outbox,
                () -> POLICY,
                new Tools(),
                agent -> Set.of("developer"),
                (tool, arguments) -> Optional.empty(),
                (tool, arguments) -> PathFacts.NONE,
                json -> json,
                runner(),
                Around.NOTHING,
                Witness.NONE));
        desk.start();
    }

    /// How many of these calls had been put off.
    int delayed(List<String> some) {
        return (int) some.stream()
                .flatMap(call -> journal.get(Kind.CALL, call).stream())
                .filter(document -> CallRecord.of(document.value()).queued().isPresent())
                .count();
    }

    /// Runs what is queued, from now on; whoever only looks at what a kill left does not.
    void runQueued() {
        outbox.start(guard::runQueued);
    }

    private static Store open(Path home) throws IOException {
        return SqliteStore.open(home.resolve("data"), LogId.EMBEDDED, System::nanoTime);
    }

    private Runner runner() {
        return (lease, request, attendance) -> {
            dawdle();
            if (plant != Plant.EXECUTE_FIRST) effect(request);
            dawdle();
            return new Outcome.Answered(JsonObject.with("text", "done").build(), true);
        };
    }

    private void effect(DecisionRequest request) {
        upstream.run(request.call().value());
    }

    /// What a caller does with a permit.
    void run(CallRecord permitted) {
        upstream.run(permitted.id().value());
    }

    static void dawdle() {
        LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(DAWDLE_NANOS));
    }

    private void rerun() {
        for (Document lost : journal.find(Kind.CALL, new Document.Tags(null, "running", null), "", 1_000))
            upstream.run(lost.key());
    }

    private record Tools() implements Catalogue {
        @Override
        public Optional<ToolDefinition> find(ToolName name) {
            return Optional.ofNullable(TOOLS.get(name));
        }

        @Override
        public List<ToolDefinition> list(String server) {
            return List.copyOf(TOOLS.values());
        }
    }

    @Override
    public void close() throws IOException {
        outbox.close();
        runners.shutdown();
        guard.close();
        desk.close();
        store.close();
        upstream.close();
    }

    static Attendance attendance() {
        return Attendance.silent(Duration.ofSeconds(20));
    }
}
