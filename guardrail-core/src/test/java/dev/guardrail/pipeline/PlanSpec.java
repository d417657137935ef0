package dev.guardrail.pipeline;

import static dev.guardrail.testing.RuleDraft.allow;
import static dev.guardrail.testing.RuleDraft.clarify;
import static dev.guardrail.testing.RuleDraft.deny;
import static dev.guardrail.testing.RuleDraft.hold;
import static dev.guardrail.testing.RuleDraft.modify;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.approval.GrantRecord;
import dev.guardrail.approval.GrantState;
import dev.guardrail.approval.Scope;
import dev.guardrail.approval.TicketState;
import dev.guardrail.approval.VoteResult;
import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.base.StrictJson;
import dev.guardrail.call.Risk;
import dev.guardrail.call.Run;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.call.ToolEffect;
import dev.guardrail.policy.Quorum;
import dev.guardrail.policy.Rule;
import dev.guardrail.proof.LogAudit;
import dev.guardrail.testing.Calls;
import dev.guardrail.testing.HeldLog;
import dev.guardrail.testing.MemoryStore;
import dev.guardrail.testing.Rig;
import dev.guardrail.testing.RuleDraft;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Plans: several calls that people approve at once. What they permit, what they do not, and that nothing that would be
/// denied gets into one.
class PlanSpec {
    private static final Rule PLANS = allow("plans").on("guardrail.plan").rule();
    private static final Rule PAYS =
            asks("pays", 1, Optional.empty()).on("pay.*").rule();
    private static final Rule MAILS =
            asks("mails", 2, Optional.empty()).on("mail.*").rule();
    private static final Rule READS = allow("reads").on("files.*").rule();

    private MemoryStore store = new MemoryStore();
    private Rig rig = rig(store, System.currentTimeMillis()).rules(PLANS, PAYS, MAILS, READS);

    private static Rig rig(MemoryStore store, long start) {
        var rig = new Rig(store, runner -> runner, start);
        Stream.of("guardrail.plan", "pay.send", "mail.send", "files.read", "shut.drop")
                .forEach(rig::tool);
        return rig;
    }

    @AfterEach
    void close() throws IOException {
        rig.close();
        assertEquals(Optional.empty(), LogAudit.of(HeldLog.of(store)).fault(), "the log can be re-derived");
    }

    private static RuleDraft asks(String id, int required, Optional<String> confirm) {
        return hold(id).quorum(quorum(required, confirm, Optional.of(Duration.ofHours(24))));
    }

    private static Quorum quorum(int required, Optional<String> confirm, Optional<Duration> remember) {
        var usual = Quorum.DEFAULT;
        return new Quorum(
                usual.approvers(), required, false, true, usual.expiresAfter(), usual.validFor(), confirm, remember);
    }

