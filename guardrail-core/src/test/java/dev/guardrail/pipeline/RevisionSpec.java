package dev.guardrail.pipeline;

import static dev.guardrail.testing.RuleDraft.allow;
import static dev.guardrail.testing.RuleDraft.deny;
import static dev.guardrail.testing.RuleDraft.hold;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.approval.VoteResult;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.CallId;
import dev.guardrail.call.Run;
import dev.guardrail.condition.CelConditions;
import dev.guardrail.policy.Quorum;
import dev.guardrail.policy.Rule;
import dev.guardrail.testing.MemoryStore;
import dev.guardrail.testing.Rig;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// A person changes the arguments of a held call: decided again, bound again, and the agent is told.
class RevisionSpec {
    private static final JsonObject ARGS = JsonObject.with("text", "75000").build();
    private static final JsonObject LESS = JsonObject.with("text", "500").build();

    private final Rig rig = new Rig(new MemoryStore())
            .tool("pay.send")
            .rules(hold("people").on("pay.*").rule());

    @AfterEach
    void close() {
        rig.close();
    }

    private Reply.Held held() {
        return assertInstanceOf(Reply.Held.class, rig.propose("pay.send", ARGS));
    }

    private HeldCalls.Revised revise(Reply.Held held, JsonObject arguments) {
        return rig.guard
                .held()
                .revise(Rig.BOB, held.pending().ticket(), held.call().argumentsDigest(), arguments, "too much");
    }

    private VoteResult approve(Reply.Held held, JsonObject seen) {
        return rig.desk.approve(Rig.CAROL, held.pending().ticket(), Sha256.of(seen), "", Optional.empty());
    }

    @Test
    void the_changed_call_runs_once_and_the_agent_is_told_what_changed() {
        var held = held();
        assertInstanceOf(HeldCalls.Revised.Done.class, revise(held, LESS));
        assertInstanceOf(VoteResult.Closed.class, approve(held, LESS));

        var ran = assertInstanceOf(Reply.Ran.class, rig.propose("pay.send", ARGS));
        assertEquals(List.of("pay.send " + LESS), rig.ran());
        String told = AgentText.of(ran).text();
        assertTrue(told.contains("A person changed the arguments") && told.contains("500"), told);
        assertInstanceOf(Reply.Held.class, rig.propose("pay.send", ARGS), "and its approval is spent");
        assertEquals(1, rig.ran().size());
    }

    @Test
    void it_runs_changed_by_its_id_too() {
        var held = held();
        revise(held, LESS);
        approve(held, LESS);
        assertInstanceOf(Reply.Ran.class, rig.execute(held.call().id()));
        assertEquals(List.of("pay.send " + LESS), rig.ran());
    }

    @Test
    void votes_before_the_change_fall_and_digests_of_before_are_refused() {
        rig.rules(hold("people").on("pay.*").quorum(two()).rule());
        var held = held();
        assertInstanceOf(VoteResult.Counted.class, rig.approve(Rig.BOB, held));
        assertInstanceOf(HeldCalls.Revised.Done.class, revise(held, LESS));

        assertInstanceOf(VoteResult.ArgumentsChanged.class, approve(held, ARGS));
        assertInstanceOf(VoteResult.Counted.class, approve(held, LESS), "the vote before is gone");
        assertInstanceOf(Reply.Held.class, rig.propose("pay.send", ARGS));
        assertEquals(List.of(), rig.ran());
        rig.desk.approve(Rig.BOB, held.pending().ticket(), Sha256.of(LESS), "", Optional.empty());
        assertInstanceOf(Reply.Ran.class, rig.propose("pay.send", ARGS));
    }

    private static Quorum two() {
        var usual = Quorum.DEFAULT;
        return new Quorum(
                usual.approvers(),
                2,
                false,
                true,
                usual.expiresAfter(),
                usual.validFor(),
                Optional.empty(),
                Optional.empty());
    }

    @Test
    void a_change_that_policy_denies_leaves_the_call_as_it_was() {
        var held = held();
        rig.rules(hold("people").on("pay.*").rule(), deny("now").on("pay.*").rule());
        assertInstanceOf(HeldCalls.Revised.Refused.class, revise(held, LESS));
        rig.rules(hold("people").on("pay.*").rule());
        assertInstanceOf(VoteResult.Closed.class, approve(held, ARGS));
        assertInstanceOf(Reply.Ran.class, rig.propose("pay.send", ARGS));
        assertEquals(List.of("pay.send " + ARGS), rig.ran());
    }

    @Test
    void a_change_does_not_do_without_the_people_who_had_to_agree_before() {
        var held = held();
        rig.rules(hold("people").on("pay.*").rule(), allow("free").on("pay.*").rule());
        assertInstanceOf(HeldCalls.Revised.Done.class, revise(held, LESS));
        assertInstanceOf(Reply.Held.class, rig.propose("pay.send", ARGS));
        assertEquals(List.of(), rig.ran());
    }

    /// Holds what is as large as the agent asked for, and lets the rest through.
    private static Rule[] onlyMuch(Quorum quorum) {
        var much = new CelConditions()
                .compile("args.text == '75000'", List.of())
                .condition()
                .orElseThrow();
        return new Rule[] {
            hold("much").on("pay.*").when(much, "much").quorum(quorum).rule(),
            allow("free").on("pay.*").rule()
        };
    }

