package dev.guardrail.pipeline;

import static dev.guardrail.testing.RuleDraft.allow;
import static dev.guardrail.testing.RuleDraft.hold;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.approval.TicketState;
import dev.guardrail.approval.VoteResult;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.ProblemType;
import dev.guardrail.base.StrictJson;
import dev.guardrail.call.Caller;
import dev.guardrail.call.Run;
import dev.guardrail.call.SessionId;
import dev.guardrail.journal.AesSeal;
import dev.guardrail.journal.JournalUnavailable;
import dev.guardrail.journal.Status;
import dev.guardrail.journal.Store;
import dev.guardrail.policy.Cause;
import dev.guardrail.proof.LogAudit;
import dev.guardrail.stop.Scope;
import dev.guardrail.stop.Stop;
import dev.guardrail.stop.Swept;
import dev.guardrail.testing.HeldLog;
import dev.guardrail.testing.MemoryStore;
import dev.guardrail.testing.Rig;
import dev.guardrail.testing.StoredCalls;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What an operator's stop does, and where it ends.
final class KillSwitchSpec {
    private static final JsonObject ARGS = JsonObject.with("path", "a").build();
    private static final Caller OTHER =
            new Caller(Caller.Kind.AGENT, "other", Set.of(), Set.of(), Set.of(), Optional.empty());
    private static final Executor APART = task -> Thread.ofVirtual().start(task);
    private static final Duration LONG = Duration.ofSeconds(60);

    private MemoryStore store = new MemoryStore();
    private Rig rig = new Rig(store);

    @BeforeEach
    void rules() {
        prepare(rig);
    }

    private static Rig prepare(Rig rig) {
        return rig.tool("files.read")
                .tool("files.write")
                .tool("pay.send")
                .rules(
                        allow("free").on("files.*").rule(),
                        hold("people").on("pay.*").rule());
    }

    /// Whatever was stopped, an auditor finds nothing to object to, in the log or in what is kept beside it.
    @AfterEach
    void close() throws IOException {
        rig.close();
        var projections = new StoredCalls(store, new AesSeal(new byte[32], new SecureRandom()));
        var report = LogAudit.of(HeldLog.of(store), List.of(), Optional.of(projections), read -> {});
        assertEquals(Optional.empty(), report.fault());
    }

    private Stop stop(Scope scope, String subject) {
        return rig.kill.order(scope, subject, "otto", "it runs wild").stop();
    }

    private Reply propose(Caller caller, String tool, Run run, Optional<SessionId> session) {
        return rig.propose(rig.proposal(caller, tool, ARGS, run, session));
    }

    private Reply read(Caller caller) {
        return propose(caller, "files.read", Run.GUARD, Optional.empty());
    }

    private Reply.Held held() {
        return assertInstanceOf(Reply.Held.class, rig.propose("pay.send", ARGS));
    }

    private Reply.Permitted permitted(String tool) {
        return assertInstanceOf(Reply.Permitted.class, propose(Rig.CODER, tool, Run.CALLER, Optional.empty()));
    }

    private static void assertStopped(Reply reply) {
        var refused = assertInstanceOf(Reply.Refused.class, reply);
        assertEquals(Cause.STOPPED.text(), refused.call().cause());
    }

    // ---- what is stopped

    @Test
    void stop_while_pending() {
        var held = held();

        var ordered = rig.kill.order(Scope.ALL, "", "otto", "it runs wild");

        assertEquals(Optional.of(new Swept(1, 0, 0, 0)), ordered.swept());
        assertInstanceOf(VoteResult.AlreadyClosed.class, rig.approve(Rig.BOB, held));
        assertStopped(rig.execute(held.call().id()));
        assertStopped(rig.propose("pay.send", ARGS));
        assertEquals(List.of(), rig.ran(), "nothing reached the upstream");

        rig.kill.lift(ordered.stop().id(), "otto");
        assertStopped(rig.execute(held.call().id()));
        var anew = held();
        rig.approve(Rig.BOB, anew);
        assertInstanceOf(Reply.Ran.class, rig.execute(anew.call().id()));
        assertEquals(List.of("pay.send {\"path\":\"a\"}"), rig.ran());
    }

