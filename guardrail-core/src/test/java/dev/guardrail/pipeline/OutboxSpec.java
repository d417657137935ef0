package dev.guardrail.pipeline;

import static dev.guardrail.testing.RuleDraft.allow;
import static dev.guardrail.testing.RuleDraft.deny;
import static dev.guardrail.testing.RuleDraft.hold;
import static dev.guardrail.testing.RuleDraft.modify;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.base.ProblemType;
import dev.guardrail.base.StrictJson;
import dev.guardrail.call.CallId;
import dev.guardrail.call.Caller;
import dev.guardrail.call.Run;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.condition.Expression;
import dev.guardrail.condition.Facts;
import dev.guardrail.journal.Status;
import dev.guardrail.outbox.Outbox;
import dev.guardrail.policy.Rule;
import dev.guardrail.proof.AuditReport;
import dev.guardrail.proof.LogAudit;
import dev.guardrail.session.Session;
import dev.guardrail.testing.Calls;
import dev.guardrail.testing.HeldLog;
import dev.guardrail.testing.MemoryStore;
import dev.guardrail.testing.Rig;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Calls that are permitted and wait for their time.
final class OutboxSpec {
    private static final JsonObject ARGS = JsonObject.with("to", "eve").build();
    private static final String RAN = "mail.send {\"to\":\"eve\"}";
    private static final Duration DELAY = Duration.ofMinutes(2);
    private static final Rule LATER = allow("later").on("mail.*").delay(DELAY).rule();
    private static final Rule ASKED = hold("people").on("mail.*").delay(DELAY).rule();
    private static final Caller OTHER =
            new Caller(Caller.Kind.AGENT, "other", Set.of(), Set.of(), Set.of(), Optional.empty());

    private final MemoryStore store = new MemoryStore();
    private final Rig rig = new Rig(store).tool("mail.send").tool("files.read").rules(LATER);

    @AfterEach
    void close() {
        rig.close();
    }

    private Reply.Queued queue(Rig where) {
        return assertInstanceOf(Reply.Queued.class, where.propose("mail.send", ARGS));
    }

    private Reply.Queued queue() {
        return queue(rig);
    }

    private static Status status(Rig where, CallId call) {
        return where.outbox.list(each -> each.id().equals(call), "", 1).isEmpty()
                ? record(where.guard.state(Rig.OTTO, call, Duration.ZERO))
                : Status.PERMITTED;
    }

    private static Status record(Reply reply) {
        return switch (reply) {
            case Reply.Ran ran -> ran.call().status();
            case Reply.Permitted permitted -> permitted.call().status();
            case Reply.Queued queued -> queued.call().status();
            case Reply.Refused refused -> refused.call().status();
            case Reply.Held held -> held.call().status();
            case Reply.Asked asked -> asked.call().status();
            case Reply.Present present -> present.call().status();
            case Reply.Faulted faulted -> faulted.call().status();
            case Reply.Broken broken -> throw new AssertionError(broken.detail());
        };
    }

    private AuditReport audited() {
        return audited(store);
    }

    private static AuditReport audited(MemoryStore where) {
        try {
            var report = LogAudit.of(HeldLog.of(where));
            assertEquals(Optional.empty(), report.fault());
            return report;
        } catch (IOException unreadable) {
            throw new AssertionError(unreadable);
        }
    }

    private List<String> kinds() throws IOException {
        return store.read(0, store.size()).stream()
                .map(bytes -> (JsonObject) StrictJson.parse(bytes))
                .map(entry -> (entry.text("kind").orElse("") + " "
                                + entry.text("status")
                                        .or(() -> entry.text("outcome"))
                                        .orElse(""))
                        .strip())
                .toList();
    }

    @Test
    void a_delayed_call_is_queued_and_runs_once_when_its_time_has_come() throws IOException {
        var queued = queue();
        assertEquals(Status.PERMITTED, queued.call().status());
        assertEquals(Optional.empty(), queued.call().leaseUntil());
        rig.pass(DELAY.minusMillis(1));
        assertEquals(0, rig.runDue());
        assertEquals(List.of(), rig.ran());

        rig.pass(Duration.ofMillis(1));
        assertEquals(1, rig.runDue());
        assertEquals(0, rig.runDue());

        assertEquals(List.of(RAN), rig.ran());
        var ran = assertInstanceOf(
                Reply.Ran.class, rig.guard.state(Rig.CODER, queued.call().id(), Duration.ZERO));
        assertEquals(queued.call().queued(), ran.call().queued());
        assertEquals(List.of("session_changed", "decided permitted", "decided running", "executed succeeded"), kinds());
        assertEquals(1, audited().counts().runs());
    }

