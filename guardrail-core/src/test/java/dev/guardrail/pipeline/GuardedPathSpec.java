package dev.guardrail.pipeline;

import static dev.guardrail.testing.RuleDraft.allow;
import static dev.guardrail.testing.RuleDraft.clarify;
import static dev.guardrail.testing.RuleDraft.deny;
import static dev.guardrail.testing.RuleDraft.hold;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.approval.VoteResult;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.base.ProblemType;
import dev.guardrail.base.Sha256;
import dev.guardrail.base.StrictJson;
import dev.guardrail.call.CallId;
import dev.guardrail.call.Caller;
import dev.guardrail.call.Run;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.call.ToolEffect;
import dev.guardrail.call.ToolName;
import dev.guardrail.journal.Status;
import dev.guardrail.session.Session;
import dev.guardrail.testing.MemoryStore;
import dev.guardrail.testing.Rig;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The path of a call, as its users see it.
final class GuardedPathSpec {
    private static final JsonObject ARGS = JsonObject.with("path", "a").build();

    private final MemoryStore store = new MemoryStore();
    private final Rig rig =
            new Rig(store).tool("files.read").tool("files.write").tool("pay.send");

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void an_allowed_call_runs_once_and_leaves_intent_and_outcome() {
        rig.rules(allow("reads").on("files.read").rule());

        var ran = assertInstanceOf(Reply.Ran.class, rig.propose("files.read", ARGS));

        assertEquals(List.of("files.read {\"path\":\"a\"}"), rig.ran());
        assertEquals(Status.SUCCEEDED, ran.call().status());
        assertEquals(List.of("session_changed", "decided running", "executed succeeded"), entries());
    }

    @Test
    void a_denied_call_never_reaches_the_upstream() {
        rig.rules(
                allow("all").on("*.*").rule(),
                deny("no-write").on("files.write").rule());

        var refused = assertInstanceOf(Reply.Refused.class, rig.propose("files.write", ARGS));

        assertEquals(Status.DENIED, refused.call().status());
        assertEquals(List.of("no-write"), refused.call().rules());
        assertEquals(List.of(), rig.ran());
        assertInstanceOf(Reply.Ran.class, rig.propose("files.read", ARGS));
    }

    @Test
    void an_unknown_tool_is_denied_though_everything_is_allowed() {
        rig.rules(allow("all").on("*.*").rule());

        assertInstanceOf(Reply.Refused.class, rig.propose("files.unheard_of", ARGS));
        assertInstanceOf(Reply.Ran.class, rig.propose("files.read", ARGS));
        assertEquals(1, rig.ran().size());
    }

    @Test
    void arguments_that_do_not_fit_the_schema_are_denied_before_policy() {
        rig.rules(allow("all").on("*.*").rule());

        var refused =
                assertInstanceOf(Reply.Refused.class, rig.propose("files.read", ARGS.set("misfit", new JsonText("x"))));

        assertTrue(refused.call().message().contains("misfit"), refused.call().message());
        assertEquals(List.of(), rig.ran());
    }

    @Test
    void a_clarification_asks_and_does_not_run() {
        rig.rules(
                allow("all").on("*.*").rule(),
                clarify("why").on("pay.*").text("Which ticket?").rule());

        var asked = assertInstanceOf(Reply.Asked.class, rig.propose("pay.send", ARGS));

        assertEquals("Which ticket?", asked.call().message());
        assertEquals(List.of(), rig.ran());
    }

    @Test
    void a_held_call_runs_only_after_its_quorum_and_only_once() {
        rig.rules(hold("people").on("pay.*").rule());
        var held = assertInstanceOf(Reply.Held.class, rig.propose("pay.send", ARGS));
        assertInstanceOf(Reply.Held.class, rig.execute(held.call().id()));
        assertEquals(List.of(), rig.ran());

        assertInstanceOf(VoteResult.Closed.class, rig.approve(Rig.BOB, held));
        assertEquals(List.of(), rig.ran(), "an approval alone runs nothing");

        var ran = assertInstanceOf(Reply.Ran.class, rig.execute(held.call().id()));
        var again = assertInstanceOf(Reply.Ran.class, rig.execute(held.call().id()));
        assertEquals(List.of("pay.send {\"path\":\"a\"}"), rig.ran());
        assertTrue(again.replayed() && !ran.replayed());
        assertEquals(held.call().id(), ran.call().id());
    }

