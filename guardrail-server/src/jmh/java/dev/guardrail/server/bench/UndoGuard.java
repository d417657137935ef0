package dev.guardrail.server.bench;

import dev.guardrail.approval.ApprovalDesk;
import dev.guardrail.base.IdSource;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.Caller;
import dev.guardrail.call.DecisionRequest;
import dev.guardrail.call.PathFacts;
import dev.guardrail.call.Proposal;
import dev.guardrail.call.Run;
import dev.guardrail.call.SessionId;
import dev.guardrail.call.Template;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.call.ToolEffect;
import dev.guardrail.call.ToolName;
import dev.guardrail.call.UndoHook;
import dev.guardrail.journal.AesSeal;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.LogId;
import dev.guardrail.outbox.Outbox;
import dev.guardrail.pipeline.Around;
import dev.guardrail.pipeline.Attendance;
import dev.guardrail.pipeline.Catalogue;
import dev.guardrail.pipeline.GuardedPath;
import dev.guardrail.pipeline.Outcome;
import dev.guardrail.pipeline.Reply;
import dev.guardrail.pipeline.Retries;
import dev.guardrail.pipeline.Undoing;
import dev.guardrail.pipeline.Witness;
import dev.guardrail.policy.DecisionPoint;
import dev.guardrail.policy.Layer;
import dev.guardrail.policy.PolicySet;
import dev.guardrail.registry.SessionRegistry;
import dev.guardrail.server.store.SqliteStore;
import dev.guardrail.stop.Stops;
import dev.guardrail.testing.Calls;
import dev.guardrail.testing.RuleDraft;
import dev.guardrail.undo.UndoPart;
import dev.guardrail.undo.UndoPlan;
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
import java.util.concurrent.locks.LockSupport;

/// The guard's own path on its own store, with cells that a tool sets and another one reads, each in a given time.
final class UndoGuard implements AutoCloseable {
    private static final Caller ANN =
            new Caller(Caller.Kind.OPERATOR, "ann", Set.of("admin"), Set.of(), Set.of(), Optional.empty());
    private static final ToolName SET = ToolName.parse("up.set");
    private static final ToolName GET = ToolName.parse("up.get");
    private static final DecisionPoint POLICY = new DecisionPoint(new PolicySet(
            List.of(new Layer(
                    "main", false, List.of(RuleDraft.allow("any").on("up.set").rule()))),
            Sha256.of(new byte[] {1})));

    private final ApprovalDesk desk;
    private final GuardedPath guard;
    private final SqliteStore store;
    private final Map<String, String> cells = new ConcurrentHashMap<>();
    private final AtomicInteger series = new AtomicInteger();
    private final Duration time;

    /// @param time that the upstream takes for each call
    UndoGuard(Path home, Duration time) throws IOException {
        this.time = time;
        store = SqliteStore.open(home.resolve("data"), LogId.EMBEDDED, System::nanoTime);
        var seal = new AesSeal(new byte[AesSeal.KEY_BYTES], new SecureRandom());
        var journal = new Journal(store, seal, InstantSource.system(), System::nanoTime);
        var ids = IdSource.of(InstantSource.system(), new SecureRandom());
        desk = new ApprovalDesk(journal, ids, () -> List.of(ANN));
        desk.start();
        guard = new GuardedPath(new GuardedPath.Parts(
                journal,
                ids,
                new SessionRegistry(journal, ids, new SecureRandom()),
                desk,
                new Stops(journal, ids),
                new Outbox(journal, Runnable::run),
                () -> POLICY,
                new Tools(Map.of(SET, tool(SET, Optional.of(hook())), GET, tool(GET, Optional.empty()))),
                agent -> Set.of("developer"),
                (tool, arguments) -> Optional.empty(),
                (tool, arguments) -> PathFacts.NONE,
                json -> json,
                (lease, request, attendance) -> answer(request),
                (question, atMost) -> answer(question),
                Retries.NONE,
                Around.NOTHING,
                Witness.NONE));
    }

    private record Tools(Map<ToolName, ToolDefinition> tools) implements Catalogue {
        @Override
        public Optional<ToolDefinition> find(ToolName name) {
            return Optional.ofNullable(tools.get(name));
        }

        @Override
        public List<ToolDefinition> list(String server) {
            return List.copyOf(tools.values());
        }
    }

    private static ToolDefinition tool(ToolName name, Optional<UndoHook> undo) {
        ToolDefinition plain = Calls.tool(name.toString());
        return new ToolDefinition(
                name,
                plain.definition(),
                Optional.empty(),
                name.equals(GET) ? ToolEffect.READ : ToolEffect.WRITE,
                Set.of(),
                Set.of(),
                false,
                false,
                plain.digest(),
                undo);
    }

    private static UndoHook hook() {
        var cell = new Template(JsonObject.with("cell", "${args.cell}").build());
        var look = Optional.of(new UndoHook.Look(GET, cell, Optional.empty()));
        var back = new UndoHook.Act(
                SET,
                new Template(JsonObject.with("cell", "${args.cell}")
                        .with("to", "${before.content[0].text}")
                        .build()));
        var names = JsonObject.with(UndoHook.NAMES, JsonArray.ofTexts(List.of("${args.cell}")))
                .build();
        return new UndoHook(
                        look,
                        Optional.of(back),
                        Optional.empty(),
                        look,
                        UndoHook.KEPT,
                        Optional.empty(),
                        Optional.empty())
                .about(Optional.of(new Template(names)));
    }

    /// What the upstream does by itself, without a guard.
    private Outcome answer(DecisionRequest request) {
        if (!time.isZero()) LockSupport.parkNanos(time.toNanos());
        JsonObject arguments = request.action().arguments();
        String cell = arguments.text("cell").orElseThrow();
        if (request.action().tool().equals(SET))
            cells.put(cell, arguments.text("to").orElseThrow());
        var text = JsonObject.with("type", "text")
                .with("text", cells.getOrDefault(cell, "nothing"))
                .build();
        return new Outcome.Answered(
                JsonObject.with("content", new JsonArray(List.of(text))).build(), true);
    }

    /// A call past the guard.
    void direct(String cell, String to) {
        answer(Calls.request(Calls.tool("up.set"), Calls.CODER, arguments(cell, to)));
    }

    /// @param agent whose session it belongs to
    SessionId set(int agent, String cell, String to) {
        Reply reply = guard.propose(
                new Proposal(
                        DeskGuard.agent(agent),
                        Optional.empty(),
                        "bench",
                        SET,
                        arguments(cell, to),
                        "It is due.",
                        Run.GUARD),
                Optional.empty(),
                Attendance.silent(Duration.ofSeconds(20)));
        if (reply instanceof Reply.Ran(var call, var result, boolean ok, boolean replayed) && ok) return call.session();
        throw new IllegalStateException("did not run: " + reply);
    }

    private static JsonObject arguments(String cell, String to) {
        return JsonObject.with("cell", cell).with("to", to).build();
    }

    /// @param most calls, the last ones first
    void undo(SessionId session, int most) {
        UndoPlan undone =
                guard.undoing().session(session, new UndoPart.All(), new Undoing.Wish(ANN, false, "a benchmark", most));
        long done =
                undone.steps().stream().filter(step -> step.by().isPresent()).count();
        if (done != most) throw new IllegalStateException(done + " of " + most + " were undone");
    }

    /// A number that was not given before.
    int series() {
        return series.incrementAndGet();
    }

    String cell(String name) {
        return cells.getOrDefault(name, "nothing");
    }

    @Override
    public void close() throws IOException {
        guard.close();
        desk.close();
        store.close();
    }
}