    @Test
    void an_approval_that_was_given_before_lifts_no_stop() {
        var held = held();
        rig.approve(Rig.BOB, held);

        stop(Scope.TOOL, "pay.send");

        assertStopped(rig.execute(held.call().id()));
        assertEquals(
                TicketState.CANCELLED,
                rig.desk.find(held.pending().ticket()).orElseThrow().state());
        assertEquals(List.of(), rig.ran());
    }

    @Test
    void a_stopped_agent_is_stopped_and_no_other() {
        stop(Scope.AGENT, "coder");

        assertStopped(read(Rig.CODER));
        assertInstanceOf(Reply.Ran.class, read(OTHER));
        assertEquals(1, rig.ran().size());
    }

    @Test
    void a_stopped_tool_is_stopped_for_everybody_and_its_neighbour_is_not() {
        stop(Scope.TOOL, "files.read");

        assertStopped(read(Rig.CODER));
        assertStopped(read(OTHER));
        assertInstanceOf(Reply.Ran.class, rig.propose("files.write", ARGS));
    }

    @Test
    void a_stopped_server_is_stopped_with_all_its_tools_and_no_other_server_is() {
        stop(Scope.SERVER, "files");

        assertStopped(rig.propose("files.read", ARGS));
        assertStopped(rig.propose("files.write", ARGS));
        assertStopped(rig.propose("files.unheard_of", ARGS));
        assertInstanceOf(Reply.Held.class, rig.propose("pay.send", ARGS));
    }

    @Test
    void a_stopped_session_is_stopped_with_those_that_come_from_it_and_its_sibling_is_not() {
        var parent = open(Optional.empty());
        var child = open(Optional.of(parent));
        var sibling = open(Optional.empty());
        stop(Scope.SESSION, parent.value());

        for (SessionId stopped : List.of(parent, child))
            assertStopped(propose(Rig.APP, "files.read", Run.GUARD, Optional.of(stopped)));
        assertInstanceOf(Reply.Ran.class, propose(Rig.APP, "files.read", Run.GUARD, Optional.of(sibling)));
        assertEquals(1, rig.ran().size());
    }

    private SessionId open(Optional<SessionId> parent) {
        return rig.sessions
                .open("host:app", "coder", Optional.of("ann"), "task", parent)
                .session()
                .id();
    }

    @Test
    void everything_is_stopped_and_runs_again_when_the_stop_is_lifted() {
        var all = stop(Scope.ALL, "");
        assertStopped(read(Rig.CODER));
        assertStopped(read(OTHER));

        var lifted = rig.kill.lift(all.id(), "root").orElseThrow();

        assertFalse(lifted.inForce());
        assertInstanceOf(Reply.Ran.class, read(Rig.CODER));
        assertInstanceOf(Reply.Ran.class, read(OTHER));
    }

    @Test
    void of_two_stops_the_one_that_is_not_lifted_binds() {
        var first = stop(Scope.TOOL, "files.read");
        var second = stop(Scope.AGENT, "coder");
        assertEquals(Set.of(first, second), Set.copyOf(rig.kill.inForce()));

        rig.kill.lift(first.id(), "otto");
        assertStopped(read(Rig.CODER));
        assertInstanceOf(Reply.Ran.class, read(OTHER));

        rig.kill.lift(second.id(), "otto");
        assertInstanceOf(Reply.Ran.class, read(Rig.CODER));
        assertEquals(List.of(), rig.kill.inForce());
    }

    @Test
    void a_stop_is_lifted_once_and_what_is_none_is_not_lifted() throws IOException {
        var stop = stop(Scope.ALL, "");
        var first = rig.kill.lift(stop.id(), "otto").orElseThrow();
        long size = store.size();

        assertEquals(Optional.of(first), rig.kill.lift(stop.id(), "carol"));
        assertEquals(Optional.empty(), rig.kill.lift("stp_none", "otto"));
        assertEquals(Optional.empty(), rig.kill.lift("generation", "otto"));
        assertEquals(size, store.size());
        assertEquals(1, entries("stop_lifted").size());
    }

