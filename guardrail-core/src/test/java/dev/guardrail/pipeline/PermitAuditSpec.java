package dev.guardrail.pipeline;

import static dev.guardrail.testing.RuleDraft.allow;
import static dev.guardrail.testing.RuleDraft.hold;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.guardrail.base.JsonObject;
import dev.guardrail.call.Run;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.journal.Status;
import dev.guardrail.proof.LogAudit;
import dev.guardrail.testing.Calls;
import dev.guardrail.testing.HeldLog;
import dev.guardrail.testing.MemoryStore;
import dev.guardrail.testing.Rig;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Where a guard could write what an auditor would call wrong: it does not.
final class PermitAuditSpec {
    private static final JsonObject ARGS = JsonObject.with("path", "a").build();

    private final MemoryStore store = new MemoryStore();
    private final Rig rig = new Rig(store);

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void a_callers_own_tool_is_permitted_once_however_often_it_is_asked_to_run() throws IOException {
        rig.tool(callers("bank.pay")).rules(allow("pays").on("bank.*").rule());
        var permitted = assertInstanceOf(
                Reply.Permitted.class,
                rig.propose(rig.proposal(Rig.CODER, "bank.pay", ARGS, Run.CALLER, Optional.empty())));

        var again = assertInstanceOf(
                Reply.Permitted.class, rig.execute(permitted.call().id()));

        assertEquals(permitted.call().leaseUntil(), again.call().leaseUntil());
        assertEquals(List.of(), rig.ran());
        assertEquals(Optional.empty(), LogAudit.of(HeldLog.of(store)).fault());
    }

    @Test
    void a_callers_permit_is_run_by_the_guard_with_the_approval_that_it_used() throws IOException {
        rig.tool("files.write").rules(hold("people").on("files.*").rule());
        var held = assertInstanceOf(
                Reply.Held.class,
                rig.propose(rig.proposal(Rig.CODER, "files.write", ARGS, Run.CALLER, Optional.empty())));
        rig.approve(Rig.BOB, held);
        rig.guard.state(Rig.CODER, held.call().id(), Duration.ofMillis(1));

        assertInstanceOf(Reply.Ran.class, rig.execute(held.call().id()));

        var report = LogAudit.of(HeldLog.of(store));
        assertEquals(Optional.empty(), report.fault());
        assertEquals(1, report.counts().grants());
        assertEquals(2, report.counts().runs());
    }

    /// The machine slept: monotonic time stood still, the wall clock did not.
    @Test
    void an_approval_is_not_used_past_the_end_that_people_were_shown() throws IOException {
        rig.tool("files.write").rules(hold("people").on("files.*").rule());
        var held = assertInstanceOf(Reply.Held.class, rig.propose("files.write", ARGS));
        rig.approve(Rig.BOB, held);
        rig.millis.addAndGet(Duration.ofDays(2).toMillis());

        rig.execute(held.call().id());

        assertEquals(List.of(), rig.ran());
        assertEquals(Optional.empty(), LogAudit.of(HeldLog.of(store)).fault());
    }

    @Test
    void an_approval_is_used_in_time() throws IOException {
        rig.tool("files.write").rules(hold("people").on("files.*").rule());
        var held = assertInstanceOf(Reply.Held.class, rig.propose("files.write", ARGS));
        rig.approve(Rig.BOB, held);

        var ran = assertInstanceOf(Reply.Ran.class, rig.execute(held.call().id()));

        assertEquals(Status.SUCCEEDED, ran.call().status());
        assertEquals(Optional.empty(), LogAudit.of(HeldLog.of(store)).fault());
    }

    private static ToolDefinition callers(String name) {
        var tool = Calls.tool(name);
        return new ToolDefinition(
                tool.name(),
                tool.definition(),
                tool.inputSchema(),
                tool.effect(),
                tool.labels(),
                tool.taints(),
                tool.idempotent(),
                true,
                tool.digest());
    }
}
