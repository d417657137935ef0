package dev.guardrail.testing;

import dev.guardrail.approval.ApprovalDesk;
import dev.guardrail.approval.VoteResult;
import dev.guardrail.base.IdSource;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.base.ProblemType;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.CallId;
import dev.guardrail.call.Caller;
import dev.guardrail.call.DecisionRequest;
import dev.guardrail.call.PathFacts;
import dev.guardrail.call.Proposal;
import dev.guardrail.call.Run;
import dev.guardrail.call.SessionId;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.call.ToolName;
import dev.guardrail.journal.AesSeal;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.Lease;
import dev.guardrail.journal.Recovery;
import dev.guardrail.journal.Store;
import dev.guardrail.outbox.Outbox;
import dev.guardrail.pipeline.Agents;
import dev.guardrail.pipeline.Around;
import dev.guardrail.pipeline.Attendance;
import dev.guardrail.pipeline.Catalogue;
import dev.guardrail.pipeline.Confiner;
import dev.guardrail.pipeline.Guard;
import dev.guardrail.pipeline.GuardedPath;
import dev.guardrail.pipeline.Outcome;
import dev.guardrail.pipeline.Reply;
import dev.guardrail.pipeline.Retries;
import dev.guardrail.pipeline.Runner;
import dev.guardrail.pipeline.Witness;
import dev.guardrail.policy.DecisionPoint;
import dev.guardrail.policy.Layer;
import dev.guardrail.policy.PolicySet;
import dev.guardrail.policy.Rule;
import dev.guardrail.registry.SessionRegistry;
import dev.guardrail.stop.KillSwitch;
import dev.guardrail.stop.Stops;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;

/// A whole guard on one store, with a recording upstream and hand-moved clocks: what tests of the path drive.
public final class Rig implements AutoCloseable {
    public static final Caller CODER =
            new Caller(Caller.Kind.AGENT, "coder", Set.of(), Set.of(), Set.of(), Optional.empty());
    public static final Caller APP =
            new Caller(Caller.Kind.HOST, "app", Set.of(), Set.of(), Set.of("coder"), Optional.empty());
    public static final Caller BOB = operator("bob", Set.of("approver"));
    public static final Caller CAROL = operator("carol", Set.of("approver"));
    public static final Caller OTTO = operator("otto", Set.of("admin"));
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    public final AtomicLong millis;
    public final AtomicLong nanos = new AtomicLong();
    public final Store store;
    public final Journal journal;
    public final ApprovalDesk desk;
    public final Outbox outbox;
    public final SessionRegistry sessions;
    public final GuardedPath guard;
    public final Recovery recovery;
    public final KillSwitch kill;
    private final AtomicReference<DecisionPoint> policies = new AtomicReference<>(new DecisionPoint(PolicySet.EMPTY));
    private final Map<ToolName, ToolDefinition> tools = new LinkedHashMap<>();
    private final Set<String> removed = ConcurrentHashMap.newKeySet();
    private final List<String> ran = Collections.synchronizedList(new ArrayList<>());
    private final List<String> looked = Collections.synchronizedList(new ArrayList<>());
    private final AtomicReference<Function<DecisionRequest, Outcome>> sight = new AtomicReference<>(
            question -> new Outcome.NotRun(ProblemType.UPSTREAM_FAILED, "nothing can be looked at in this test"));
    private final AtomicReference<Function<DecisionRequest, Outcome>> upstream = new AtomicReference<>(
            request -> new Outcome.Answered(JsonObject.with("text", "done").build(), true));
    private final AtomicReference<Confiner> confiner = new AtomicReference<>(Confiner.NONE);
    private volatile int tries = 1;

    public Rig(Store store) {
        this(store, runner -> runner);
    }

    /// @param around wraps the recording upstream, for planted faults
    public Rig(Store store, Function<Runner, Runner> around) {
        this(store, around, Instant.parse("2026-01-01T12:00:00Z").toEpochMilli());
    }

    /// @param start what the wall clock shows, in milliseconds since 1970
    public Rig(Store store, Function<Runner, Runner> around, long start) {
        this.store = store;
        this.millis = new AtomicLong(start);
        var key = new byte[32];
        this.journal = new Journal(store, new AesSeal(key, new SecureRandom()), this::now, nanos::get);
        var ids = IdSource.of(this::now, new SecureRandom());
        this.desk = new ApprovalDesk(journal, ids, () -> List.of(BOB, CAROL, OTTO));
        this.sessions = new SessionRegistry(journal, ids, new Random(1));
        this.recovery = new Recovery(journal);
        var stops = new Stops(journal, ids);
        this.outbox = new Outbox(journal, Runnable::run);
        this.guard = new GuardedPath(new GuardedPath.Parts(
                journal,
                ids,
                sessions,
                desk,
                stops,
                outbox,
                policies::get,
                catalogue(),
                agents(),
                (tool, arguments) -> arguments.has("misfit") ? Optional.of("`misfit` is not known") : Optional.empty(),
                (tool, arguments) -> PathFacts.NONE,
                json -> json.toString().contains("s3cret")
                        ? JsonObject.with("redacted", "yes").build()
                        : json,
                around.apply(this::run),
                this::look,
                request -> confiner.get().objection(request),
                retries(),
                Around.NOTHING,
                Witness.NONE));
        this.kill = new KillSwitch(journal, stops, desk, outbox, sessions, guard);
        desk.start();
    }

