package dev.guardrail.pipeline;

import static dev.guardrail.testing.RuleDraft.allow;
import static dev.guardrail.testing.RuleDraft.deny;
import static dev.guardrail.testing.RuleDraft.hold;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.ProblemType;
import dev.guardrail.call.Caller;
import dev.guardrail.call.Run;
import dev.guardrail.call.SessionId;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.call.ToolEffect;
import dev.guardrail.call.ToolName;
import dev.guardrail.call.UndoHook;
import dev.guardrail.condition.CelConditions;
import dev.guardrail.condition.Condition;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Status;
import dev.guardrail.policy.Rule;
import dev.guardrail.registry.TooManyGenerations;
import dev.guardrail.testing.Calls;
import dev.guardrail.testing.MemoryStore;
import dev.guardrail.testing.Rig;
import dev.guardrail.testing.RuleDraft;
import dev.guardrail.testing.Shelf;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// How calls that cannot be taken back are counted, and what rules make of the number.
final class IrreversibleSpec {
    private static final JsonObject ARGS = Shelf.args("/a", "new");
    private static final Rule ANY = allow("any").on("*.*").rule();
    private static final Duration DELAY = Duration.ofMinutes(2);

    private final MemoryStore store = new MemoryStore();
    private final Shelf shelf = new Shelf();
    private Rig rig = start();

    @AfterEach
    void close() {
        rig.close();
    }

    private Rig start() {
        var read = Calls.tool("mail.read");
        return shelf.on(new Rig(store))
                .tool("mail.send")
                .tool(with(read, ToolEffect.READ, Optional.empty()))
                .rules(ANY, most(2));
    }

    private static ToolDefinition with(ToolDefinition tool, ToolEffect effect, Optional<UndoHook> undo) {
        return new ToolDefinition(
                tool.name(),
                tool.definition(),
                tool.inputSchema(),
                effect,
                tool.labels(),
                tool.taints(),
                tool.idempotent(),
                tool.callerRun(),
                tool.digest(),
                undo);
    }

    /// No more than so many: the next is denied.
    private static Rule most(int calls) {
        return when(deny("most").on("*.*"), "tool.effect != \"read\" && session.irreversible >= " + calls);
    }

    private static Rule when(RuleDraft draft, String source) {
        Condition condition =
                new CelConditions().compile(source, List.of()).condition().orElseThrow();
        return draft.when(condition, source).rule();
    }

    private static JsonObject to(String name) {
        return JsonObject.with("to", name).build();
    }

    private Reply send(String name) {
        return rig.propose("mail.send", to(name));
    }

    private Reply send(SessionId session, String name) {
        return rig.propose(rig.proposal(in(session), "mail.send", to(name), Run.GUARD, Optional.empty()));
    }

    private static Caller in(SessionId session) {
        return new Caller(Caller.Kind.AGENT, "coder", Set.of(), Set.of(), Set.of(), Optional.of(session));
    }

    private int counted() {
        return rig.sessions.implicit("coder", Optional.empty()).session().irreversible();
    }

    private static CallRecord ran(Reply reply) {
        return assertInstanceOf(Reply.Ran.class, reply, reply.toString()).call();
    }

    private static void refused(Reply reply) {
        assertInstanceOf(Reply.Refused.class, reply, reply.toString());
    }

    @Test
    void calls_that_cannot_be_taken_back_are_counted_and_the_next_one_is_judged_by_their_number() {
        assertTrue(ran(send("ann")).reversal().counted());
        ran(send("bob"));

        refused(send("carol"));

        assertEquals(2, counted());
        assertEquals(2, rig.ran().size());
        ran(rig.propose("mail.read", ARGS));
    }

    @Test
    void reads_and_what_can_be_put_back_are_not_counted() {
        rig.rules(ANY, most(1));
        ran(rig.propose("mail.read", ARGS));
        assertFalse(ran(rig.propose("files.write", ARGS)).reversal().counted());
        ran(rig.propose("files.write", Shelf.args("/b", "new")));
        assertEquals(0, counted());

        ran(send("ann"));

        refused(rig.propose("files.write", Shelf.args("/c", "new")));
    }