    private static JsonObject json(String text) {
        return (JsonObject) StrictJson.parse(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }

    private static JsonObject pay(long amount, String to) {
        return JsonObject.with("to", to).with("amount", amount).build();
    }

    private static JsonObject step(String tool, JsonObject arguments) {
        return JsonObject.with("tool", tool).with("arguments", arguments).build();
    }

    private static JsonObject plan(Json... steps) {
        return JsonObject.with("calls", new JsonArray(List.of(steps))).build();
    }

    private Reply propose(JsonObject plan) {
        return rig.propose("guardrail.plan", plan);
    }

    private Reply.Held held(JsonObject plan) {
        return assertInstanceOf(Reply.Held.class, propose(plan));
    }

    private Reply send(long amount, String to) {
        return rig.propose("pay.send", pay(amount, to));
    }

    /// A plan that bob approves, and that ran.
    private List<GrantRecord> approved(JsonObject plan) {
        var held = held(plan);
        assertInstanceOf(VoteResult.Closed.class, rig.approve(Rig.BOB, held));
        assertInstanceOf(Reply.Ran.class, propose(plan));
        return grants(held);
    }

    private List<GrantRecord> grants(Reply.Held held) {
        return rig.desk.grants().of(held.call().session(), held.pending().ticket());
    }

    private GrantState state(GrantRecord grant) {
        return rig.desk.grants().find(grant.id()).orElseThrow().state();
    }

    private String refusal(JsonObject plan) {
        var refused = assertInstanceOf(Reply.Refused.class, propose(plan));
        return refused.call().message();
    }

    private long runs(String tool) {
        return rig.ran().stream().filter(line -> line.startsWith(tool)).count();
    }

    @Test
    void each_planned_call_runs_once_in_any_order_without_asking_again() {
        var grants = approved(plan(step("pay.send", pay(5, "eve")), step("pay.send", pay(7, "ann"))));
        assertEquals(2, grants.size());
        assertEquals(
                List.of(1, 2),
                grants.stream().map(grant -> grant.step().orElseThrow()).toList());
        assertEquals(0, runs("pay.send"), "a plan runs none of its calls");
        assertInstanceOf(Reply.Ran.class, send(7, "ann"));
        assertInstanceOf(Reply.Ran.class, send(5, "eve"));
        assertInstanceOf(Reply.Held.class, send(5, "eve"), "once");
        assertInstanceOf(Reply.Held.class, send(7, "ann"));
        grants.forEach(grant -> assertEquals(GrantState.SPENT, state(grant)));
        assertEquals(2, runs("pay.send"));
    }

    @Test
    void nothing_else_is_covered() {
        approved(plan(step("pay.send", pay(5, "eve"))));
        assertInstanceOf(Reply.Held.class, send(6, "eve"));
        assertInstanceOf(Reply.Held.class, send(5, "mallory"));
        assertInstanceOf(Reply.Held.class, rig.propose("mail.send", pay(5, "eve")), "another tool");
        assertInstanceOf(Reply.Ran.class, send(5, "eve"));
    }

    @Test
    void the_same_call_twice_is_one_grant_for_two() {
        var grants = approved(plan(step("pay.send", pay(5, "eve")), step("pay.send", pay(5, "eve"))));
        assertEquals(1, grants.size());
        assertInstanceOf(Reply.Ran.class, send(5, "eve"));
        assertInstanceOf(Reply.Ran.class, send(5, "eve"));
        assertInstanceOf(Reply.Held.class, send(5, "eve"));
    }

    @Test
    void every_rule_that_holds_a_planned_call_has_its_own_quorum() {
        var plan = plan(step("pay.send", pay(5, "eve")), step("mail.send", pay(1, "all")));
        var held = held(plan);
        assertInstanceOf(VoteResult.Counted.class, rig.approve(Rig.BOB, held));
        assertInstanceOf(Reply.Held.class, propose(plan), "mail wants two");
        assertInstanceOf(VoteResult.Closed.class, rig.approve(Rig.CAROL, held));
        assertInstanceOf(Reply.Ran.class, propose(plan));
        assertInstanceOf(Reply.Ran.class, rig.propose("mail.send", pay(1, "all")));
        assertInstanceOf(Reply.Ran.class, send(5, "eve"));
    }

    @Test
    void it_is_as_risky_as_the_riskiest_of_its_calls() {
        var plain = Calls.tool("pay.wipe");
        rig.tool(new ToolDefinition(
                plain.name(),
                plain.definition(),
                plain.inputSchema(),
                ToolEffect.DESTRUCTIVE,
                plain.labels(),
                plain.taints(),
                plain.idempotent(),
                false,
                plain.digest()));
        var usual = held(plan(step("pay.send", pay(5, "eve"))));
        var risky = held(plan(step("pay.send", pay(5, "eve")), step("pay.wipe", JsonObject.EMPTY)));
        assertEquals(
                Risk.MEDIUM,
                rig.desk.find(usual.pending().ticket()).orElseThrow().risk());
        assertEquals(
                Risk.HIGH, rig.desk.find(risky.pending().ticket()).orElseThrow().risk());
    }

    @Test
    void a_denied_plan_gives_nothing() {
        var plan = plan(step("pay.send", pay(5, "eve")));
        var held = held(plan);
        assertInstanceOf(VoteResult.Closed.class, rig.deny(Rig.BOB, held, "no"));
        assertInstanceOf(Reply.Refused.class, propose(plan));
        assertInstanceOf(Reply.Held.class, send(5, "eve"));
        assertEquals(List.of(), grants(held));
    }

    @Test
    void an_approved_plan_gives_nothing_before_it_runs() {
        var held = held(plan(step("pay.send", pay(5, "eve"))));
        rig.approve(Rig.BOB, held);
        assertInstanceOf(Reply.Held.class, send(5, "eve"));
        assertEquals(List.of(), grants(held));
    }

    @Test
    void calls_that_need_nobody_are_part_of_a_plan_and_need_no_grant() {
        assertInstanceOf(Reply.Ran.class, propose(plan(step("files.read", JsonObject.EMPTY))), "nobody is asked");
        var grants = approved(plan(step("files.read", JsonObject.EMPTY), step("pay.send", pay(5, "eve"))));
        assertEquals(1, grants.size());
    }

    @Test
    void a_call_that_would_be_denied_makes_the_plan_refused() {
        rig.rules(PLANS, PAYS, READS, deny("never").on("pay.send").text("Ask.").rule());
        String why = refusal(plan(step("files.read", JsonObject.EMPTY), step("pay.send", pay(5, "eve"))));
        assertTrue(why.startsWith("Call 2 of the plan, pay.send, would be denied. Ask."), why);
        rig.rules(PLANS, PAYS, READS);
        held(plan(step("files.read", JsonObject.EMPTY), step("pay.send", pay(5, "eve"))));
    }

    @Test
    void a_tool_that_nobody_knows_or_a_misfit_makes_the_plan_refused() {
        assertTrue(refusal(plan(step("pay.none", JsonObject.EMPTY))).contains("There is no such tool"));
        assertTrue(refusal(plan(step("pay.send", json("{'misfit':1}")))).contains("do not fit"));
        assertTrue(refusal(plan(step("shut.drop", JsonObject.EMPTY))).contains("would be denied"), "silence denies");
        assertTrue(refusal(plan(step("guardrail.plan", plan(step("files.read", JsonObject.EMPTY)))))
                .contains("is a plan itself"));
        assertTrue(
                refusal(plan(step("pay.mcp:resources/read", JsonObject.EMPTY))).contains("is no tool"));
    }

    @Test
    void what_lacks_something_is_asked_for() {
        rig.rules(PLANS, clarify("which").on("pay.send").text("Which account?").rule(), PAYS);
        var asked = assertInstanceOf(Reply.Asked.class, propose(plan(step("pay.send", pay(5, "eve")))));
        assertTrue(
                asked.call().message().contains("Which account?"), asked.call().message());
    }

    @Test
    void what_a_rule_would_change_cannot_be_planned() {
        rig.rules(
                PLANS,
                PAYS,
                modify("caps")
                        .on("pay.send")
                        .set("args.amount", OutboxSpec.always("1"))
                        .rule());
        assertTrue(refusal(plan(step("pay.send", pay(5, "eve")))).contains("would be changed by a rule"));
    }

    @Test
    void a_rule_that_is_never_remembered_is_asked_for_alone() {
        rig.rules(
                PLANS,
                hold("alone")
                        .on("pay.*")
                        .quorum(quorum(1, Optional.empty(), Optional.empty()))
                        .rule());
        assertTrue(refusal(plan(step("pay.send", pay(5, "eve")))).contains("each such call alone"));
        assertInstanceOf(Reply.Held.class, send(5, "eve"));
    }

    @Test
    void a_plan_lives_no_longer_than_its_rules_let_it() {
        assertTrue(refusal(plan(step("pay.send", pay(5, "eve"))).set("for", new JsonText("25h")))
                .contains("at most `1d`"));
        var grants = approved(plan(step("pay.send", pay(5, "eve"))).set("for", new JsonText("2h")));
        rig.nanos.addAndGet(Duration.ofHours(2).toNanos());
        assertInstanceOf(Reply.Held.class, send(5, "eve"));
        rig.desk.expireDue();
        assertEquals(GrantState.EXPIRED, state(grants.getFirst()));
    }

    @Test
    void a_template_is_debited_in_calls_and_value() {
        var template = json("{'tool':'pay.send','arguments':{'to':'eve','amount':400},'times':3,"
                + "'sum':{'argument':'amount','max':1000}}");
        var grant = approved(plan(template)).getFirst();
        assertInstanceOf(Reply.Held.class, send(1001, "eve"));
        assertInstanceOf(Reply.Held.class, send(1, "ann"));
        assertInstanceOf(Reply.Ran.class, send(600, "eve"));
        assertInstanceOf(Reply.Ran.class, send(400, "eve"));
        assertInstanceOf(Reply.Held.class, send(1, "eve"));
        assertInstanceOf(Reply.Ran.class, send(0, "eve"));
        assertEquals(GrantState.SPENT, state(grant));
    }

    @Test
    void what_is_no_plan_is_refused_with_what_to_mend() {
        for (String[] wrong : new String[][] {
            {"{}", "`calls` is a list of calls"},
            {"{'calls':[]}", "1 to 50 calls"},
            {"{'calls':[{'tool':'pay.send'}],'when':1}", "a plan has no `when`"},
            {"{'calls':[{'tool':'pay'}]}", "call 1: not `server.name`"},
            {"{'calls':[{'tool':'pay.send','why':1}]}", "call 1: it has no `why`"},
            {"{'calls':[{'tool':'pay.send','times':0}]}", "call 1: `times` is a whole number"},
            {"{'calls':[{'tool':'pay.send','vary':'to'}]}", "call 1: `vary` is a list"},
            {"{'calls':[{'tool':'pay.send'}],'for':'soon'}", "`for` is a span of time"},
            {"{'calls':[{'tool':'pay.send','vary':['note']}]}", "the call has no argument `note`"},
            {"{'calls':[7]}", "each of `calls` is an object"}
        }) {
            String why = refusal(json(wrong[0]));
            assertTrue(why.contains(wrong[1]), why);
        }
        var many = IntStream.range(0, 51)
                .mapToObj(n -> step("pay.send", pay(n, "eve")))
                .toArray(Json[]::new);
        assertTrue(refusal(plan(many)).contains("1 to 50 calls"));
        held(plan(IntStream.range(0, 50)
                .mapToObj(n -> step("pay.send", pay(n, "eve")))
                .toArray(Json[]::new)));
    }

    @Test
    void what_is_typed_is_typed_once_for_all_or_there_is_no_plan() {
        rig.rules(PLANS, asks("pays", 1, Optional.of("args.to")).on("pay.*").rule());
        assertTrue(refusal(plan(step("pay.send", pay(5, "eve")), step("pay.send", pay(5, "ann"))))
                .contains("one by one"));
        var plan = plan(step("pay.send", pay(5, "eve")), step("pay.send", pay(7, "eve")));
        var held = held(plan);
        assertInstanceOf(VoteResult.ConfirmMismatch.class, rig.approve(Rig.BOB, held));
        assertInstanceOf(
                VoteResult.Closed.class,
                rig.desk.approve(
                        Rig.BOB, held.pending().ticket(), held.call().argumentsDigest(), "", Optional.of("eve")));
        assertInstanceOf(Reply.Ran.class, propose(plan));
        assertInstanceOf(Reply.Ran.class, send(7, "eve"));
    }

    @Test
    void taking_back_one_takes_back_the_plan() {
        var grants = approved(plan(step("pay.send", pay(5, "eve")), step("pay.send", pay(7, "ann"))));
        assertInstanceOf(Reply.Ran.class, send(5, "eve"));
        var revoked = rig.desk
                .grants()
                .revoke(grants.getLast().id(), "otto", "enough")
                .orElseThrow();
        assertEquals(GrantState.REVOKED, revoked.state());
        assertEquals(GrantState.SPENT, state(grants.getFirst()), "what ran, ran");
        assertInstanceOf(Reply.Held.class, send(7, "ann"));
        var others = approved(plan(step("pay.send", pay(1, "eve")), step("pay.send", pay(2, "eve"))));
        rig.desk.grants().revoke(others.getFirst().id(), "otto", "");
        others.forEach(grant -> assertEquals(GrantState.REVOKED, state(grant)));
    }

    @Test
    void a_deny_and_a_changed_rule_stand_against_it() {
        approved(plan(step("pay.send", pay(5, "eve"))));
        rig.rules(PLANS, PAYS, deny("never").on("pay.*").rule());
        assertInstanceOf(Reply.Refused.class, send(5, "eve"));
        rig.rules(
                PLANS,
                asks("pays", 1, Optional.empty()).on("pay.*").agents("coder").rule());
        assertInstanceOf(Reply.Held.class, send(5, "eve"));
        rig.rules(PLANS, PAYS);
        rig.desk.cancelAll(
                rig.sessions.implicit("coder", Optional.empty()).session().id(), "test");
        assertInstanceOf(Reply.Ran.class, send(5, "eve"));
    }

    @Test
    void a_tool_that_changed_since_the_plan_was_held_makes_it_fall() {
        var plan = plan(step("pay.send", pay(5, "eve")));
        var held = held(plan);
        rig.approve(Rig.BOB, held);
        var tool = Calls.tool("pay.send");
        rig.tool(new ToolDefinition(
                tool.name(),
                tool.definition(),
                tool.inputSchema(),
                tool.effect(),
                tool.labels(),
                tool.taints(),
                tool.idempotent(),
                false,
                ToolDefinition.digest(
                        tool.name(), JsonObject.with("name", "changed").build())));
        assertInstanceOf(Reply.Refused.class, propose(plan), "it is not what was approved");
        assertEquals(
                TicketState.CANCELLED,
                rig.desk.find(held.pending().ticket()).orElseThrow().state());
        assertInstanceOf(Reply.Held.class, send(5, "eve"));
    }

    @Test
    void another_hold_on_a_planned_call_makes_the_approval_fall() {
        var plan = plan(step("pay.send", pay(5, "eve")));
        var held = held(plan);
        rig.approve(Rig.BOB, held);
        rig.rules(PLANS, PAYS, asks("more", 1, Optional.empty()).on("pay.*").rule());
        assertInstanceOf(Reply.Refused.class, propose(plan));
        assertInstanceOf(Reply.Held.class, propose(plan), "people are asked for what it is now");
    }

    @Test
    void of_200_who_race_for_a_planned_call_one_runs() throws Exception {
        approved(plan(step("pay.send", pay(5, "eve"))));
        List<Future<Reply>> all = new ArrayList<>();
        try (var racers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int n = 0; n < 200; n++) all.add(racers.submit(() -> send(5, "eve")));
        }
        for (var each : all) each.get();
        assertEquals(1, runs("pay.send"));
    }

