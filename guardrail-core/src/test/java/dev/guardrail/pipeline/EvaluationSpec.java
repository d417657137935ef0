package dev.guardrail.pipeline;

import static dev.guardrail.testing.RuleDraft.allow;
import static dev.guardrail.testing.RuleDraft.deny;
import static dev.guardrail.testing.RuleDraft.hold;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.guardrail.approval.TicketState;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.ProblemType;
import dev.guardrail.call.Proposal;
import dev.guardrail.call.Run;
import dev.guardrail.call.ToolName;
import dev.guardrail.journal.Status;
import dev.guardrail.proof.LogAudit;
import dev.guardrail.testing.HeldLog;
import dev.guardrail.testing.MemoryStore;
import dev.guardrail.testing.Rig;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Knowing whether a call may run, having people asked, and running it, each apart from the others.
final class EvaluationSpec {
    private static final Attendance NOBODY = Attendance.silent(Duration.ofSeconds(20));

    private final MemoryStore store = new MemoryStore();
    private final Rig rig = new Rig(store).tool("doc.publish");

    @BeforeEach
    void holds() {
        rig.rules(hold("people").on("doc.*").rule());
    }

    /// Whatever happened, an auditor finds nothing to object to.
    @AfterEach
    void close() throws IOException {
        rig.close();
        assertEquals(Optional.empty(), LogAudit.of(HeldLog.of(store)).fault());
    }

    private static Proposal paper(String name) {
        return new Proposal(
                Rig.CODER,
                Optional.empty(),
                "authzen",
                ToolName.parse("doc.publish"),
                JsonObject.with("paper", name).build(),
                "",
                Run.CALLER);
    }

    private Reply evaluate(String name) {
        return rig.guard.evaluate(paper(name), Optional.empty(), NOBODY);
    }

    private Reply evaluate(String name, Reply.Held asked) {
        return rig.guard.evaluate(paper(name), Optional.of(asked.pending().ticket()), NOBODY);
    }

    private Reply.Held request(String name) {
        return assertInstanceOf(Reply.Held.class, rig.guard.request(paper(name), Optional.empty(), NOBODY));
    }

    private TicketState state(Reply.Held asked) {
        return rig.desk.find(asked.pending().ticket()).orElseThrow().state();
    }

    private static String cause(Reply reply) {
        return assertInstanceOf(Reply.Refused.class, reply).call().cause();
    }

    @Test
    void an_evaluated_hold_is_a_denial_and_asks_nobody() {
        var refused = assertInstanceOf(Reply.Refused.class, evaluate("a")).call();

        assertEquals("requestable", refused.cause());
        assertEquals("require_approval", refused.effect());
        assertEquals(Status.DENIED, refused.status());
        assertEquals(List.of("people"), refused.rules());
        assertEquals(Optional.empty(), refused.ticket());
        assertEquals(List.of(), rig.desk.list(Optional.empty(), "", 10));
    }

    @Test
    void evaluating_does_not_keep_a_call_from_being_proposed() {
        evaluate("a");

        assertInstanceOf(
                Reply.Held.class,
                rig.propose(rig.proposal(
                        Rig.CODER, "doc.publish", JsonObject.with("paper", "a").build(), Run.GUARD, Optional.empty())));
    }

    @Test
    void people_who_agree_permit_nothing_until_it_is_evaluated_with_their_approval() {
        var asked = request("a");
        rig.approve(Rig.BOB, asked);
        rig.guard.state(Rig.CODER, asked.call().id(), Duration.ofSeconds(1));

        assertEquals(TicketState.APPROVED, state(asked));
        assertEquals("requestable", cause(evaluate("a")));
        assertInstanceOf(Reply.Permitted.class, evaluate("a", asked));
        assertEquals(TicketState.USED, state(asked));
        assertEquals("requestable", cause(evaluate("a", asked)));
    }

    @Test
    void naming_an_approval_gives_nothing() {
        var asked = request("a");
        assertInstanceOf(Reply.Held.class, evaluate("a", asked));
        rig.approve(Rig.BOB, asked);

        assertEquals("requestable", cause(evaluate("b", asked)));
        assertInstanceOf(Reply.Permitted.class, evaluate("a", asked));
    }

    @Test
    void a_request_permits_nothing_where_people_have_agreed_already() {
        var asked = request("a");
        rig.approve(Rig.BOB, asked);

        assertEquals("approved", request("a").pending().state());
        assertEquals(asked.pending().ticket(), request("a").pending().ticket());
        assertEquals(TicketState.APPROVED, state(asked));
    }

    @Test
    void a_request_permits_nothing_where_no_people_are_needed() {
        rig.rules(allow("all").on("doc.*").rule());

        var broken = assertInstanceOf(Reply.Broken.class, rig.guard.request(paper("a"), Optional.empty(), NOBODY));

        assertEquals(ProblemType.MALFORMED_CALL, broken.type());
        assertInstanceOf(Reply.Permitted.class, evaluate("a"));
    }

    @Test
    void policy_is_asked_again_with_the_approval() {
        var asked = request("a");
        rig.approve(Rig.BOB, asked);
        rig.rules(
                hold("people").on("doc.*").rule(),
                deny("not-now").on("doc.publish").rule());

        assertEquals("policy", cause(evaluate("a", asked)));
    }

    @Test
    void an_approval_of_another_hold_falls_and_people_can_be_asked_anew() {
        var asked = request("a");
        rig.approve(Rig.BOB, asked);
        rig.rules(hold("people").on("doc.*", "files.*").rule());

        assertEquals("requestable", cause(evaluate("a", asked)));
        assertEquals(TicketState.CANCELLED, state(asked));
        assertNotEquals(asked.pending().ticket(), request("a").pending().ticket());
    }

    @Test
    void a_persons_denial_is_the_answer_to_both() {
        var asked = request("a");
        rig.deny(Rig.BOB, asked, "no");

        assertEquals("person", cause(evaluate("a")));
        assertEquals("person", cause(rig.guard.request(paper("a"), Optional.empty(), NOBODY)));
    }

    @Test
    void a_host_has_a_session_of_its_own_for_each_agent_and_user() {
        var alice = rig.sessions.standing("app", "coder", Optional.of("alice")).session();

        assertEquals("host:app", alice.opener());
        assertEquals(
                alice.id(),
                rig.sessions
                        .standing("app", "coder", Optional.of("alice"))
                        .session()
                        .id());
        for (var other : List.of(
                rig.sessions.standing("app", "coder", Optional.of("bob")),
                rig.sessions.standing("app", "bot", Optional.of("alice")),
                rig.sessions.standing("rival", "coder", Optional.of("alice")),
                rig.sessions.implicit("coder", Optional.of("alice"))))
            assertNotEquals(alice.id(), other.session().id());
        rig.sessions.move(alice.id(), "operator:otto", dev.guardrail.session.Session.State.ENDED);
        assertNotEquals(
                alice.id(),
                rig.sessions
                        .standing("app", "coder", Optional.of("alice"))
                        .session()
                        .id());
    }
}