    @Test
    void a_call_whose_state_could_not_be_read_is_one_that_cannot_be_taken_back() {
        rig.rules(ANY, most(1)).sight(question -> new Outcome.NotRun(ProblemType.UPSTREAM_FAILED, "down"));

        assertTrue(ran(rig.propose("files.write", ARGS)).reversal().counted());

        refused(rig.propose("files.write", Shelf.args("/b", "new")));
    }

    @Test
    void a_correction_takes_nothing_back() {
        var hook = new UndoHook(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                UndoHook.KEPT,
                Optional.of("a sent message cannot be unsent"),
                Optional.of(new UndoHook.Act(
                        ToolName.parse("mail.send"), new dev.guardrail.call.Template(to("${args.to}")))));
        rig.tool(with(Calls.tool("mail.send"), ToolEffect.EXTERNAL, Optional.of(hook)));

        CallRecord call = ran(send("ann"));

        assertTrue(call.reversal().isPrepared(), "it can be put right");
        assertEquals(1, counted());
    }

    @Test
    void nothing_is_counted_while_no_rule_asks() {
        rig.rules(ANY);
        ran(send("ann"));
        assertEquals(0, counted());

        rig.rules(ANY, most(1));
        ran(send("bob"));

        refused(send("carol"));
    }

    @Test
    void a_rule_in_shadow_counts_too() {
        rig.rules(ANY, when(deny("most").on("*.*").shadow(), "session.irreversible >= 1"));

        ran(send("ann"));
        ran(send("bob"));

        assertEquals(2, counted());
    }

    @Test
    void what_is_refused_or_waits_is_not_counted_until_it_may_run() {
        rig.rules(ANY, hold("people").on("mail.send").rule(), most(1));
        var held = assertInstanceOf(Reply.Held.class, send("ann"));
        var other = assertInstanceOf(Reply.Held.class, send("bob"));
        assertEquals(0, counted());
        rig.approve(Rig.BOB, held);
        rig.approve(Rig.BOB, other);

        ran(rig.execute(held.call().id()));

        assertEquals(1, counted());
        refused(rig.execute(other.call().id()));
    }

    @Test
    void people_can_be_asked_for_more() {
        rig.rules(ANY, when(hold("more").on("mail.*"), "session.irreversible >= 1"));
        ran(send("ann"));
        var held = assertInstanceOf(Reply.Held.class, send("bob"));
        rig.approve(Rig.BOB, held);

        ran(rig.execute(held.call().id()));

        assertEquals(2, counted());
        assertInstanceOf(Reply.Held.class, send("carol"), "an approval is for one call");
    }