    @Test
    void an_evaluation_is_told_of_the_stop_too() {
        var stop = stop(Scope.SERVER, "pay");
        var proposal = rig.proposal(Rig.CODER, "pay.send", ARGS, Run.CALLER, Optional.empty());

        assertStopped(rig.guard.evaluate(proposal, Optional.empty(), Attendance.silent(LONG)));
        assertStopped(rig.guard.request(proposal, Optional.empty(), Attendance.silent(LONG)));

        rig.kill.lift(stop.id(), "otto");
        assertInstanceOf(Reply.Held.class, rig.guard.request(proposal, Optional.empty(), Attendance.silent(LONG)));
    }

    @Test
    void a_quorum_under_a_stop_gives_no_permit() {
        var first = assertInstanceOf(Reply.Held.class, propose(Rig.CODER, "pay.send", Run.CALLER, Optional.empty()));
        store.breakDown(MemoryStore.Fault.REFUSED, 1);
        var ordered = rig.kill.order(Scope.ALL, "", "otto", "it runs wild");
        assertEquals(Optional.empty(), ordered.swept(), "the sweep found the journal unwritable");
        store.mend();

        // The ticket is still open: voting on it leads nowhere.
        assertInstanceOf(VoteResult.Closed.class, rig.approve(Rig.BOB, first));
        assertStopped(rig.guard.state(Rig.CODER, first.call().id(), Duration.ofSeconds(10)));
    }

    // ---- what is taken back

    @Test
    void an_unspent_permit_is_taken_back_and_one_outside_the_scope_stays() {
        var bound = permitted("files.write");
        var free = permitted("files.read");

        var ordered = rig.kill.order(Scope.TOOL, "files.write", "otto", "it runs wild");

        assertEquals(Optional.of(new Swept(0, 1, 0, 0)), ordered.swept());
        var gone = rig.guard.state(Rig.CODER, bound.call().id(), Duration.ZERO);
        var call = assertInstanceOf(Reply.Present.class, gone).call();
        assertEquals(Status.CANCELLED, call.status());
        assertEquals("stopped", call.cause());
        assertEquals("guard", call.attested());
        assertTrue(AgentText.of(gone).text().contains("do not run it"), AgentText.of(gone)::text);
        assertInstanceOf(Reply.Present.class, rig.execute(bound.call().id()));
        assertEquals(List.of(), rig.ran());
        assertInstanceOf(Reply.Ran.class, rig.execute(free.call().id()));
    }

    @Test
    void a_permit_that_was_taken_back_still_takes_the_report_of_a_caller_who_ran_it() {
        var permitted = permitted("files.write");
        stop(Scope.ALL, "");

        var late = rig.guard.report(Rig.CODER, permitted.call().id(), true, Optional.empty(), "");

        assertEquals(
                Status.SUCCEEDED,
                assertInstanceOf(Reply.Present.class, late).call().status());
    }

    @Test
    void a_hold_that_was_taken_back_takes_no_report() {
        var held = assertInstanceOf(Reply.Held.class, propose(Rig.CODER, "pay.send", Run.CALLER, Optional.empty()));
        stop(Scope.ALL, "");

        var report = rig.guard.report(Rig.CODER, held.call().id(), true, Optional.empty(), "");

        assertEquals(
                ProblemType.LEASE_SPENT,
                assertInstanceOf(Reply.Broken.class, report).type());
    }

