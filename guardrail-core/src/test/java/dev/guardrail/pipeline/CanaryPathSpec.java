package dev.guardrail.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.guardrail.approval.ApproversQueue;
import dev.guardrail.approval.Canaries;
import dev.guardrail.approval.CanaryPlan;
import dev.guardrail.approval.Decoy;
import dev.guardrail.approval.Planting;
import dev.guardrail.approval.Ticket;
import dev.guardrail.approval.TicketState;
import dev.guardrail.approval.VoteResult;
import dev.guardrail.base.IdSource;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.ProblemType;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.CallId;
import dev.guardrail.call.Risk;
import dev.guardrail.policy.RuleId;
import dev.guardrail.proof.LogAudit;
import dev.guardrail.testing.Calls;
import dev.guardrail.testing.HeldLog;
import dev.guardrail.testing.MemoryStore;
import dev.guardrail.testing.Rig;
import dev.guardrail.testing.RuleDraft;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The path of calls beside a canary that shows the very call that an agent makes: nothing on the path finds it.
class CanaryPathSpec {
    private static final JsonObject ARGUMENTS = JsonObject.with("to", "DE00").build();

    private final Rig rig = new Rig(new MemoryStore());
    private final Canaries canaries = new Canaries(
            rig.journal,
            IdSource.of(() -> Instant.ofEpochMilli(rig.millis.get()), new Random(1)),
            () -> List.of(Rig.BOB, Rig.CAROL),
            tool -> Optional.of(Calls.tool("pay.send")),
            new Random(2),
            Optional.of(new CanaryPlan(
                    List.of(new Decoy(
                            Calls.tool("pay.send").name(),
                            ARGUMENTS,
                            "",
                            "coder",
                            Optional.empty(),
                            new RuleId("hold"),
                            Risk.MEDIUM)),
                    List.of("role:approver"),
                    Duration.ofDays(1),
                    Duration.ofHours(1))));
    private final ApproversQueue queue = new ApproversQueue(rig.desk, canaries);

    @BeforeEach
    void rules() {
        rig.tool("pay.send").rules(RuleDraft.hold("hold").on("pay.*").rule());
    }

    @AfterEach
    void stop() {
        canaries.close();
        rig.close();
    }

    private Ticket planted() {
        return assertInstanceOf(Planting.Planted.class, canaries.plant("guard"))
                .canary()
                .guise();
    }

    private Ticket approved() {
        var guise = planted();
        var result = queue.approve(Rig.BOB, guise.id(), Sha256.of(ARGUMENTS), "", Optional.empty());
        return assertInstanceOf(VoteResult.Closed.class, result).ticket();
    }

    private Reply.Held held() {
        return assertInstanceOf(Reply.Held.class, rig.propose("pay.send", ARGUMENTS));
    }

    private ProblemType refused(Runnable asking) {
        return assertThrows(Refusal.class, asking::run).type();
    }

    @Test
    void an_approved_canary_is_executed_by_nobody() {
        var guise = approved();
        CallId call = guise.call();

        assertEquals(
                ProblemType.NOT_FOUND,
                assertInstanceOf(Reply.Broken.class, rig.execute(call)).type());
        assertEquals(ProblemType.NOT_FOUND, refused(() -> rig.guard.held().answer(Rig.CODER, call, "yes")));
        assertEquals(List.of(), rig.ran());
        // The control: a call that was approved is.
        var held = held();
        rig.approve(Rig.BOB, held);
        assertInstanceOf(Reply.Ran.class, rig.execute(held.call().id()));
        assertEquals(1, rig.ran().size());
    }

    @Test
    void the_identical_call_of_an_agent_neither_joins_it_nor_runs_by_it() {
        var guise = planted();
        var held = held();
        assertNotEquals(guise.id(), held.pending().ticket());

        queue.approve(Rig.BOB, guise.id(), Sha256.of(ARGUMENTS), "", Optional.empty());

        assertEquals(held.pending().ticket(), held().pending().ticket(), "it waits still");
        assertEquals(
                TicketState.PENDING,
                rig.desk.find(held.pending().ticket()).orElseThrow().state());
        assertEquals(List.of(), rig.ran());
    }

    @Test
    void a_denied_canary_denies_no_call() {
        var guise = planted();
        queue.deny(Rig.BOB, guise.id(), "no");

        rig.approve(Rig.BOB, held());
        assertInstanceOf(Reply.Ran.class, rig.propose("pay.send", ARGUMENTS));
    }

    @Test
    void nobody_edits_it_into_a_call() {
        var guise = planted();
        var revised = rig.guard.held().revise(Rig.BOB, guise.id(), Sha256.of(ARGUMENTS), ARGUMENTS, "");

        assertInstanceOf(
                VoteResult.Unknown.class,
                assertInstanceOf(HeldCalls.Revised.Objected.class, revised).why());
        assertEquals(List.of(), rig.ran());
    }

    @Test
    void recovery_and_the_end_of_sessions_do_not_touch_it() {
        var guise = planted();
        rig.recovery.start();
        rig.desk.cancelAll(guise.session(), "session_ended");
        rig.pass(Duration.ofMinutes(30));
        rig.desk.expireDue();

        assertEquals(TicketState.PENDING, queue.find(guise.id()).orElseThrow().state());
    }

    @Test
    void a_log_with_calls_and_canaries_is_sound() throws IOException {
        approved();
        rig.approve(Rig.BOB, held());
        rig.propose("pay.send", ARGUMENTS);
        planted();

        assertEquals(1, rig.ran().size());
        assertEquals(Optional.empty(), LogAudit.of(HeldLog.of(rig.store)).fault());
    }
}