    @Test
    void an_identical_repeat_joins_the_ticket_and_after_approval_runs() {
        rig.rules(hold("people").on("pay.*").rule());
        var held = assertInstanceOf(Reply.Held.class, rig.propose("pay.send", ARGS));

        var same = assertInstanceOf(Reply.Held.class, rig.propose("pay.send", ARGS));
        var other = assertInstanceOf(Reply.Held.class, rig.propose("pay.send", ARGS.set("path", new JsonText("b"))));
        assertEquals(held.pending().ticket(), same.pending().ticket());
        assertNotEquals(held.pending().ticket(), other.pending().ticket());

        rig.approve(Rig.BOB, held);
        assertInstanceOf(Reply.Ran.class, rig.propose("pay.send", ARGS));
        assertInstanceOf(Reply.Held.class, rig.propose("pay.send", ARGS), "an approval is used once");
        assertEquals(List.of("pay.send {\"path\":\"a\"}"), rig.ran());
    }

    @Test
    void a_persons_denial_answers_identical_repeats() {
        rig.rules(hold("people").on("pay.*").rule());
        var held = assertInstanceOf(Reply.Held.class, rig.propose("pay.send", ARGS));

        rig.deny(Rig.BOB, held, "not today");

        var refused = assertInstanceOf(Reply.Refused.class, rig.propose("pay.send", ARGS));
        assertEquals("person", refused.call().cause());
        assertEquals("not today", refused.call().message());
        assertEquals(held.call().id(), refused.call().id());
        assertEquals(List.of(), rig.ran());
    }

    @Test
    void an_approval_does_not_lift_a_deny_that_came_meanwhile() {
        var people = hold("people").on("pay.*").rule();
        rig.rules(people);
        var held = assertInstanceOf(Reply.Held.class, rig.propose("pay.send", ARGS));
        rig.approve(Rig.BOB, held);

        rig.rules(people, deny("stop").on("pay.*").rule());

        assertInstanceOf(Reply.Refused.class, rig.execute(held.call().id()));
        assertEquals(List.of(), rig.ran());
    }

    @Test
    void an_approval_stands_when_a_reload_leaves_its_hold_and_falls_when_it_changes() {
        var people = hold("people").on("pay.*").rule();
        rig.rules(people);
        var kept = assertInstanceOf(Reply.Held.class, rig.propose("pay.send", ARGS));
        var fallen = assertInstanceOf(Reply.Held.class, rig.propose("pay.send", ARGS.set("path", new JsonText("b"))));
        rig.approve(Rig.BOB, kept);
        rig.approve(Rig.BOB, fallen);

        rig.rules(people, allow("reads").on("files.read").rule());
        assertInstanceOf(Reply.Ran.class, rig.execute(kept.call().id()));

        rig.rules(hold("people").on("pay.*", "files.*").rule());
        var refused =
                assertInstanceOf(Reply.Refused.class, rig.execute(fallen.call().id()));
        assertEquals(Status.CANCELLED, refused.call().status());
        assertEquals(1, rig.ran().size());
    }

    @Test
    void a_hold_that_nobody_answers_expires_into_a_denial() {
        rig.rules(hold("people").on("pay.*").rule());
        var held = assertInstanceOf(Reply.Held.class, rig.propose("pay.send", ARGS));

        rig.pass(Duration.ofHours(2));
        rig.desk.expireDue();

        assertInstanceOf(VoteResult.AlreadyClosed.class, rig.approve(Rig.BOB, held));
        var refused =
                assertInstanceOf(Reply.Refused.class, rig.execute(held.call().id()));
        assertEquals("expired", refused.call().cause());
        assertEquals(List.of(), rig.ran());
        assertInstanceOf(Reply.Held.class, rig.propose("pay.send", ARGS), "a new ticket can be opened");
    }