    @Test
    void an_identical_repeat_meets_the_same_call_and_another_one_does_not() {
        var queued = queue();
        assertEquals(queued.call().id(), queue().call().id());
        var other = assertInstanceOf(Reply.Queued.class, rig.propose("mail.send", ARGS.set("to", new JsonText("bob"))));
        assertNotEquals(queued.call().id(), other.call().id());

        rig.pass(DELAY).runDue();

        assertEquals(2, rig.ran().size());
        assertNotEquals(queued.call().id(), queue().call().id(), "once it has run, the next one is a call of its own");
    }

    @Test
    void nobody_runs_or_reports_it_before_its_time() throws IOException {
        var id = queue().call().id();

        assertInstanceOf(Reply.Queued.class, rig.execute(id));
        var report = assertInstanceOf(Reply.Broken.class, rig.guard.report(Rig.CODER, id, true, Optional.empty(), ""));

        assertEquals(ProblemType.LEASE_SPENT, report.type());
        rig.guard.runQueued(id);
        assertEquals(List.of(), rig.ran());
        rig.recovery.sweep(rig.guard::runs);
        assertInstanceOf(Reply.Queued.class, rig.guard.state(Rig.CODER, id, Duration.ZERO));
        assertEquals(List.of("session_changed", "decided permitted"), kinds(), "nothing was decided, either");
    }

    @Test
    void a_call_that_nothing_delays_runs_at_once() {
        rig.rules(LATER, allow("reads").on("files.*").rule());

        assertInstanceOf(Reply.Ran.class, rig.propose("files.read", ARGS));
    }

    @Test
    void its_agent_takes_it_back() throws IOException {
        var id = queue().call().id();

        var cancelled = assertInstanceOf(Reply.Refused.class, rig.guard.withdraw(Rig.CODER, id, ""));

        assertEquals(Status.CANCELLED, cancelled.call().status());
        rig.pass(DELAY.multipliedBy(3)).runDue();
        assertEquals(List.of(), rig.ran());
        assertEquals(List.of("session_changed", "decided permitted", "outbox_closed cancelled"), kinds());
        assertInstanceOf(Reply.Refused.class, rig.guard.withdraw(Rig.CODER, id, ""), "once more changes nothing");
        assertNotEquals(id, queue().call().id(), "the same can be proposed again");
        audited();
    }

    @Test
    void an_operator_takes_it_back_and_the_agent_is_told_why() {
        var id = queue().call().id();

        rig.guard.withdraw(Rig.OTTO, id, "not to eve");

        var told = rig.guard.state(Rig.CODER, id, Duration.ZERO);
        assertTrue(
                AgentText.of(told).text().startsWith("Cancelled by an operator. The call did not run."),
                () -> AgentText.of(told).text());
        assertTrue(
                AgentText.of(told).text().contains("not to eve"),
                () -> AgentText.of(told).text());
        rig.pass(DELAY).runDue();
        assertEquals(List.of(), rig.ran());
        audited();
    }

    @Test
    void others_neither_see_it_nor_take_it_back() {
        var id = queue().call().id();

        var refused = assertInstanceOf(Reply.Broken.class, rig.guard.withdraw(OTHER, id, ""));

        assertEquals(ProblemType.NOT_FOUND, refused.type());
        assertEquals(List.of(), rig.guard.queued().list(OTHER, "", 10));
        assertEquals(1, rig.guard.queued().list(Rig.CODER, "", 10).size());
        assertEquals(1, rig.guard.queued().list(Rig.OTTO, "", 10).size());
        assertEquals(List.of(), rig.guard.queued().list(Rig.OTTO, id.value(), 10));
        rig.pass(DELAY).runDue();
        assertEquals(List.of(RAN), rig.ran());
    }

    @Test
    void a_cancel_that_comes_too_late_is_told_so() {
        var id = queue().call().id();
        rig.pass(DELAY).runDue();

        var late = assertInstanceOf(Reply.Broken.class, rig.guard.withdraw(Rig.CODER, id, ""));

        assertEquals(ProblemType.CONFLICT, late.type());
        assertTrue(late.detail().contains("succeeded"), late.detail());
        assertEquals(List.of(RAN), rig.ran());
    }