    private Retries retries() {
        return new Retries() {
            @Override
            public <T> T of(Supplier<T> attempt, Predicate<? super T> again) {
                T result = attempt.get();
                for (int more = tries; more > 1 && again.test(result); more--) result = attempt.get();
                return result;
            }
        };
    }

    /// What may be tried again is tried so often, without a pause.
    public Rig trying(int times) {
        tries = times;
        return this;
    }

    private static Caller operator(String name, Set<String> roles) {
        return new Caller(Caller.Kind.OPERATOR, name, roles, Set.of(), Set.of(), Optional.empty());
    }

    private Agents agents() {
        return new Agents() {
            @Override
            public Set<String> roles(String agent) {
                return Set.of("developer");
            }

            @Override
            public boolean isKnown(String agent) {
                return !removed.contains(agent);
            }
        };
    }

    /// The operator takes an agent out of the configuration.
    public Rig remove(String agent) {
        removed.add(agent);
        return this;
    }

    /// Hands on what is due in the outbox, and waits for it.
    ///
    /// @return how many were handed on
    public int runDue() {
        return outbox.runDue(guard::runQueued);
    }

    private Instant now() {
        return Instant.ofEpochMilli(millis.get());
    }

    private Catalogue catalogue() {
        return new Catalogue() {
            @Override
            public Optional<ToolDefinition> find(ToolName name) {
                return Optional.ofNullable(tools.get(name));
            }

            @Override
            public List<ToolDefinition> list(String server) {
                return tools.values().stream()
                        .filter(tool -> tool.name().server().equals(server))
                        .toList();
            }
        };
    }

    private Outcome run(Lease lease, DecisionRequest request, Attendance attendance) {
        ran.add(request.action().tool() + " " + request.action().arguments());
        return upstream.get().apply(request);
    }

    private Outcome look(DecisionRequest question, Duration atMost) {
        looked.add(question.action().tool() + " " + question.action().arguments());
        return sight.get().apply(question);
    }

    /// Sets what is seen from now on where the guard looks by itself.
    public Rig sight(Function<DecisionRequest, Outcome> answers) {
        sight.set(answers);
        return this;
    }

    /// Sets what can be held to sandbox profiles from now on.
    public Rig confiner(Confiner some) {
        confiner.set(some);
        return this;
    }

    /// What the guard looked at by itself, in order: tool and arguments.
    public List<String> looked() {
        return List.copyOf(looked);
    }

    /// Puts rules into force; a new set, as a reload does.
    public Rig rules(Rule... rules) {
        var version = Sha256.of(new JsonText(List.of(rules).toString()));
        policies.set(new DecisionPoint(new PolicySet(List.of(new Layer("main", false, List.of(rules))), version)));
        return this;
    }

    public Rig tool(ToolDefinition tool) {
        tools.put(tool.name(), tool);
        return this;
    }

    public Rig tool(String name) {
        return tool(Calls.tool(name));
    }

    /// Sets what the upstream answers from now on.
    public Rig upstream(Function<DecisionRequest, Outcome> answers) {
        upstream.set(answers);
        return this;
    }

    /// What reached the upstream, in order: tool and arguments.
    public List<String> ran() {
        return List.copyOf(ran);
    }

    /// Moves both clocks.
    public Rig pass(Duration time) {
        millis.addAndGet(time.toMillis());
        nanos.addAndGet(time.toNanos());
        return this;
    }

    public Proposal proposal(Caller caller, String tool, JsonObject arguments, Run run, Optional<SessionId> session) {
        return new Proposal(caller, session, "test", ToolName.parse(tool), arguments, "", run);
    }

    /// Proposes as the agent, to be run by the guard.
    public Reply propose(String tool, JsonObject arguments) {
        return propose(proposal(CODER, tool, arguments, Run.GUARD, Optional.empty()));
    }

    public Reply propose(Proposal proposal) {
        return guard.propose(proposal, Optional.empty(), Attendance.silent(PATIENCE));
    }

    public Reply propose(Proposal proposal, Guard.IdempotencyKey key) {
        return guard.propose(proposal, Optional.of(key), Attendance.silent(PATIENCE));
    }

    public Reply execute(CallId call) {
        return guard.execute(CODER, call, Attendance.silent(PATIENCE));
    }

    public VoteResult approve(Caller voter, Reply.Held held) {
        return desk.approve(voter, held.pending().ticket(), held.call().argumentsDigest(), "", Optional.empty());
    }

    public VoteResult deny(Caller voter, Reply.Held held, String reason) {
        return desk.deny(voter, held.pending().ticket(), reason);
    }

    @Override
    public void close() {
        outbox.close();
        guard.close();
        desk.close();
    }
}
