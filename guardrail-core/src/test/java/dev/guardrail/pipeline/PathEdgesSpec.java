package dev.guardrail.pipeline;

import static dev.guardrail.testing.RuleDraft.allow;
import static dev.guardrail.testing.RuleDraft.hold;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.ProblemType;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.Caller;
import dev.guardrail.call.Run;
import dev.guardrail.call.SessionId;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.call.ToolEffect;
import dev.guardrail.call.ToolName;
import dev.guardrail.journal.Status;
import dev.guardrail.session.Session;
import dev.guardrail.testing.MemoryStore;
import dev.guardrail.testing.Rig;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Where two things meet on the path: races, repeats, sessions that come from others.
final class PathEdgesSpec {
    private static final JsonObject ARGS = JsonObject.with("to", "a").build();

    private final Rig rig = new Rig(new MemoryStore()).tool("pay.send").tool(secretReader());

    private static ToolDefinition secretReader() {
        var name = ToolName.parse("vault.read");
        return new ToolDefinition(
                name,
                JsonObject.EMPTY,
                Optional.empty(),
                ToolEffect.READ,
                Set.of(),
                Set.of("secret"),
                true,
                false,
                ToolDefinition.digest(name, JsonObject.EMPTY));
    }

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void a_run_that_others_raced_for_is_not_taken_for_lost() throws Exception {
        var started = new CountDownLatch(1);
        var release = new CountDownLatch(1);
        rig.rules(hold("people").on("pay.*").rule()).upstream(request -> {
            started.countDown();
            try {
                release.await();
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
            return new Outcome.Answered(JsonObject.EMPTY, true);
        });
        var held = assertInstanceOf(Reply.Held.class, rig.propose("pay.send", ARGS));
        rig.approve(Rig.BOB, held);
        try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Reply> winner = pool.submit(() -> rig.execute(held.call().id()));
            started.await();
            for (int i = 0; i < 20; i++) pool.submit(() -> rig.propose("pay.send", ARGS));
            assertTrue(rig.guard.runs(held.call().id()));
            assertEquals(0, rig.recovery.sweep(rig.guard::runs).inDoubt());
            release.countDown();
            assertEquals(
                    Status.SUCCEEDED,
                    assertInstanceOf(Reply.Ran.class, winner.get()).call().status());
        }
    }

    @Test
    void a_permit_does_not_run_while_an_identical_call_is_in_doubt() {
        rig.rules(allow("all").on("*.*").rule());
        var permit = assertInstanceOf(
                Reply.Permitted.class,
                rig.propose(rig.proposal(Rig.CODER, "pay.send", ARGS, Run.CALLER, Optional.empty())));
        rig.upstream(request -> new Outcome.Lost(ProblemType.UPSTREAM_TIMEOUT, "no answer"));
        var lost = assertInstanceOf(Reply.Faulted.class, rig.propose("pay.send", ARGS));
        rig.upstream(request -> new Outcome.Answered(JsonObject.EMPTY, true));

        assertInstanceOf(Reply.Refused.class, rig.execute(permit.call().id()));
        assertEquals(
                "in_doubt",
                assertInstanceOf(Reply.Refused.class, rig.propose("pay.send", ARGS))
                        .call()
                        .cause(),
                "the mark is still there");

        rig.guard.report(Rig.OTTO, lost.call().id(), true, Optional.empty(), "");
        assertInstanceOf(Reply.Ran.class, rig.propose("pay.send", ARGS));
    }

    @Test
    void identical_calls_in_doubt_block_until_each_is_settled() throws Exception {
        rig.rules(allow("all").on("*.*").rule());
        var both = new CountDownLatch(2);
        rig.upstream(request -> {
            both.countDown();
            try {
                both.await();
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
            return new Outcome.Lost(ProblemType.UPSTREAM_TIMEOUT, "no answer");
        });
        Reply one;
        Reply two;
        try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
            var first = pool.submit(() -> rig.propose("pay.send", ARGS));
            var second = pool.submit(() -> rig.propose("pay.send", ARGS));
            one = first.get();
            two = second.get();
        }
        rig.upstream(request -> new Outcome.Answered(JsonObject.EMPTY, true));

        rig.guard.report(
                Rig.OTTO, assertInstanceOf(Reply.Faulted.class, one).call().id(), true, Optional.empty(), "");
        assertInstanceOf(Reply.Refused.class, rig.propose("pay.send", ARGS), "one of them is still in doubt");
        rig.guard.report(
                Rig.OTTO, assertInstanceOf(Reply.Faulted.class, two).call().id(), true, Optional.empty(), "");
        assertInstanceOf(Reply.Ran.class, rig.propose("pay.send", ARGS));
    }