    @Test
    void a_call_that_waits_for_its_time_is_taken_back_and_one_outside_the_scope_runs_in_time() {
        rig.rules(allow("later").on("files.*").delay(Duration.ofMinutes(2)).rule());
        var bound = assertInstanceOf(Reply.Queued.class, rig.propose("files.write", ARGS));
        assertInstanceOf(Reply.Queued.class, rig.propose("files.read", ARGS));

        var ordered = rig.kill.order(Scope.TOOL, "files.write", "otto", "it runs wild");

        assertEquals(Optional.of(new Swept(0, 0, 1, 0)), ordered.swept());
        assertStopped(rig.guard.state(Rig.CODER, bound.call().id(), Duration.ZERO));
        assertStopped(rig.propose("files.write", ARGS));
        rig.pass(Duration.ofMinutes(3));
        rig.runDue();
        assertEquals(List.of("files.read {\"path\":\"a\"}"), rig.ran());
    }

    @Test
    void a_call_whose_time_comes_under_a_stop_that_was_not_swept_does_not_run() {
        rig.rules(allow("later").on("files.*").delay(Duration.ofMinutes(2)).rule());
        var queued = assertInstanceOf(Reply.Queued.class, rig.propose("files.write", ARGS));
        store.breakDown(MemoryStore.Fault.REFUSED, 1);
        assertEquals(
                Optional.empty(),
                rig.kill.order(Scope.ALL, "", "otto", "it runs wild").swept());
        store.mend();

        rig.pass(Duration.ofMinutes(3));
        rig.runDue();

        assertEquals(List.of(), rig.ran());
        assertStopped(rig.guard.state(Rig.CODER, queued.call().id(), Duration.ZERO));
    }

    @Test
    void many_holds_and_permits_are_taken_back_by_one_stop() {
        for (int i = 0; i < 90; i++)
            rig.propose("pay.send", JsonObject.with("n", "n" + i).build());
        for (int i = 0; i < 300; i++)
            rig.propose(rig.proposal(
                    Rig.CODER, "files.write", JsonObject.with("n", "n" + i).build(), Run.CALLER, Optional.empty()));

        var ordered = rig.kill.order(Scope.AGENT, "coder", "otto", "it runs wild");

        assertEquals(Optional.of(new Swept(90, 300, 0, 0)), ordered.swept());
        assertEquals(List.of(), rig.desk.list(Optional.of(TicketState.PENDING), "", 10));
        assertEquals(0, rig.desk.waiting("coder"));
    }

    @Test
    void a_client_that_waits_for_people_is_told_at_once() throws Exception {
        var held = held();
        var answer = async(() -> rig.guard.state(Rig.CODER, held.call().id(), LONG));

        stop(Scope.SESSION, held.call().session().value());

        Reply reply = answer.get(20, TimeUnit.SECONDS);
        assertStopped(reply);
        assertEquals(
                "Denied: an operator stopped it. The call did not run."
                        + " Do not repeat it before the operator lifts the stop.\n"
                        + "Only an administrator of this guard can lift that.",
                AgentText.of(reply).text());
    }

    @Test
    void agents_learn_neither_who_stopped_them_nor_why() {
        for (Scope scope : Scope.values()) {
            String subject = switch (scope) {
                case ALL -> "";
                case AGENT -> "coder";
                case SESSION ->
                    rig.sessions
                            .implicit("coder", Optional.empty())
                            .session()
                            .id()
                            .value();
                case TOOL -> "files.read";
                case SERVER -> "files";
            };
            var stop = stop(scope, subject);
            var told = AgentText.of(read(Rig.CODER));
            assertFalse(told.text().contains("otto") || told.text().contains("wild"), told.text());
            assertTrue(told.text().contains("Only an administrator of this guard can lift that."), told.text());
            assertEquals("stopped", told.decision().text("cause").orElseThrow());
            assertFalse(told.decision().isTrue("final"));
            rig.kill.lift(stop.id(), "otto");
        }
    }

    // ---- what runs

    /// A guard on a store of its own, whose upstream takes its time.
    private static final class Slow implements AutoCloseable {
        final LinkedBlockingQueue<String> begun = new LinkedBlockingQueue<>();
        final CompletableFuture<String> done = new CompletableFuture<>();
        final boolean attests;
        final Rig rig;

        Slow(Store store, boolean attests) {
            this.attests = attests;
            this.rig = prepare(new Rig(store, recording -> this::run));
        }

