package dev.guardrail.pipeline;

import static dev.guardrail.testing.RuleDraft.allow;
import static dev.guardrail.testing.RuleDraft.hold;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.base.ProblemType;
import dev.guardrail.base.Sha256;
import dev.guardrail.base.StrictJson;
import dev.guardrail.call.CallId;
import dev.guardrail.call.Confinement;
import dev.guardrail.call.Run;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Status;
import dev.guardrail.policy.Cause;
import dev.guardrail.policy.Rule;
import dev.guardrail.proof.LogAudit;
import dev.guardrail.testing.HeldLog;
import dev.guardrail.testing.MemoryStore;
import dev.guardrail.testing.Rig;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Calls that policy has run in a sandbox: confined and journaled so, or not at all.
class ConfinedCallSpec {
    private static final String TOOL = "workspace.shell_exec";
    private static final JsonObject ARGS = JsonObject.with("command", "make").build();
    private static final Rule STRICT =
            allow("strict").on("workspace.*").sandbox("strict").rule();
    private static final Rule ASKS = hold("asks").on("workspace.*").rule();
    private static final Confinement UNDER = new Confinement("strict", Sha256.of(new JsonText("strict")));

    /// Holds everything to everything.
    private static final Confiner ABLE = request -> Optional.empty();

    private MemoryStore store = new MemoryStore();
    private Rig rig =
            new Rig(store).tool(TOOL).tool("guardrail.plan").rules(STRICT).confiner(ABLE);
    private final List<Optional<Confinement>> confined = new ArrayList<>();

    @AfterEach
    void close() throws IOException {
        rig.close();
        assertEquals(Optional.empty(), LogAudit.of(HeldLog.of(store)).fault(), "the log can be re-derived");
    }

    private JsonObject decided() throws IOException {
        return store.read(0, store.size()).stream()
                .map(bytes -> (JsonObject) StrictJson.parse(bytes))
                .filter(entry -> entry.text("kind").equals(Optional.of("decided")))
                .reduce((first, last) -> last)
                .orElseThrow();
    }

    private CallRecord refused(Reply reply) {
        return assertInstanceOf(Reply.Refused.class, reply, reply.toString()).call();
    }

    @Test
    void a_permitted_call_runs_under_the_profile_and_its_intent_names_it() throws IOException {
        rig.upstream(request -> {
            confined.add(request.resource().confinement());
            return new Outcome.Answered(JsonObject.EMPTY, true);
        });

        assertInstanceOf(Reply.Ran.class, rig.propose(TOOL, ARGS));

        assertEquals(List.of(Optional.of(UNDER)), confined);
        assertEquals(Optional.of(UNDER.json()), decided().object("sandbox"));
        rig.rules(allow("plain").on("workspace.*").rule());
        assertInstanceOf(Reply.Ran.class, rig.propose(TOOL, ARGS));
        assertEquals(Optional.empty(), decided().object("sandbox"));
    }

    @Test
    void where_nothing_confines_it_the_call_is_denied_and_says_so() throws IOException {
        rig.confiner(Confiner.NONE);

        CallRecord call = refused(rig.propose(TOOL, ARGS));

        assertEquals(Cause.SANDBOX_UNAVAILABLE.text(), call.cause());
        assertTrue(call.message().contains("`strict`"), call.message());
        assertEquals(List.of(), rig.ran());
        assertEquals(Optional.of(UNDER.json()), decided().object("sandbox"));
        String told = AgentText.of(new Reply.Refused(call)).text();
        assertTrue(told.contains("The call did not run"), told);
        rig.confiner(ABLE);
        assertInstanceOf(Reply.Ran.class, rig.propose(TOOL, ARGS));
    }

    @Test
    void nobody_is_asked_for_what_could_not_run() {
        rig.rules(STRICT, ASKS).confiner(Confiner.NONE);
        assertEquals(
                Cause.SANDBOX_UNAVAILABLE.text(),
                refused(rig.propose(TOOL, ARGS)).cause());
        rig.confiner(ABLE);
        assertInstanceOf(Reply.Held.class, rig.propose(TOOL, ARGS));
    }

    @Test
    void a_caller_cannot_run_it_itself() {
        var own = rig.proposal(Rig.CODER, TOOL, ARGS, Run.CALLER, Optional.empty());

        assertTrue(refused(rig.propose(own)).message().contains("run: guard"));
        var evaluated = rig.guard.evaluate(own, Optional.empty(), Attendance.silent(Duration.ofSeconds(1)));
        assertEquals(Status.DENIED, refused(evaluated).status());
        rig.rules(allow("plain").on("workspace.*").rule());
        assertInstanceOf(Reply.Permitted.class, rig.propose(own));
    }

    @Test
    void an_approval_does_not_reach_another_profile() {
        rig.rules(STRICT, ASKS);
        var held = assertInstanceOf(Reply.Held.class, rig.propose(TOOL, ARGS));
        rig.approve(Rig.BOB, held);
        rig.rules(allow("strict").on("workspace.*").sandbox("build").rule(), ASKS);

        assertInstanceOf(Reply.Refused.class, rig.execute(held.call().id()));

        assertEquals(List.of(), rig.ran());
        rig.rules(STRICT, ASKS);
        var again = assertInstanceOf(Reply.Held.class, rig.propose(TOOL, ARGS));
        rig.approve(Rig.BOB, again);
        assertInstanceOf(Reply.Ran.class, rig.execute(again.call().id()));
    }

    @Test
    void a_plan_holds_no_call_that_runs_in_a_sandbox() {
        Json step = JsonObject.with("tool", TOOL).with("arguments", ARGS).build();
        var plan = JsonObject.with("calls", new JsonArray(List.of(step))).build();
        Rule plans = allow("plans").on("guardrail.plan").rule();
        rig.rules(STRICT, plans);
        assertTrue(refused(rig.propose("guardrail.plan", plan)).message().contains("sandbox"));
        rig.rules(allow("plain").on("workspace.*").rule(), plans);
        assertInstanceOf(Reply.Ran.class, rig.propose("guardrail.plan", plan));
    }

    @Test
    void a_crash_while_it_runs_leaves_it_in_doubt() throws IOException {
        // The store that goes on knows nothing of what comes after it is opened.
        var atRun = new ArrayList<MemoryStore>();
        rig.upstream(request -> {
            atRun.add(store.reopen());
            return new Outcome.Answered(JsonObject.EMPTY, true);
        });
        rig.propose(TOOL, ARGS);
        rig.close();
        store = atRun.getFirst();
        var call = new CallId(decided().text("call").orElseThrow());
        rig = new Rig(store).tool(TOOL).rules(STRICT).confiner(ABLE);

        rig.recovery.start();

        var found = assertInstanceOf(Reply.Faulted.class, rig.guard.state(Rig.CODER, call, Duration.ZERO));
        assertEquals(Status.IN_DOUBT, found.call().status());
        assertEquals(Cause.IN_DOUBT.text(), refused(rig.propose(TOOL, ARGS)).cause());
    }

    @Test
    void a_runner_without_a_sandbox_left_says_that_it_did_not_run() {
        rig.upstream(request -> new Outcome.NotRun(ProblemType.SANDBOX_UNAVAILABLE, "gone"));

        var faulted = assertInstanceOf(Reply.Faulted.class, rig.propose(TOOL, ARGS));

        assertEquals(ProblemType.SANDBOX_UNAVAILABLE, faulted.type());
        assertEquals(Status.FAILED, faulted.call().status());
    }
}