    @Test
    void an_agent_sheds_no_taint_by_opening_another_session() {
        rig.rules(allow("all").on("*.*").rule());
        var first = rig.sessions.open("agent:coder", "coder", Optional.empty(), "", Optional.empty());
        var second = rig.sessions.open("agent:coder", "coder", Optional.empty(), "", Optional.empty());
        var hosted = rig.sessions.open("host:app", "coder", Optional.empty(), "", Optional.empty());
        var child = rig.sessions.open(
                "agent:coder",
                "coder",
                Optional.empty(),
                "",
                Optional.of(hosted.session().id()));

        rig.propose(rig.proposal(tokenOf(first), "vault.read", ARGS, Run.GUARD, Optional.empty()));
        assertEquals(Set.of("secret"), taints(second.session().id()), "a sibling opened before");
        assertEquals(Set.of(), taints(hosted.session().id()), "a host's own session is another matter");

        rig.propose(rig.proposal(tokenOf(child), "vault.read", ARGS, Run.GUARD, Optional.empty()));
        assertEquals(Set.of("secret"), taints(hosted.session().id()), "a child's taint is its parent's");
    }

    @Test
    void a_child_rests_with_its_parent() {
        rig.rules(allow("all").on("*.*").rule());
        var parent = rig.sessions.open("host:app", "coder", Optional.empty(), "", Optional.empty());
        var child = rig.sessions.open(
                "host:app",
                "coder",
                Optional.empty(),
                "",
                Optional.of(parent.session().id()));
        var proposal = rig.proposal(
                Rig.APP,
                "pay.send",
                ARGS,
                Run.GUARD,
                Optional.of(child.session().id()));
        assertInstanceOf(Reply.Ran.class, rig.propose(proposal));

        rig.sessions.move(parent.session().id(), "otto", Session.State.PAUSED);

        assertInstanceOf(Reply.Refused.class, rig.propose(proposal));
    }

    @Test
    void an_idempotency_key_is_its_sessions_own() {
        rig.rules(allow("all").on("*.*").rule());
        var one = rig.sessions.open("host:app", "coder", Optional.of("ann"), "", Optional.empty());
        var two = rig.sessions.open("host:app", "coder", Optional.of("bea"), "", Optional.empty());
        var key = new Guard.IdempotencyKey("k1", Sha256.of(ARGS));

        var first = assertInstanceOf(
                Reply.Ran.class,
                rig.propose(rig.proposal(tokenOf(one), "pay.send", ARGS, Run.GUARD, Optional.empty()), key));
        var other = assertInstanceOf(
                Reply.Ran.class,
                rig.propose(rig.proposal(tokenOf(two), "pay.send", ARGS, Run.GUARD, Optional.empty()), key));

        assertNotEquals(first.call().id(), other.call().id());
        assertTrue(!other.replayed());
    }

    @Test
    void masked_arguments_are_never_handed_out_as_a_permit() {
        rig.rules(allow("all").on("*.*").rule());
        var secret = JsonObject.with("token", "s3cret").build();
        var permitted = assertInstanceOf(
                Reply.Permitted.class,
                rig.propose(rig.proposal(Rig.CODER, "pay.send", secret, Run.CALLER, Optional.empty())));
        assertEquals(secret, permitted.arguments());

        assertInstanceOf(
                Reply.Present.class, rig.guard.state(Rig.CODER, permitted.call().id(), java.time.Duration.ZERO));
    }

    private static Caller tokenOf(dev.guardrail.registry.SessionRegistry.Opened opened) {
        return new Caller(
                Caller.Kind.AGENT,
                "coder",
                Set.of(),
                Set.of(),
                Set.of(),
                Optional.of(opened.session().id()));
    }

    private Set<String> taints(SessionId id) {
        return rig.sessions.view(rig.sessions.find(id).orElseThrow()).taints();
    }
}