    @Test
    void of_two_at_once_one_passes_the_same_number() throws Exception {
        for (int round = 0; round < 20; round++) {
            var session = open(Optional.empty());
            List<Callable<Reply>> calls = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                String name = "a" + i;
                calls.add(() -> send(session, name));
            }
            int permitted = 0;
            try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
                for (var each : pool.invokeAll(calls)) if (each.get() instanceof Reply.Ran) permitted++;
            }
            assertEquals(2, permitted);
        }
    }

    /// Right between the decision on a call and its permit, another one is permitted.
    private void overtaken(SessionId session, SessionId other) {
        rig.rules(ANY, most(1));
        var first = new AtomicBoolean(true);
        rig.sight(question -> {
            if (first.getAndSet(false)) ran(send(other, "ann"));
            return new Outcome.NotRun(ProblemType.UPSTREAM_FAILED, "down");
        });

        refused(rig.propose(rig.proposal(in(session), "files.write", ARGS, Run.GUARD, Optional.empty())));

        assertFalse(first.get());
        assertEquals(List.of("mail.send " + to("ann")), rig.ran());
    }

    @Test
    void a_number_that_is_passed_between_decision_and_permit_is_judged_again() {
        var session = open(Optional.empty());
        overtaken(session, session);
    }

    @Test
    void a_number_that_another_session_of_the_same_parent_passes_is_judged_again() {
        var parent = open(Optional.empty());
        overtaken(open(Optional.of(parent)), open(Optional.of(parent)));
    }

    private SessionId open(Optional<SessionId> parent) {
        return rig.sessions
                .open("host:app", "coder", Optional.empty(), "task", parent)
                .session()
                .id();
    }

    @Test
    void nobody_starts_anew_by_opening_another_session() {
        ran(send("ann"));
        var own = rig.sessions
                .open("agent:coder", "coder", Optional.empty(), "", Optional.empty())
                .session()
                .id();
        ran(send(own, "bob"));

        refused(send(own, "carol"));
        refused(send("carol"));

        ran(send(open(Optional.empty()), "carol"));
    }

    /// Nine are followed to the first of them, and there is no tenth.
    @Test
    void nobody_gets_away_by_sessions_of_sessions() {
        SessionId first = opened(Optional.empty());
        SessionId last = first;
        for (int i = 0; i < 8; i++) last = opened(Optional.of(last));
        assertTrue(rig.sessions.origins(last).contains(first));
        SessionId deepest = last;
        assertThrows(TooManyGenerations.class, () -> opened(Optional.of(deepest)));
    }

    private SessionId opened(Optional<SessionId> parent) {
        return rig.sessions
                .open("agent:coder", "coder", Optional.empty(), "", parent)
                .session()
                .id();
    }

    @Test
    void the_number_survives_a_restart() {
        ran(send("ann"));
        ran(send("bob"));
        rig.close();
        rig = start();

        refused(send("carol"));

        ran(rig.propose("mail.read", ARGS));
    }

    @Test
    void a_call_in_doubt_is_counted_and_one_that_certainly_did_not_run_is_not() {
        rig.rules(ANY, most(1)).upstream(request -> new Outcome.NotRun(ProblemType.UPSTREAM_FAILED, "down"));
        var failed = assertInstanceOf(Reply.Faulted.class, send("ann"));
        assertFalse(failed.call().reversal().counted());
        assertEquals(0, counted());

        rig.upstream(request -> new Outcome.Lost(ProblemType.UPSTREAM_TIMEOUT, "late"));
        var lost = assertInstanceOf(Reply.Faulted.class, send("bob"));

        assertEquals(Status.IN_DOUBT, lost.call().status());
        assertEquals(1, counted());
        refused(send("carol"));
    }

    @Test
    void what_fails_is_counted_as_it_may_have_done_something() {
        rig.upstream(request -> new Outcome.Answered(JsonObject.EMPTY, false));

        assertInstanceOf(Reply.Ran.class, send("ann"));

        assertEquals(1, counted());
    }

    @Test
    void a_permit_of_its_caller_counts_and_does_not_stand_in_its_own_way() {
        rig.rules(ANY, most(1));
        var permitted = assertInstanceOf(
                Reply.Permitted.class,
                rig.propose(rig.proposal(Rig.CODER, "mail.send", to("ann"), Run.CALLER, Optional.empty())));
        assertEquals(1, counted());
        refused(send("bob"));

        ran(rig.execute(permitted.call().id()));

        assertEquals(1, counted());
        refused(send("bob"));
    }

    @Test
    void a_permit_that_lapses_stays_counted() {
        rig.rules(ANY, most(1));
        rig.propose(rig.proposal(Rig.CODER, "mail.send", to("ann"), Run.CALLER, Optional.empty()));
        rig.pass(Duration.ofHours(1)).recovery.sweep(rig.guard::runs);

        refused(send("bob"));
    }

    @Test
    void a_call_in_the_outbox_is_counted_when_it_runs() {
        rig.rules(allow("later").on("mail.*").delay(DELAY).rule(), most(1));
        assertInstanceOf(Reply.Queued.class, send("ann"));
        assertInstanceOf(Reply.Queued.class, send("bob"));
        assertEquals(0, counted());

        rig.pass(DELAY).runDue();

        assertEquals(1, counted());
        assertEquals(1, rig.ran().size(), "the other one is given up");
    }

    @Test
    void undoing_is_not_counted() {
        rig.rules(ANY, most(1));
        shelf.put("/a", "old");
        CallRecord call = ran(rig.propose("files.write", ARGS));

        rig.guard.undoing().call(call.id(), new Undoing.Wish(Rig.OTTO, false, "by mistake"));

        assertEquals("old", shelf.get("/a"));
        assertEquals(0, counted());
    }
}
