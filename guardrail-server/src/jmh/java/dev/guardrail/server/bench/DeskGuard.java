package dev.guardrail.server.bench;

import dev.guardrail.approval.ApprovalDesk;
import dev.guardrail.approval.DeskEvent;
import dev.guardrail.approval.VoteResult;
import dev.guardrail.base.IdSource;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.CallId;
import dev.guardrail.call.Caller;
import dev.guardrail.call.PathFacts;
import dev.guardrail.call.Proposal;
import dev.guardrail.call.Run;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.call.ToolName;
import dev.guardrail.journal.AesSeal;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.LogId;
import dev.guardrail.journal.Recovery;
import dev.guardrail.outbox.Outbox;
import dev.guardrail.pipeline.Around;
import dev.guardrail.pipeline.Attendance;
import dev.guardrail.pipeline.Catalogue;
import dev.guardrail.pipeline.GuardedPath;
import dev.guardrail.pipeline.Outcome;
import dev.guardrail.pipeline.Reply;
import dev.guardrail.pipeline.Witness;
import dev.guardrail.policy.DecisionPoint;
import dev.guardrail.policy.Layer;
import dev.guardrail.policy.PolicySet;
import dev.guardrail.registry.SessionRegistry;
import dev.guardrail.server.store.SqliteStore;
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
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// The guard's own path on its own store, with one tool that always waits for people and an upstream that notes when a
/// call reaches it.
final class DeskGuard implements AutoCloseable {
    private static final Caller BOB =
            new Caller(Caller.Kind.OPERATOR, "bob", Set.of("approver"), Set.of(), Set.of(), Optional.empty());
    private static final ToolDefinition TOOL = Calls.tool("up.ask");
    private static final DecisionPoint POLICY = new DecisionPoint(new PolicySet(
            List.of(new Layer(
                    "main", false, List.of(RuleDraft.hold("asks").on("up.ask").rule()))),
            Sha256.of(new byte[] {1})));

    final ApprovalDesk desk;
    final GuardedPath guard;
    final AtomicInteger floods = new AtomicInteger();

    /// What ending what a crash left, and arming everything that is open, took.
    final Duration armed;

    private final SqliteStore store;
    private final Map<CallId, Long> reached = new ConcurrentHashMap<>();

    DeskGuard(Path home) throws IOException {
        store = SqliteStore.open(home.resolve("data"), LogId.EMBEDDED, System::nanoTime);
        var seal = new AesSeal(new byte[AesSeal.KEY_BYTES], new SecureRandom());
        var journal = new Journal(store, seal, InstantSource.system(), System::nanoTime);
        long start = System.nanoTime();
        new Recovery(journal).start();
        var ids = IdSource.of(InstantSource.system(), new SecureRandom());
        desk = new ApprovalDesk(journal, ids, () -> List.of(BOB));
        desk.listen(event -> {
            if (event instanceof DeskEvent.Flooded) floods.incrementAndGet();
        });
        desk.start();
        armed = Duration.ofNanos(System.nanoTime() - start);
        guard = new GuardedPath(new GuardedPath.Parts(
                journal,
                ids,
                new SessionRegistry(journal, ids, new SecureRandom()),
                desk,
                new Stops(journal, ids),
                new Outbox(journal, Runnable::run),
                () -> POLICY,
                new Tools(),
                agent -> Set.of("developer"),
                (tool, arguments) -> Optional.empty(),
                (tool, arguments) -> PathFacts.NONE,
                json -> json,
                (lease, request, attendance) -> {
                    reached.put(request.call(), System.nanoTime());
                    return new Outcome.Answered(JsonObject.with("text", "done").build(), true);
                },
                Around.NOTHING,
                Witness.NONE));
    }

    private record Tools() implements Catalogue {
        @Override
        public Optional<ToolDefinition> find(ToolName name) {
            return Optional.of(TOOL).filter(tool -> tool.name().equals(name));
        }

        @Override
        public List<ToolDefinition> list(String server) {
            return List.of(TOOL);
        }
    }

    static Caller agent(int number) {
        return new Caller(Caller.Kind.AGENT, "agent" + number, Set.of(), Set.of(), Set.of(), Optional.empty());
    }

    /// A call of about 300 bytes.
    Reply ask(Caller agent, int number) {
        var arguments = JsonObject.with("to", "customer-" + number + "@example.org")
                .with("subject", "Your invoice of November, number " + number)
                .with("body", "The amount of the invoice is due at the end of the month. ".repeat(4))
                .build();
        return guard.propose(
                new Proposal(agent, Optional.empty(), "bench", TOOL.name(), arguments, "It is due.", Run.GUARD),
                Optional.empty(),
                attendance());
    }

    static Attendance attendance() {
        return Attendance.silent(Duration.ofSeconds(20));
    }

    /// The one vote that it takes.
    void approve(Reply.Held held) {
        var result = desk.approve(BOB, held.pending().ticket(), held.call().argumentsDigest(), "", Optional.empty());
        if (!(result instanceof VoteResult.Closed)) throw new IllegalStateException("not approved: " + result);
    }

    /// When a call reached the upstream, on the ticker of the JVM.
    long reachedAt(CallId call) {
        return Optional.ofNullable(reached.get(call)).orElseThrow();
    }

    int reached() {
        return reached.size();
    }

    @Override
    public void close() throws IOException {
        guard.close();
        desk.close();
        store.close();
    }
}