    @Test
    void what_policy_would_now_let_through_still_waits_for_the_people_of_before() {
        rig.rules(onlyMuch(Quorum.DEFAULT));
        var held = held();
        assertInstanceOf(HeldCalls.Revised.Done.class, revise(held, LESS));
        assertInstanceOf(Reply.Held.class, rig.propose("pay.send", ARGS), "no vote, no run");
        assertEquals(List.of(), rig.ran());
        assertInstanceOf(VoteResult.Closed.class, approve(held, LESS));
        assertInstanceOf(Reply.Ran.class, rig.propose("pay.send", ARGS));
        assertEquals(List.of("pay.send " + LESS), rig.ran());
    }

    @Test
    void a_hold_whose_rule_is_gone_stays_and_nobody_has_voted_on_it() {
        rig.rules(hold("people").on("pay.*").quorum(two()).rule());
        var held = held();
        rig.approve(Rig.BOB, held);
        rig.rules(allow("free").on("pay.*").rule());
        assertInstanceOf(HeldCalls.Revised.Done.class, revise(held, LESS));
        assertInstanceOf(VoteResult.Counted.class, approve(held, LESS), "two people again");
        assertInstanceOf(Reply.Held.class, rig.execute(held.call().id()));
        assertEquals(List.of(), rig.ran());
        rig.desk.approve(Rig.BOB, held.pending().ticket(), Sha256.of(LESS), "", Optional.empty());
        assertInstanceOf(Reply.Ran.class, rig.execute(held.call().id()));
        assertEquals(List.of("pay.send " + LESS), rig.ran());
    }

    @Test
    void what_is_typed_is_the_value_as_changed() {
        rig.rules(onlyMuch(confirming()));
        var held = held();
        assertInstanceOf(HeldCalls.Revised.Done.class, revise(held, LESS));
        assertInstanceOf(VoteResult.ConfirmMismatch.class, typed(held, "75000"));
        assertInstanceOf(VoteResult.Closed.class, typed(held, "500"));
    }

    private VoteResult typed(Reply.Held held, String value) {
        return rig.desk.approve(Rig.CAROL, held.pending().ticket(), Sha256.of(LESS), "", Optional.of(value));
    }

    private static Quorum confirming() {
        var usual = Quorum.DEFAULT;
        return new Quorum(
                usual.approvers(),
                1,
                false,
                true,
                usual.expiresAfter(),
                usual.validFor(),
                Optional.of("args.text"),
                Optional.empty());
    }

    @Test
    void arguments_that_do_not_fit_the_tool_are_refused() {
        var held = held();
        var misfit = JsonObject.with("misfit", "x").build();
        assertInstanceOf(HeldCalls.Revised.Refused.class, revise(held, misfit));
        var secret = JsonObject.with("text", "s3cret").build();
        assertInstanceOf(HeldCalls.Revised.Refused.class, revise(held, secret));
        assertInstanceOf(HeldCalls.Revised.Done.class, revise(held, LESS));
    }

    @Test
    void only_somebody_with_a_vote_who_saw_the_arguments_changes_them() {
        var held = held();
        assertInstanceOf(
                HeldCalls.Revised.Objected.class,
                rig.guard
                        .held()
                        .revise(Rig.OTTO, held.pending().ticket(), held.call().argumentsDigest(), LESS, ""));
        assertInstanceOf(
                HeldCalls.Revised.Objected.class,
                rig.guard.held().revise(Rig.BOB, held.pending().ticket(), Sha256.of(LESS), LESS, ""));
        assertInstanceOf(HeldCalls.Revised.Done.class, revise(held, LESS));
    }

    @Test
    void an_approved_call_is_not_changed_any_more() {
        var held = held();
        rig.approve(Rig.CAROL, held);
        assertInstanceOf(HeldCalls.Revised.Objected.class, revise(held, LESS));
        assertInstanceOf(Reply.Ran.class, rig.propose("pay.send", ARGS));
        assertEquals(List.of("pay.send " + ARGS), rig.ran());
    }

    @Test
    void a_caller_that_runs_it_gets_the_changed_arguments() {
        rig.tool("files.write").rules(hold("people").on("files.*").rule());
        var held = assertInstanceOf(
                Reply.Held.class,
                rig.propose(rig.proposal(Rig.CODER, "files.write", ARGS, Run.CALLER, Optional.empty())));
        revise(held, LESS);
        approve(held, LESS);
        var permitted = assertInstanceOf(
                Reply.Permitted.class, rig.guard.state(Rig.CODER, held.call().id(), java.time.Duration.ofSeconds(10)));
        assertEquals(LESS, permitted.arguments());
    }

    @Test
    void an_agent_answers_for_its_own_calls_alone() {
        var held = held();
        rig.desk.ask(Rig.BOB, held.pending().ticket(), "what for?");
        var asked = assertInstanceOf(Reply.Held.class, rig.propose("pay.send", ARGS));
        assertTrue(AgentText.of(asked).text().contains("An approver asks: what for?"));

        var foreign = new dev.guardrail.call.Caller(
                dev.guardrail.call.Caller.Kind.AGENT,
                "other",
                java.util.Set.of(),
                java.util.Set.of(),
                java.util.Set.of(),
                Optional.empty());
        org.junit.jupiter.api.Assertions.assertThrows(
                Refusal.class,
                () -> rig.guard.held().answer(foreign, held.call().id(), "trust me"));
        assertInstanceOf(
                VoteResult.Changed.class,
                rig.guard.held().answer(Rig.CODER, held.call().id(), "rent"));
        org.junit.jupiter.api.Assertions.assertThrows(
                Refusal.class, () -> rig.guard.held().answer(Rig.CODER, new CallId("call_none"), "rent"));
    }
}
