package dev.guardrail.pipeline;

import static dev.guardrail.testing.RuleDraft.allow;
import static dev.guardrail.testing.RuleDraft.hold;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.ProblemType;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.Caller;
import dev.guardrail.call.InboundToken;
import dev.guardrail.call.Proposal;
import dev.guardrail.call.Run;
import dev.guardrail.testing.MemoryStore;
import dev.guardrail.testing.Rig;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Agents that come for one of several users: what is whose, and what becomes of the token that they came with.
class OnBehalfSpec {
    private static final JsonObject ARGS = JsonObject.with("path", "/a").build();

    private final List<Optional<InboundToken>> shown = new ArrayList<>();
    private Rig rig;

    @BeforeEach
    void open() {
        rig = new Rig(new MemoryStore(), runner -> (lease, request, attendance) -> {
                    shown.add(attendance.token());
                    return runner.run(lease, request, attendance);
                })
                .tool("files.read");
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private static Caller user(String name) {
        return new Caller(
                Caller.Kind.AGENT,
                "coder",
                Set.of(),
                Set.of(),
                Set.of(),
                Optional.empty(),
                Optional.of(name),
                Optional.of(new InboundToken("token-of-" + name, Instant.EPOCH)));
    }

    private Proposal proposal(Caller caller) {
        return rig.proposal(caller, "files.read", ARGS, Run.GUARD, Optional.empty());
    }

    @Test
    void each_user_has_a_session() {
        rig.rules(allow("all").on("*.*").rule());
        var alice = assertInstanceOf(Reply.Ran.class, rig.propose(proposal(user("alice"))))
                .call();
        var bob = assertInstanceOf(Reply.Ran.class, rig.propose(proposal(user("bob"))))
                .call();
        var nobody = assertInstanceOf(Reply.Ran.class, rig.propose(proposal(Rig.CODER)))
                .call();

        assertEquals(3, Set.of(alice.session(), bob.session(), nobody.session()).size());
        assertEquals(
                alice.session(),
                assertInstanceOf(Reply.Ran.class, rig.propose(proposal(user("alice"))))
                        .call()
                        .session());
    }

    @Test
    void a_call_is_there_for_its_own_user_alone() {
        rig.rules(hold("people").on("*.*").rule());
        var held = assertInstanceOf(Reply.Held.class, rig.propose(proposal(user("alice"))));
        var id = held.call().id();

        for (Caller other : List.of(user("bob"), Rig.CODER)) {
            var state = assertInstanceOf(Reply.Broken.class, rig.guard.state(other, id, Duration.ZERO));
            assertEquals(ProblemType.NOT_FOUND, state.type());
            var run = assertInstanceOf(
                    Reply.Broken.class, rig.guard.execute(other, id, Attendance.silent(Duration.ofSeconds(5))));
            assertEquals(ProblemType.NOT_FOUND, run.type());
        }
        assertInstanceOf(Reply.Held.class, rig.guard.state(user("alice"), id, Duration.ZERO));
    }

    @Test
    void the_same_idempotency_key_of_two_users_is_two_keys() {
        rig.rules(allow("all").on("*.*").rule());
        var key = new Guard.IdempotencyKey("k1", Sha256.of(ARGS));
        var alice = assertInstanceOf(Reply.Ran.class, rig.propose(proposal(user("alice")), key));
        var bob = assertInstanceOf(Reply.Ran.class, rig.propose(proposal(user("bob")), key));
        assertNotEquals(alice.call().id(), bob.call().id());
        assertEquals(
                alice.call().id(),
                assertInstanceOf(Reply.Ran.class, rig.propose(proposal(user("alice")), key))
                        .call()
                        .id());
        assertEquals(2, rig.ran().size());
    }

    @Test
    void the_runner_is_shown_the_token_of_whoever_came_and_nobody_elses() {
        rig.rules(allow("all").on("*.*").rule());
        rig.propose(proposal(user("alice")));
        rig.propose(proposal(Rig.CODER));
        assertEquals(List.of(user("alice").token(), Optional.empty()), shown);
    }

    @Test
    void a_held_call_runs_with_the_token_that_its_user_comes_back_with() {
        rig.rules(hold("people").on("*.*").rule());
        var held = assertInstanceOf(Reply.Held.class, rig.propose(proposal(user("alice"))));
        rig.approve(Rig.BOB, held);
        assertInstanceOf(
                Reply.Ran.class,
                rig.guard.execute(user("alice"), held.call().id(), Attendance.silent(Duration.ofSeconds(5))));
        assertEquals(List.of(user("alice").token()), shown);
    }

    @Test
    void a_token_shows_in_no_text() {
        var caller = user("alice");
        assertFalse(caller.toString().contains("token-of"), caller.toString());
        assertFalse(
                Attendance.silent(Duration.ZERO).with(caller.token()).toString().contains("token-of"));
    }
}
