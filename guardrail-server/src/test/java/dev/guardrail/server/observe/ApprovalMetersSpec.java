package dev.guardrail.server.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonObject;
import dev.guardrail.pipeline.Reply;
import dev.guardrail.testing.MemoryStore;
import dev.guardrail.testing.Rig;
import dev.guardrail.testing.RuleDraft;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What is counted of approvals, each once.
class ApprovalMetersSpec {
    private final Rig rig = new Rig(new MemoryStore());
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

    @BeforeEach
    void start() {
        rig.tool("pay.send").rules(RuleDraft.hold("hold").on("pay.*").rule());
        ApprovalMeters.bind(rig.journal, rig.desk, meters);
    }

    @AfterEach
    void stop() {
        rig.close();
    }

    private Reply.Held held(int amount) {
        var arguments = JsonObject.with("amount", JsonNumber.of(amount)).build();
        return assertInstanceOf(Reply.Held.class, rig.propose("pay.send", arguments));
    }

    private @Nullable Counter counter(String name, String tag, String value) {
        return meters.find(name).tag(tag, value).counter();
    }

    private void await(String name, String tag, String value, double count) {
        for (int attempt = 0; attempt < 100_000_000; attempt++) {
            Counter counter = counter(name, tag, value);
            if (counter != null && counter.count() == count) return;
            Thread.onSpinWait();
        }
        throw new AssertionError("no " + count + " of " + name + " " + value);
    }

    @Test
    void an_approval_that_nobody_used_ended_once() {
        rig.approve(Rig.BOB, held(1));
        await("guardrail.approvals", "outcome", "approved", 1);
        rig.pass(Duration.ofMinutes(11));
        rig.desk.expireDue();
        held(2);
        rig.pass(Duration.ofHours(2));
        rig.desk.expireDue();
        await("guardrail.approvals", "outcome", "expired", 1);
        rig.deny(Rig.BOB, held(3), "");
        await("guardrail.approvals", "outcome", "denied", 1);

        assertEquals(1, counter("guardrail.approvals", "outcome", "expired").count(), "of the one nobody decided");
        assertEquals(
                1,
                meters.find("guardrail.approval.wait")
                        .tag("outcome", "expired")
                        .timer()
                        .count());
    }

    @Test
    void an_approval_is_quick_or_not() {
        var read = held(1);
        rig.pass(Duration.ofSeconds(5));
        rig.approve(Rig.BOB, read);
        await("guardrail.approvals", "outcome", "approved", 1);
        rig.approve(Rig.BOB, held(2));
        await("guardrail.approvals", "outcome", "approved", 2);

        double quick = meters.find("guardrail.approvals.quick").counters().stream()
                .mapToDouble(Counter::count)
                .sum();
        assertEquals(1, quick);
    }

    @Test
    void asking_again_for_what_was_decided_is_counted_by_what_was_decided() {
        var first = held(1);
        rig.approve(Rig.BOB, first);
        await("guardrail.approvals", "outcome", "approved", 1);
        assertNull(counter("guardrail.approvals.repeated", "before", "approved"));
        rig.execute(first.call().id());
        held(1);
        await("guardrail.approvals.repeated", "before", "approved", 1);
    }
}