    @Test
    void a_cancelled_hold_is_never_run_by_a_later_approval() {
        rig.rules(hold("people").on("pay.*").rule());
        var held = assertInstanceOf(Reply.Held.class, rig.propose("pay.send", ARGS));

        rig.guard.cancel(Rig.CODER, held.call().id());

        assertInstanceOf(VoteResult.AlreadyClosed.class, rig.approve(Rig.BOB, held));
        assertInstanceOf(Reply.Refused.class, rig.execute(held.call().id()));
        assertEquals(List.of(), rig.ran());
    }

    @Test
    void two_hundred_executors_on_one_approval_give_one_effect() throws Exception {
        rig.rules(hold("people").on("pay.*").rule());
        var held = assertInstanceOf(Reply.Held.class, rig.propose("pay.send", ARGS));
        rig.approve(Rig.BOB, held);

        List<Callable<Reply>> executors = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            executors.add(() -> rig.execute(held.call().id()));
            executors.add(() -> rig.propose("pay.send", ARGS));
        }
        int first = 0;
        try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Reply> reply : pool.invokeAll(executors))
                if (reply.get() instanceof Reply.Ran ran && !ran.replayed()) first++;
        }

        assertEquals(List.of("pay.send {\"path\":\"a\"}"), rig.ran());
        assertEquals(1, first);
    }

    @Test
    void a_caller_gets_a_permit_and_reports_once() {
        rig.rules(allow("all").on("*.*").rule());
        var session = rig.sessions.open("host:app", "coder", Optional.of("ann"), "task", Optional.empty());
        var proposal = rig.proposal(
                Rig.APP,
                "files.write",
                ARGS,
                Run.CALLER,
                Optional.of(session.session().id()));

        var permitted = assertInstanceOf(Reply.Permitted.class, rig.propose(proposal));
        assertEquals(ARGS, permitted.arguments());
        assertEquals(List.of(), rig.ran());

        CallId id = permitted.call().id();
        var done = assertInstanceOf(Reply.Present.class, rig.guard.report(Rig.APP, id, true, Optional.empty(), ""));
        assertEquals(Status.SUCCEEDED, done.call().status());
        var twice = assertInstanceOf(Reply.Broken.class, rig.guard.report(Rig.APP, id, true, Optional.empty(), ""));
        assertEquals(ProblemType.LEASE_SPENT, twice.type());
        assertEquals(
                1,
                rig.sessions
                        .view(rig.sessions.find(session.session().id()).orElseThrow())
                        .calls()
                        .calls()
                        .size());
    }

    @Test
    void an_agents_own_report_satisfies_no_condition() {
        rig.rules(allow("all").on("*.*").rule());
        var permitted = assertInstanceOf(
                Reply.Permitted.class,
                rig.propose(rig.proposal(Rig.CODER, "files.write", ARGS, Run.CALLER, Optional.empty())));

        rig.guard.report(Rig.CODER, permitted.call().id(), true, Optional.empty(), "");

        var view = rig.sessions.view(rig.sessions.implicit("coder", Optional.empty()));
        assertEquals(List.of(), view.calls().calls());
        rig.propose("files.read", ARGS);
        view = rig.sessions.view(rig.sessions.implicit("coder", Optional.empty()));
        assertEquals(1, view.calls().calls().size());
    }

    @Test
    void a_permit_that_nobody_used_lapses_and_a_late_result_is_still_recorded() {
        rig.rules(allow("all").on("*.*").rule());
        var permitted = assertInstanceOf(
                Reply.Permitted.class,
                rig.propose(rig.proposal(Rig.CODER, "files.write", ARGS, Run.CALLER, Optional.empty())));

        rig.pass(Duration.ofMinutes(6));
        assertEquals(1, rig.recovery.sweep(rig.guard::runs).expired());

        assertInstanceOf(Reply.Present.class, rig.execute(permitted.call().id()));
        assertEquals(List.of(), rig.ran());
        var late = assertInstanceOf(
                Reply.Present.class,
                rig.guard.report(Rig.CODER, permitted.call().id(), true, Optional.empty(), ""));
        assertEquals(Status.SUCCEEDED, late.call().status());
    }

    @Test
    void an_approved_caller_run_call_is_permitted_at_quorum() {
        rig.rules(hold("people").on("files.*").rule());
        var held = assertInstanceOf(
                Reply.Held.class,
                rig.propose(rig.proposal(Rig.CODER, "files.write", ARGS, Run.CALLER, Optional.empty())));

        rig.approve(Rig.BOB, held);

        var permitted = assertInstanceOf(
                Reply.Permitted.class, rig.guard.state(Rig.CODER, held.call().id(), Duration.ofSeconds(10)));
        assertEquals(held.call().id(), permitted.call().id());
        assertInstanceOf(Reply.Ran.class, rig.execute(held.call().id()), "the guard may run a permitted call once");
        assertEquals(1, rig.ran().size());
    }

    @Test
    void a_lost_call_is_in_doubt_and_is_not_repeated_until_an_operator_says_what_happened() {
        rig.rules(allow("all").on("*.*").rule());
        rig.upstream(request -> new Outcome.Lost(ProblemType.UPSTREAM_TIMEOUT, "no answer"));
        var lost = assertInstanceOf(Reply.Faulted.class, rig.propose("pay.send", ARGS));
        assertEquals(Status.IN_DOUBT, lost.call().status());

        rig.upstream(request -> new Outcome.Answered(JsonObject.EMPTY, true));
        var refused = assertInstanceOf(Reply.Refused.class, rig.propose("pay.send", ARGS));
        assertEquals("in_doubt", refused.call().cause());
        assertEquals(1, rig.ran().size());

        rig.guard.report(Rig.OTTO, lost.call().id(), false, Optional.empty(), "did not run");
        assertInstanceOf(Reply.Ran.class, rig.propose("pay.send", ARGS));
        assertEquals(2, rig.ran().size());
    }

    @Test
    void an_idempotent_tool_may_be_repeated_though_a_call_is_in_doubt() {
        var name = ToolName.parse("pay.check");
        rig.tool(new ToolDefinition(
                name,
                JsonObject.EMPTY,
                Optional.empty(),
                ToolEffect.READ,
                Set.of(),
                Set.of(),
                true,
                false,
                ToolDefinition.digest(name, JsonObject.EMPTY)));
        rig.rules(allow("all").on("*.*").rule());
        rig.upstream(request -> new Outcome.Lost(ProblemType.UPSTREAM_TIMEOUT, "no answer"));
        assertInstanceOf(Reply.Faulted.class, rig.propose("pay.check", ARGS));

        rig.upstream(request -> new Outcome.Answered(JsonObject.EMPTY, true));
        assertInstanceOf(Reply.Ran.class, rig.propose("pay.check", ARGS));
    }

    @Test
    void a_throwing_runner_is_an_outcome_not_a_hang() {
        rig.rules(allow("all").on("*.*").rule());
        rig.upstream(request -> {
            throw new StackOverflowError("planted");
        });

        var faulted = assertInstanceOf(Reply.Faulted.class, rig.propose("files.read", ARGS));

        assertEquals(Status.IN_DOUBT, faulted.call().status());
    }

    @Test
    void an_unwritable_journal_runs_nothing() {
        rig.rules(allow("all").on("*.*").rule());
        assertInstanceOf(Reply.Ran.class, rig.propose("files.read", ARGS));
        store.breakDown(MemoryStore.Fault.REFUSED);

        var broken = assertInstanceOf(Reply.Broken.class, rig.propose("files.read", ARGS));

        assertEquals(ProblemType.JOURNAL_UNAVAILABLE, broken.type());
        assertEquals(1, rig.ran().size());
        store.mend();
        assertInstanceOf(Reply.Ran.class, rig.propose("files.read", ARGS));
    }

    @Test
    void the_same_idempotency_key_is_the_same_call_and_another_body_a_conflict() {
        rig.rules(allow("all").on("*.*").rule());
        var proposal = rig.proposal(Rig.CODER, "files.read", ARGS, Run.GUARD, Optional.empty());
        var key = new Guard.IdempotencyKey("k1", Sha256.of(ARGS));

        var first = assertInstanceOf(Reply.Ran.class, rig.propose(proposal, key));
        var second = assertInstanceOf(Reply.Ran.class, rig.propose(proposal, key));
        var other = assertInstanceOf(
                Reply.Broken.class, rig.propose(proposal, new Guard.IdempotencyKey("k1", Sha256.of(JsonObject.EMPTY))));

        assertEquals(first.call().id(), second.call().id());
        assertTrue(second.replayed());
        assertEquals(ProblemType.CONFLICT, other.type());
        assertEquals(1, rig.ran().size());
    }

    @Test
    void a_client_that_left_is_not_surprised_by_a_run() {
        rig.rules(allow("all").on("*.*").rule());
        var gone = Attendance.silent(Duration.ofSeconds(5));
        gone.left().complete("disconnected");

        var faulted = assertInstanceOf(
                Reply.Faulted.class,
                rig.guard.propose(
                        rig.proposal(Rig.CODER, "files.read", ARGS, Run.GUARD, Optional.empty()),
                        Optional.empty(),
                        gone));

        assertEquals(Status.FAILED, faulted.call().status());
        assertEquals(List.of(), rig.ran());
        assertInstanceOf(Reply.Ran.class, rig.propose("files.read", ARGS));
    }

    @Test
    void the_third_attempt_at_the_same_thing_gets_a_shorter_answer() {
        rig.rules(deny("no-write").on("files.write").text("Nothing is written.").rule());

        for (int attempt = 1; attempt <= 2; attempt++)
            assertEquals(
                    "Nothing is written.",
                    assertInstanceOf(Reply.Refused.class, rig.propose("files.write", ARGS))
                            .call()
                            .message());
        assertEquals(
                "",
                assertInstanceOf(Reply.Refused.class, rig.propose("files.write", ARGS))
                        .call()
                        .message());
    }

    @Test
    void a_paused_session_runs_nothing_until_it_is_resumed() {
        rig.rules(allow("all").on("*.*").rule());
        assertInstanceOf(Reply.Ran.class, rig.propose("files.read", ARGS));
        var id = rig.sessions.implicit("coder", Optional.empty()).session().id();

        rig.sessions.move(id, "otto", Session.State.PAUSED);
        assertEquals(
                "stopped",
                assertInstanceOf(Reply.Refused.class, rig.propose("files.read", ARGS))
                        .call()
                        .cause());

        rig.sessions.move(id, "otto", Session.State.ACTIVE);
        assertInstanceOf(Reply.Ran.class, rig.propose("files.read", ARGS));
    }

    @Test
    void another_sessions_calls_are_not_there() {
        rig.rules(hold("people").on("*.*").rule());
        var held = assertInstanceOf(Reply.Held.class, rig.propose("pay.send", ARGS));
        var stranger = new Caller(Caller.Kind.AGENT, "mallory", Set.of(), Set.of(), Set.of(), Optional.empty());

        var broken = assertInstanceOf(
                Reply.Broken.class, rig.guard.state(stranger, held.call().id(), Duration.ZERO));

        assertEquals(ProblemType.NOT_FOUND, broken.type());
        assertInstanceOf(
                Reply.Held.class, rig.guard.state(Rig.CODER, held.call().id(), Duration.ZERO));
    }

    @Test
    void arguments_with_a_secret_are_not_stored_and_run_only_from_the_identical_repeat() {
        rig.rules(hold("people").on("*.*").rule());
        var secret = JsonObject.with("token", "s3cret").build();
        var held = assertInstanceOf(Reply.Held.class, rig.propose("pay.send", secret));
        rig.approve(Rig.BOB, held);

        var broken =
                assertInstanceOf(Reply.Broken.class, rig.execute(held.call().id()));
        assertEquals(ProblemType.ARGUMENTS_CHANGED, broken.type());
        assertInstanceOf(Reply.Ran.class, rig.propose("pay.send", secret));
        assertEquals(List.of("pay.send {\"token\":\"s3cret\"}"), rig.ran());
    }

    /// Kinds of the log's entries, with the status where there is one.
    private List<String> entries() {
        try {
            return store.read(0, store.size()).stream()
                    .map(bytes -> (JsonObject) StrictJson.parse(bytes))
                    .map(entry -> (entry.text("kind").orElse("") + " "
                                    + entry.text("status").orElse(""))
                            .strip())
                    .toList();
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