        private Outcome run(
                dev.guardrail.journal.Lease lease, dev.guardrail.call.DecisionRequest request, Attendance attendance) {
            begun.add(request.action().tool().toString());
            var left = attendance.left();
            CompletableFuture.anyOf(left, done).join();
            return left.isDone() && !attests
                    ? new Outcome.Lost(ProblemType.UPSTREAM_FAILED, "no answer after the client left")
                    : new Outcome.Answered(JsonObject.with("text", "done").build(), true);
        }

        CompletableFuture<Reply> propose(String tool) throws InterruptedException {
            var reply = async(() -> rig.propose(rig.proposal(Rig.CODER, tool, ARGS, Run.GUARD, Optional.empty())));
            assertEquals(tool, begun.poll(20, TimeUnit.SECONDS));
            return reply;
        }

        @Override
        public void close() {
            done.complete("done");
            rig.close();
        }
    }

    @Test
    void a_running_call_is_told_to_end_and_one_outside_the_scope_runs_on() throws Exception {
        try (var slow = new Slow(store, false)) {
            var bound = slow.propose("files.write");
            var free = slow.propose("files.read");

            var ordered = slow.rig.kill.order(Scope.TOOL, "files.write", "otto", "it runs wild");

            assertEquals(Optional.of(new Swept(0, 0, 0, 1)), ordered.swept());
            var killed = assertInstanceOf(Reply.Faulted.class, bound.get(20, TimeUnit.SECONDS));
            assertEquals(Status.IN_DOUBT, killed.call().status());
            assertEquals("stopped", killed.call().error());
            assertTrue(killed.detail().startsWith("an operator stopped it"), killed::detail);
            assertEquals(
                    "stopped", AgentText.of(killed).decision().text("cause").orElseThrow());
            assertFalse(free.isDone());
            slow.done.complete("done");
            assertInstanceOf(Reply.Ran.class, free.get(20, TimeUnit.SECONDS));
        }
    }

    @Test
    void what_an_upstream_still_says_of_a_call_that_was_stopped_counts() throws Exception {
        try (var slow = new Slow(store, true)) {
            var bound = slow.propose("files.write");

            slow.rig.kill.order(Scope.ALL, "", "otto", "it runs wild");

            var ran = assertInstanceOf(Reply.Ran.class, bound.get(20, TimeUnit.SECONDS));
            assertEquals(Status.SUCCEEDED, ran.call().status());
        }
    }

    // ---- where it is kept

    @Test
    void a_crash_between_the_stop_and_its_sweep_leaves_a_stop_that_the_next_start_carries_out() {
        var held = held();
        var permitted = permitted("files.write");
        store.breakDown(MemoryStore.Fault.REFUSED, 1);
        var ordered = rig.kill.order(Scope.ALL, "", "otto", "it runs wild");
        assertEquals(Optional.empty(), ordered.swept());
        store.mend();
        rig.close();
        store = store.reopen();
        rig = prepare(new Rig(store));
        rig.recovery.start();
        assertEquals(
                TicketState.PENDING,
                rig.desk.find(held.pending().ticket()).orElseThrow().state(),
                "the crash came before the sweep");
        assertStopped(read(Rig.CODER));

        rig.kill.keep();

        assertEquals(
                TicketState.CANCELLED,
                rig.desk.find(held.pending().ticket()).orElseThrow().state());
        assertStopped(rig.execute(held.call().id()));
        rig.execute(permitted.call().id());
        assertEquals(List.of(), rig.ran());
        assertEquals(List.of(ordered.stop()), rig.kill.inForce());
        rig.kill.lift(ordered.stop().id(), "otto");
        assertInstanceOf(Reply.Ran.class, read(Rig.CODER));
    }

    @Test
    void a_sweep_that_broke_off_is_taken_up_again() {
        held();
        store.breakDown(MemoryStore.Fault.REFUSED, 1);
        rig.kill.order(Scope.ALL, "", "otto", "it runs wild");
        assertThrows(RuntimeException.class, rig.kill::keep);
        store.mend();

        rig.kill.keep();

        assertEquals(List.of(), rig.desk.list(Optional.of(TicketState.PENDING), "", 10));
    }