    @Test
    void of_a_cancel_and_a_run_that_race_one_wins() throws Exception {
        int cancelled = 0;
        int late = 0;
        for (int round = 0; round < 200; round++) {
            var id = queue().call().id();
            rig.pass(DELAY);
            var start = new CyclicBarrier(2);
            try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
                var run = pool.submit(() -> {
                    start.await();
                    return rig.runDue();
                });
                var cancel = pool.submit(() -> {
                    start.await();
                    return rig.guard.withdraw(Rig.CODER, id, "");
                });
                run.get();
                if (cancel.get() instanceof Reply.Refused) cancelled++;
                else late++;
            }
            assertEquals(late, rig.ran().size(), "a call that was cancelled did not run, and the others did");
        }
        assertEquals(200, cancelled + late);
        assertEquals(late, audited().counts().runs());
    }

    @Test
    void a_restart_forgets_nothing_and_runs_it_once() {
        var id = queue().call().id();
        var again = new Rig(store.reopen()).tool("mail.send").rules(LATER);
        try (again) {
            again.recovery.start();
            again.outbox.rearm();
            assertEquals(1, again.outbox.size());
            assertEquals(0, again.runDue());
            again.pass(DELAY.multipliedBy(5));
            assertEquals(1, again.runDue());
            assertEquals(List.of(RAN), again.ran());
            assertEquals(Status.SUCCEEDED, status(again, id));
            assertEquals(0, again.outbox.rearm());
        }
    }

    @Test
    void two_guards_on_one_store_run_each_call_once() throws Exception {
        var second = new Rig(store).tool("mail.send").rules(LATER);
        try (second) {
            for (int round = 0; round < 200; round++) {
                var id = queue().call().id();
                second.outbox.rearm();
                rig.pass(DELAY);
                second.millis.set(rig.millis.get());
                second.pass(DELAY);
                var start = new CyclicBarrier(2);
                try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
                    var runs = new ArrayList<java.util.concurrent.Future<Integer>>();
                    for (Rig each : List.of(rig, second))
                        runs.add(pool.submit(() -> {
                            start.await();
                            return each.runDue();
                        }));
                    for (var run : runs) run.get();
                }
                assertEquals(round + 1, rig.ran().size() + second.ran().size());
                assertEquals(Status.SUCCEEDED, status(rig, id));
                rig.millis.set(second.millis.get());
            }
        }
        assertEquals(200, audited().counts().runs());
    }

    @Test
    void what_policy_denies_by_then_does_not_run() {
        var id = queue().call().id();
        rig.rules(LATER, deny("stop").on("mail.*").text("No mail today.").rule());

        rig.pass(DELAY).runDue();

        var refused = assertInstanceOf(Reply.Refused.class, rig.guard.state(Rig.CODER, id, Duration.ZERO));
        assertEquals(Status.DENIED, refused.call().status());
        assertEquals(List.of("stop"), refused.call().rules());
        assertEquals(List.of(), rig.ran());
        assertEquals(0, rig.outbox.size());
        audited();
    }

    @Test
    void what_people_would_have_to_agree_to_by_then_falls() {
        var id = queue().call().id();
        rig.rules(LATER, hold("people").on("mail.*").rule());

        rig.pass(DELAY).runDue();

        assertEquals(Status.CANCELLED, status(rig, id));
        assertEquals(List.of(), rig.ran());
        assertInstanceOf(Reply.Held.class, rig.propose("mail.send", ARGS), "it is asked for anew");
        audited();
    }

    @Test
    void another_definition_of_its_tool_is_another_call() {
        var id = queue().call().id();
        var tool = Calls.tool("mail.send");
        var definition = tool.definition().set("description", new JsonText("changed"));
        rig.tool(new ToolDefinition(
                tool.name(),
                definition,
                tool.inputSchema(),
                tool.effect(),
                tool.labels(),
                tool.taints(),
                tool.idempotent(),
                tool.callerRun(),
                ToolDefinition.digest(tool.name(), definition)));

        rig.pass(DELAY).runDue();

        assertEquals(Status.CANCELLED, status(rig, id));
        assertEquals(List.of(), rig.ran());
        audited();
    }

    @Test
    void nothing_runs_for_an_agent_that_was_removed() {
        var id = queue().call().id();
        rig.remove("coder");

        rig.pass(DELAY).runDue();

        assertEquals(Status.CANCELLED, status(rig, id));
        assertEquals(List.of(), rig.ran());
        audited();
    }

    @Test
    void nothing_runs_in_a_session_that_is_ended_or_paused() {
        var ended = queue();
        rig.sessions.move(ended.call().session(), "operator:otto", Session.State.ENDED);
        var paused = queue();
        rig.sessions.move(paused.call().session(), "operator:otto", Session.State.PAUSED);
        assertNotEquals(ended.call().session(), paused.call().session());

        rig.pass(DELAY).runDue();

        assertEquals(Status.DENIED, status(rig, ended.call().id()));
        assertEquals(Status.DENIED, status(rig, paused.call().id()));
        assertEquals(List.of(), rig.ran());
        audited();
    }

    @Test
    void where_the_clock_stands_before_the_log_at_a_start_it_expires() {
        rig.pass(Duration.ofHours(3));
        var id = queue().call().id();
        var again = new Rig(store.reopen()).tool("mail.send").rules(LATER);
        try (again) {
            again.pass(Duration.ofHours(2));
            again.recovery.start();
            again.outbox.rearm();
            again.pass(DELAY.multipliedBy(60)).runDue();

            assertEquals(List.of(), again.ran());
            assertEquals(Status.EXPIRED, status(again, id));
            assertInstanceOf(
                    Reply.Broken.class, again.guard.report(Rig.CODER, id, true, Optional.empty(), ""), "it never ran");
        }
    }

    @Test
    void within_one_boot_it_runs_before_neither_clocks_time() {
        queue();
        rig.millis.addAndGet(Duration.ofHours(1).toMillis());
        assertEquals(0, rig.runDue(), "the wall clock was set forward");
        rig.millis.addAndGet(Duration.ofHours(-2).toMillis());
        rig.nanos.addAndGet(DELAY.toNanos());
        assertEquals(0, rig.runDue(), "and back");
        assertEquals(List.of(), rig.ran());

        rig.pass(Duration.ofHours(1).plus(DELAY)).runDue();

        assertEquals(List.of(RAN), rig.ran());
        audited();
    }

    @Test
    void a_call_that_is_late_by_more_than_a_day_expires() {
        var late = queue().call().id();
        rig.pass(DELAY).pass(Outbox.LATEST).pass(Duration.ofSeconds(1)).runDue();
        assertEquals(Status.EXPIRED, status(rig, late));
        assertEquals(List.of(), rig.ran());

        queue();
        rig.pass(DELAY).pass(Outbox.LATEST).runDue();
        assertEquals(List.of(RAN), rig.ran());
        audited();
    }

    @Test
    void an_older_state_of_the_store_runs_nothing() {
        var id = queue().call().id();

        rig.recovery.abandon();

        rig.pass(DELAY).runDue();
        assertEquals(Status.EXPIRED, status(rig, id));
        assertEquals(List.of(), rig.ran());
        audited();
    }

    @Test
    void an_approval_is_used_when_its_call_is_queued_and_permits_it_once() {
        rig.rules(ASKED);
        var held = assertInstanceOf(Reply.Held.class, rig.propose("mail.send", ARGS));
        rig.approve(Rig.BOB, held);
        assertEquals(List.of(), rig.ran());

        var queued =
                assertInstanceOf(Reply.Queued.class, rig.execute(held.call().id()));
        assertEquals(held.call().id(), queued.call().id());
        assertEquals(
                "used",
                rig.desk.find(held.pending().ticket()).orElseThrow().state().text());

        rig.pass(Duration.ofHours(1)).runDue();

        assertEquals(List.of(RAN), rig.ran(), "the approval was used in time, whenever the call runs");
        assertInstanceOf(Reply.Held.class, rig.propose("mail.send", ARGS), "an approval is used once");
        var counts = audited().counts();
        assertEquals(List.of(1L, 1L), List.of(counts.grants(), counts.runs()));
    }

    @Test
    void an_approval_falls_where_its_hold_has_changed_by_then() {
        rig.rules(ASKED);
        var held = assertInstanceOf(Reply.Held.class, rig.propose("mail.send", ARGS));
        rig.approve(Rig.BOB, held);
        rig.execute(held.call().id());
        rig.rules(hold("people").on("mail.*").delay(Duration.ofMinutes(3)).rule());

        rig.pass(DELAY).runDue();

        assertEquals(Status.CANCELLED, status(rig, held.call().id()));
        assertEquals(List.of(), rig.ran());
        audited();
    }

    @Test
    void where_policy_delays_it_longer_by_then_it_waits_the_rest() {
        var id = queue().call().id();
        rig.rules(allow("later").on("mail.*").delay(DELAY.multipliedBy(2)).rule());

        rig.pass(DELAY).runDue();
        assertInstanceOf(Reply.Queued.class, rig.guard.state(Rig.CODER, id, Duration.ZERO));
        assertEquals(List.of(), rig.ran());
        rig.pass(DELAY).runDue();

        assertEquals(List.of(RAN), rig.ran());
        audited();
    }

    @Test
    void a_caller_is_permitted_to_run_it_only_then() {
        var proposal = rig.proposal(Rig.CODER, "mail.send", ARGS, Run.CALLER, Optional.empty());
        var id = assertInstanceOf(Reply.Queued.class, rig.propose(proposal))
                .call()
                .id();
        assertInstanceOf(Reply.Queued.class, rig.guard.state(Rig.CODER, id, Duration.ofMillis(1)));

        rig.pass(DELAY).runDue();

        var permitted = assertInstanceOf(Reply.Permitted.class, rig.guard.state(Rig.CODER, id, Duration.ofSeconds(1)));
        assertEquals(ARGS, permitted.arguments());
        assertEquals(
                Optional.of(rig.journal.now().plus(Duration.ofMinutes(5))),
                permitted.call().leaseUntil());
        assertInstanceOf(Reply.Present.class, rig.guard.report(Rig.CODER, id, true, Optional.empty(), ""));
        assertEquals(List.of(), rig.ran());
        var lapsing = assertInstanceOf(Reply.Queued.class, rig.propose(proposal));
        rig.pass(DELAY).runDue();
        rig.pass(Duration.ofMinutes(6));
        rig.recovery.sweep(rig.guard::runs);
        assertEquals(Status.EXPIRED, status(rig, lapsing.call().id()));
        audited();
    }

    @Test
    void a_caller_that_waits_is_woken_by_its_outcome() throws Exception {
        var id = queue().call().id();
        try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
            var waits = pool.submit(() -> rig.guard.state(Rig.CODER, id, Duration.ofMinutes(10)));
            rig.pass(DELAY).runDue();
            assertInstanceOf(Reply.Ran.class, waits.get());
        }
    }

    @Test
    void what_holds_a_secret_cannot_wait() {
        var secret = ARGS.set("to", new JsonText("s3cret"));

        var refused = assertInstanceOf(Reply.Refused.class, rig.propose("mail.send", secret));

        assertEquals(Status.DENIED, refused.call().status());
        assertTrue(refused.call().message().contains("secret"), refused.call().message());
        assertEquals(0, rig.outbox.size());
        rig.rules(allow("now").on("mail.*").rule());
        assertInstanceOf(Reply.Ran.class, rig.propose("mail.send", secret));
    }

    @Test
    void an_evaluation_cannot_wait() {
        var proposal = rig.proposal(Rig.CODER, "mail.send", ARGS, Run.CALLER, Optional.empty());

        var refused = assertInstanceOf(
                Reply.Refused.class,
                rig.guard.evaluate(proposal, Optional.empty(), Attendance.silent(Duration.ofSeconds(1))));

        assertEquals("delayed", refused.call().cause());
        assertEquals(0, rig.outbox.size());
        rig.rules(allow("now").on("mail.*").rule());
        assertInstanceOf(
                Reply.Permitted.class,
                rig.guard.evaluate(proposal, Optional.empty(), Attendance.silent(Duration.ofSeconds(1))));
        audited();
    }

    @Test
    void while_the_journal_cannot_be_written_it_stays_queued_and_is_tried_again() {
        var id = queue().call().id();
        rig.pass(DELAY);
        store.breakDown(MemoryStore.Fault.REFUSED);
        rig.runDue();
        assertEquals(List.of(), rig.ran());

        store.mend();
        rig.pass(Duration.ofSeconds(1)).runDue();

        assertEquals(List.of(RAN), rig.ran());
        assertEquals(Status.SUCCEEDED, status(rig, id));
        audited();
    }

    @Test
    void where_nobody_knows_whether_its_run_was_journaled_it_does_not_run() {
        var id = queue().call().id();
        rig.pass(DELAY);
        store.breakDown(MemoryStore.Fault.UNKNOWN);
        rig.runDue();
        store.mend();

        rig.pass(Duration.ofSeconds(5)).runDue();
        rig.recovery.sweep(rig.guard::runs);

        assertEquals(List.of(), rig.ran());
        assertEquals(Status.IN_DOUBT, status(rig, id));
        audited();
    }

    @Test
    void several_are_taken_back_together() {
        var eve = queue().call().id();
        var bob = assertInstanceOf(Reply.Queued.class, rig.propose("mail.send", ARGS.set("to", new JsonText("bob"))))
                .call()
                .id();

        var stopped = rig.outbox.cancelWhere(call -> call.id().equals(bob), "stopped", "operator:otto");

        assertEquals(List.of(bob), stopped.stream().map(call -> call.id()).toList());
        rig.pass(DELAY).runDue();
        assertEquals(List.of(RAN), rig.ran());
        assertEquals(Status.SUCCEEDED, status(rig, eve));
        audited();
    }

    @Test
    void an_agents_share_of_the_outbox_is_bounded() {
        for (int i = 0; i < Outbox.SHARE; i++)
            assertInstanceOf(Reply.Queued.class, rig.propose("mail.send", ARGS.set("to", new JsonText("n" + i))));

        var refused = assertInstanceOf(Reply.Refused.class, rig.propose("mail.send", ARGS));
        assertEquals("limit", refused.call().cause());

        rig.outbox.cancelWhere(call -> true, "agent", "agent:coder");
        queue();
    }

    @Test
    void a_held_call_is_taken_back_by_its_agent_and_denied_by_operators() {
        rig.rules(hold("people").on("mail.*").rule());
        var held = assertInstanceOf(Reply.Held.class, rig.propose("mail.send", ARGS));

        var operators = assertInstanceOf(
                Reply.Broken.class, rig.guard.withdraw(Rig.OTTO, held.call().id(), ""));
        assertEquals(ProblemType.CONFLICT, operators.type());
        var agents = assertInstanceOf(
                Reply.Refused.class, rig.guard.withdraw(Rig.CODER, held.call().id(), ""));
        assertEquals(Status.CANCELLED, agents.call().status());
    }

    @Test
    void what_a_person_made_of_it_is_what_runs() {
        rig.rules(ASKED);
        var held = assertInstanceOf(Reply.Held.class, rig.propose("mail.send", ARGS));
        var bob = ARGS.set("to", new JsonText("bob"));
        assertInstanceOf(
                HeldCalls.Revised.Done.class,
                rig.guard
                        .held()
                        .revise(Rig.CAROL, held.pending().ticket(), held.call().argumentsDigest(), bob, "better"));
        var ticket = rig.desk.find(held.pending().ticket()).orElseThrow();
        var changed = assertInstanceOf(
                Reply.Held.class, rig.guard.state(Rig.CODER, held.call().id(), Duration.ZERO));
        assertEquals(ticket.id(), changed.pending().ticket());
        rig.approve(Rig.BOB, changed);

        assertInstanceOf(Reply.Queued.class, rig.propose("mail.send", ARGS));
        rig.pass(DELAY).runDue();

        assertEquals(List.of("mail.send {\"to\":\"bob\"}"), rig.ran());
        audited();
    }

    static Expression always(String text) {
        return new Expression() {
            @Override
            public Optional<Json> evaluate(Facts facts) {
                return Optional.of(new JsonText(text));
            }

            @Override
            public boolean readsPaths() {
                return false;
            }

            @Override
            public boolean readsIrreversible() {
                return false;
            }
        };
    }

    @Test
    void what_policy_makes_of_it_by_then_must_be_what_was_queued() {
        rig.rules(
                LATER, modify("cap").on("mail.*").set("args.to", always("ann")).rule());
        queue();
        rig.pass(DELAY).runDue();
        assertEquals(List.of("mail.send {\"to\":\"ann\"}"), rig.ran());

        var other = queue().call().id();
        rig.rules(
                LATER, modify("cap").on("mail.*").set("args.to", always("bob")).rule());
        rig.pass(DELAY).runDue();

        assertEquals(1, rig.ran().size());
        assertEquals(Status.CANCELLED, status(rig, other));
        audited();
    }

    @Test
    void words_tell_an_agent_what_to_do() {
        var queued = AgentText.of(queue());

        assertTrue(
                queued.text()
                        .matches("QUEUED call_\\S+ runs at 2026-01-01T12:02:00Z\\. Cancellable until then\\."
                                + " Not executed yet\\. Do not repeat\\."),
                queued.text());
        assertEquals("2026-01-01T12:02:00Z", queued.decision().text("runsAt").orElseThrow());
        assertTrue(queued.decision().isTrue("queued"));
        assertEquals("permitted", queued.decision().text("state").orElseThrow());
    }
}