    @Test
    void of_those_who_race_to_run_an_approved_plan_one_gives_its_grants() throws Exception {
        var plan = plan(step("pay.send", pay(5, "eve")), step("pay.send", pay(7, "ann")));
        var held = held(plan);
        rig.approve(Rig.BOB, held);
        List<Future<Reply>> all = new ArrayList<>();
        try (var racers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int n = 0; n < 50; n++)
                all.add(racers.submit(() -> rig.execute(held.call().id())));
        }
        for (var each : all) assertInstanceOf(Reply.Ran.class, each.get());
        assertEquals(2, grants(held).size());
    }

    @Test
    void an_edited_plan_is_decided_and_bound_anew() {
        var plan = plan(step("pay.send", pay(5, "eve")));
        var held = held(plan);
        var changed = plan(step("pay.send", pay(4, "eve")));
        var revised = rig.guard
                .held()
                .revise(Rig.BOB, held.pending().ticket(), held.call().argumentsDigest(), changed, "less");
        var ticket = assertInstanceOf(HeldCalls.Revised.Done.class, revised).ticket();
        var digest = dev.guardrail.base.Sha256.of(changed);
        assertInstanceOf(
                VoteResult.Closed.class, rig.desk.approve(Rig.CAROL, ticket.id(), digest, "", Optional.empty()));
        assertInstanceOf(Reply.Ran.class, propose(plan), "whoever repeats it means it as it was changed");
        assertInstanceOf(Reply.Held.class, send(5, "eve"));
        assertInstanceOf(Reply.Ran.class, send(4, "eve"));
    }

    @Test
    void it_is_for_its_session_alone() {
        var mine = rig.sessions.implicit("coder", Optional.empty()).session().id();
        approved(plan(step("pay.send", pay(5, "eve"))));
        var other = rig.sessions
                .open("host:app", "coder", Optional.empty(), "", Optional.empty())
                .session()
                .id();
        assertInstanceOf(
                Reply.Held.class,
                rig.propose(rig.proposal(Rig.APP, "pay.send", pay(5, "eve"), Run.GUARD, Optional.of(other))));
        assertInstanceOf(
                Reply.Ran.class,
                rig.propose(rig.proposal(Rig.CODER, "pay.send", pay(5, "eve"), Run.GUARD, Optional.of(mine))));
    }

    @Test
    void it_is_the_guards_to_run() {
        var reply = rig.propose(rig.proposal(
                Rig.CODER, "guardrail.plan", plan(step("pay.send", pay(5, "eve"))), Run.CALLER, Optional.empty()));
        var refused = assertInstanceOf(Reply.Refused.class, reply);
        assertTrue(refused.call().message().contains("run: guard"));
    }

    @Test
    void a_stop_is_before_any_plan() {
        var plan = plan(step("pay.send", pay(5, "eve")));
        var grants = approved(plan);
        var stop = rig.kill
                .order(dev.guardrail.stop.Scope.TOOL, "pay.send", "otto", "wild")
                .stop();
        assertInstanceOf(Reply.Refused.class, send(5, "eve"));
        assertTrue(refusal(plan(step("pay.send", pay(6, "eve")))).contains("would be denied"));
        rig.kill.lift(stop.id(), "otto");
        assertInstanceOf(Reply.Ran.class, send(5, "eve"));
        assertEquals(GrantState.SPENT, state(grants.getFirst()));
    }

    @Test
    void a_plan_is_not_remembered() {
        rig.rules(asks("plans", 1, Optional.empty()).on("guardrail.*").rule(), PAYS);
        var held = held(plan(step("pay.send", pay(5, "eve"))));
        var result = rig.guard
                .scopedVotes()
                .approve(
                        Rig.BOB,
                        held.pending().ticket(),
                        held.call().argumentsDigest(),
                        "",
                        Optional.empty(),
                        Scope.parse(json("{'for':'8h'}")));
        assertInstanceOf(VoteResult.ScopeRefused.class, result);
        assertInstanceOf(VoteResult.Closed.class, rig.approve(Rig.BOB, held));
    }

    @Test
    void it_survives_a_restart() {
        approved(plan(step("pay.send", pay(5, "eve")), step("pay.send", pay(7, "eve"))));
        long now = rig.millis.get();
        rig.close();
        store = store.reopen();
        rig = rig(store, now + 1_000).rules(PLANS, PAYS, MAILS, READS);
        assertInstanceOf(Reply.Ran.class, send(5, "eve"));
        assertInstanceOf(Reply.Ran.class, send(7, "eve"));
        assertInstanceOf(Reply.Held.class, send(7, "eve"));
    }
}