    @Test
    void a_stop_that_could_not_be_journaled_is_none_and_one_of_which_nobody_knows_binds_if_it_was() {
        store.breakDown(MemoryStore.Fault.REFUSED);
        assertThrows(JournalUnavailable.class, () -> stop(Scope.ALL, ""));
        store.mend();
        assertInstanceOf(Reply.Ran.class, read(Rig.CODER));

        store.breakDown(MemoryStore.Fault.UNKNOWN);
        assertThrows(JournalUnavailable.class, () -> stop(Scope.ALL, ""));
        store.mend();
        assertStopped(read(Rig.CODER));
    }

    @Test
    void a_stop_on_one_replica_binds_the_next_decision_of_another_and_ends_what_runs_there() throws Exception {
        try (var elsewhere = new Slow(store, false)) {
            var running = elsewhere.propose("files.write");
            var held = assertInstanceOf(Reply.Held.class, elsewhere.rig.propose("pay.send", ARGS));
            var waiting =
                    async(() -> elsewhere.rig.guard.state(Rig.CODER, held.call().id(), LONG));

            stop(Scope.AGENT, "coder");

            assertStopped(elsewhere.rig.propose("files.read", ARGS));
            assertFalse(running.isDone(), "it learns of it with its next look");
            elsewhere.rig.kill.keep();
            assertEquals(
                    "stopped",
                    assertInstanceOf(Reply.Faulted.class, running.get(20, TimeUnit.SECONDS))
                            .call()
                            .error());
            assertStopped(waiting.get(20, TimeUnit.SECONDS));
            assertInstanceOf(
                    Reply.Ran.class,
                    async(() -> {
                                elsewhere.done.complete("done");
                                return elsewhere.rig.propose(
                                        elsewhere.rig.proposal(OTHER, "files.read", ARGS, Run.GUARD, Optional.empty()));
                            })
                            .get(20, TimeUnit.SECONDS));
        }
    }

    @Test
    void whoever_listens_hears_of_every_stop_and_its_lifting() throws Exception {
        var heard = new LinkedBlockingQueue<Stop>();
        rig.kill.listen(heard::add);

        var stop = stop(Scope.ALL, "");
        assertEquals(stop, heard.poll(20, TimeUnit.SECONDS));
        rig.kill.lift(stop.id(), "root");
        assertEquals(
                Optional.of("root"), heard.poll(20, TimeUnit.SECONDS).lifted().map(Stop.Lifting::by));
        rig.kill.lift(stop.id(), "root");
        assertEquals(0, heard.size());
    }

    @Test
    void the_log_tells_what_was_stopped_by_whom_and_when_it_was_lifted() throws IOException {
        var stop = stop(Scope.AGENT, "coder");
        rig.kill.lift(stop.id(), "root");

        var ordered = entries("stopped").getFirst();
        assertEquals(Optional.of(stop.id()), ordered.text("stop"));
        assertEquals(Optional.of("agent"), ordered.text("scope"));
        assertEquals(Optional.of("coder"), ordered.text("agent"));
        assertEquals(Optional.of("otto"), ordered.text("by"));
        assertFalse(ordered.toString().contains("wild"), "the words lie in a body");
        assertEquals(Optional.of("it runs wild"), rig.kill.reason(stop));
        assertEquals(Optional.of("root"), entries("stop_lifted").getFirst().text("by"));
    }

    private static <T> CompletableFuture<T> async(Supplier<T> work) {
        return CompletableFuture.supplyAsync(work, APART);
    }

    private List<JsonObject> entries(String kind) throws IOException {
        var entries = new ArrayList<JsonObject>();
        for (byte[] bytes : store.read(0, store.size())) {
            var entry = (JsonObject) StrictJson.parse(bytes);
            if (entry.text("kind").equals(Optional.of(kind))) entries.add(entry);
        }
        return entries;
    }
}
