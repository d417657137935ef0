package dev.guardrail.pipeline;

import static dev.guardrail.testing.RuleDraft.allow;
import static dev.guardrail.testing.RuleDraft.deny;
import static dev.guardrail.testing.RuleDraft.hold;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.approval.GrantRecord;
import dev.guardrail.approval.GrantState;
import dev.guardrail.approval.Scope;
import dev.guardrail.approval.VoteResult;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.StrictJson;
import dev.guardrail.call.CallId;
import dev.guardrail.call.Caller;
import dev.guardrail.call.Run;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.journal.Kind;
import dev.guardrail.policy.Quorum;
import dev.guardrail.policy.Rule;
import dev.guardrail.proof.LogAudit;
import dev.guardrail.testing.Calls;
import dev.guardrail.testing.HeldLog;
import dev.guardrail.testing.MemoryStore;
import dev.guardrail.testing.Rig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Approvals that reach further than their call: what they cover, what they do not, and that their caps hold.
class StandingGrantSpec {
    private static final Rule PAYS = remembered("people", 1).rule();
    private static final Caller CLERK =
            new Caller(Caller.Kind.AGENT, "clerk", Set.of(), Set.of(), Set.of(), Optional.empty());

    private MemoryStore store = new MemoryStore();
    private Rig rig = new Rig(store).tool("pay.send").rules(PAYS);

    @AfterEach
    void close() throws IOException {
        rig.close();
        assertEquals(Optional.empty(), LogAudit.of(HeldLog.of(store)).fault(), "the log can be re-derived");
    }

    static dev.guardrail.testing.RuleDraft remembered(String id, int required) {
        var usual = Quorum.DEFAULT;
        return hold(id).on("pay.*")
                .quorum(new Quorum(
                        usual.approvers(),
                        required,
                        false,
                        true,
                        usual.expiresAfter(),
                        usual.validFor(),
                        Optional.empty(),
                        Optional.of(Duration.ofHours(24))));
    }

    private static JsonObject json(String text) {
        return (JsonObject) StrictJson.parse(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }

    private static JsonObject args(long amount, String to) {
        return JsonObject.with("to", to).with("amount", amount).build();
    }

    private Reply pay(long amount, String to) {
        return rig.propose("pay.send", args(amount, to));
    }

    private Reply.Held held(long amount, String to) {
        return assertInstanceOf(Reply.Held.class, pay(amount, to));
    }

    private VoteResult approve(Caller voter, Reply.Held held, String scope) {
        return rig.guard
                .scopedVotes()
                .approve(
                        voter,
                        held.pending().ticket(),
                        held.call().argumentsDigest(),
                        "",
                        Optional.empty(),
                        Scope.parse(json(scope)));
    }

    private Optional<GrantRecord> grantOf(Reply.Held held) {
        return rig.desk.grants().of(rig.desk.find(held.pending().ticket()).orElseThrow());
    }

    /// Pays once, and remembers it as far as `scope` says.
    private GrantRecord granted(long amount, String to, String scope) {
        var held = held(amount, to);
        assertInstanceOf(VoteResult.Closed.class, approve(Rig.BOB, held, scope));
        assertInstanceOf(Reply.Ran.class, pay(amount, to));
        return grantOf(held).orElseThrow();
    }

    private GrantRecord present(GrantRecord grant) {
        return rig.desk.grants().find(grant.id()).orElseThrow();
    }

    @Test
    void repeats_run_without_asking_until_the_calls_are_used_up() {
        var grant = granted(5, "eve", "{'for':'8h','calls':3}");
        assertEquals(1, present(grant).used(), "the approved call is the first");
        assertInstanceOf(Reply.Ran.class, pay(5, "eve"));
        assertInstanceOf(Reply.Ran.class, pay(5, "eve"));
        assertEquals(GrantState.SPENT, present(grant).state());
        assertInstanceOf(Reply.Held.class, pay(5, "eve"), "people are asked again");
        assertEquals(3, rig.ran().size());
    }

    @Test
    void an_approval_without_a_scope_is_for_one_call() {
        var held = held(5, "eve");
        rig.approve(Rig.BOB, held);
        assertInstanceOf(Reply.Ran.class, pay(5, "eve"));
        assertEquals(Optional.empty(), grantOf(held));
        assertInstanceOf(Reply.Held.class, pay(5, "eve"));
    }

    @Test
    void what_was_not_named_may_not_differ() {
        granted(5, "eve", "{'for':'8h'}");
        assertInstanceOf(Reply.Held.class, pay(6, "eve"));
        assertInstanceOf(Reply.Held.class, pay(5, "mallory"));
        assertInstanceOf(
                Reply.Held.class, rig.propose("pay.send", args(5, "eve").set("note", JsonObject.EMPTY)));
        assertInstanceOf(
                Reply.Held.class, rig.propose("pay.send", args(5, "eve").without("to")));
        assertInstanceOf(Reply.Ran.class, pay(5, "eve"));
    }

    @Test
    void what_was_named_may_differ() {
        granted(5, "eve", "{'for':'8h','vary':['to']}");
        assertInstanceOf(Reply.Ran.class, pay(5, "mallory"));
        assertInstanceOf(Reply.Ran.class, rig.propose("pay.send", args(5, "eve").without("to")));
        assertInstanceOf(Reply.Held.class, pay(6, "mallory"));
    }

    @Test
    void a_sum_is_never_exceeded() {
        var grant = granted(400, "eve", "{'for':'8h','sum':{'argument':'amount','max':1000}}");
        assertInstanceOf(Reply.Held.class, pay(601, "eve"), "400 and 601 are more than 1000");
        assertInstanceOf(Reply.Ran.class, pay(500, "eve"));
        assertInstanceOf(Reply.Held.class, pay(101, "eve"));
        assertInstanceOf(Reply.Ran.class, pay(100, "eve"));
        assertEquals("1000", present(grant).spent().toPlainString());
        assertInstanceOf(Reply.Ran.class, pay(0, "eve"));
        assertInstanceOf(Reply.Held.class, pay(1, "eve"));
    }

    @Test
    void an_amount_that_cannot_be_added_up_is_not_covered() {
        granted(400, "eve", "{'for':'8h','sum':{'argument':'amount','max':1000}}");
        for (String amount : List.of("-400", "'400'", "null", "[1]", "1e30", "1e-30")) {
            var arguments = json("{'to':'eve','amount':" + amount + "}");
            assertInstanceOf(Reply.Held.class, rig.propose("pay.send", arguments), amount);
        }
        assertInstanceOf(Reply.Held.class, rig.propose("pay.send", json("{'to':'eve'}")));
        assertInstanceOf(Reply.Ran.class, rig.propose("pay.send", json("{'to':'eve','amount':0.25}")));
    }

    @Test
    void caps_are_exact_when_200_race_for_them() throws Exception {
        var grant = granted(1, "eve", "{'for':'8h','calls':8,'vary':['to'],'sum':{'argument':'amount','max':1000}}");
        race("racer-", 1);
        assertEquals(8, rig.ran().size(), "the first and seven more");
        assertEquals(8, present(grant).used());
        assertEquals(GrantState.SPENT, present(grant).state());
    }

    @Test
    void a_sum_is_exact_when_200_race_for_it() throws Exception {
        var grant = granted(1, "eve", "{'for':'8h','calls':1000,'vary':['to'],'sum':{'argument':'amount','max':15}}");
        race("racer-", 3);
        assertEquals(1 + 4, rig.ran().size(), "1 and 4 times 3 are 13");
        assertEquals("13", present(grant).spent().toPlainString());
    }

    private void race(String prefix, long amount) throws Exception {
        List<Future<Reply>> all = new ArrayList<>();
        try (var racers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int n : IntStream.range(0, 200).toArray()) all.add(racers.submit(() -> pay(amount, prefix + n)));
        }
        for (var each : all) {
            var reply = each.get();
            assertTrue(
                    reply instanceof Reply.Ran || reply instanceof Reply.Held || reply instanceof Reply.Refused,
                    reply.toString());
        }
    }

    @Test
    void its_time_is_over_on_monotonic_time() {
        var grant = granted(5, "eve", "{'for':'8h'}");
        rig.nanos.addAndGet(Duration.ofHours(8).toNanos() - 1);
        assertInstanceOf(Reply.Ran.class, pay(5, "eve"));
        rig.nanos.addAndGet(1);
        assertInstanceOf(Reply.Held.class, pay(5, "eve"));
        rig.desk.expireDue();
        assertEquals(GrantState.EXPIRED, present(grant).state());
    }

    @Test
    void its_time_is_over_on_the_wall_clock_too() {
        granted(5, "eve", "{'for':'8h'}");
        rig.millis.addAndGet(Duration.ofHours(8).toMillis() - 1);
        assertInstanceOf(Reply.Ran.class, pay(5, "eve"));
        rig.millis.addAndGet(1);
        assertInstanceOf(Reply.Held.class, pay(5, "eve"));
    }

    @Test
    void it_is_there_after_a_restart_with_what_is_left_of_it() {
        var grant = granted(5, "eve", "{'for':'8h','calls':3}");
        pay(5, "eve");
        reboot(Duration.ofHours(7));
        assertInstanceOf(Reply.Ran.class, pay(5, "eve"));
        assertEquals(3, present(grant).used());
        assertInstanceOf(Reply.Held.class, pay(5, "eve"));
    }

    @Test
    void its_time_goes_on_while_nothing_runs() {
        var grant = granted(5, "eve", "{'for':'8h'}");
        reboot(Duration.ofHours(8));
        assertInstanceOf(Reply.Held.class, pay(5, "eve"));
        assertEquals(GrantState.EXPIRED, present(grant).state());
    }

    @Test
    void a_clock_set_back_over_a_restart_ends_it_for_good() {
        var grant = granted(5, "eve", "{'for':'8h'}");
        reboot(Duration.ofMinutes(-1));
        assertInstanceOf(Reply.Held.class, pay(5, "eve"));
        rig.desk.expireDue();
        assertEquals(GrantState.EXPIRED, present(grant).state());
        reboot(Duration.ofMinutes(2));
        assertInstanceOf(Reply.Held.class, pay(5, "eve"), "no later boot revives it");
    }

    private void reboot(Duration later) {
        long now = rig.millis.get();
        rig.close();
        store = store.reopen();
        rig = new Rig(store, runner -> runner, now + later.toMillis())
                .tool("pay.send")
                .rules(PAYS);
    }

    @Test
    void a_changed_definition_is_another_tool() {
        granted(5, "eve", "{'for':'8h'}");
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
        assertInstanceOf(Reply.Held.class, pay(5, "eve"));
        rig.tool(tool);
        assertInstanceOf(Reply.Ran.class, pay(5, "eve"));
    }

    @Test
    void it_stands_while_its_rules_say_the_same_and_falls_when_they_change() {
        granted(5, "eve", "{'for':'8h'}");
        rig.rules(PAYS, allow("reads").on("files.*").rule());
        assertInstanceOf(Reply.Ran.class, pay(5, "eve"), "a reload with the rule unchanged");
        rig.rules(remembered("people", 1).agents("coder").rule());
        assertInstanceOf(Reply.Held.class, pay(5, "eve"), "the same rule says something else now");
        rig.rules(PAYS);
        rig.desk.cancelAll(session(), "test");
        assertInstanceOf(Reply.Ran.class, pay(5, "eve"));
        rig.rules(PAYS, remembered("more", 1).rule());
        assertInstanceOf(Reply.Held.class, pay(5, "eve"), "a second rule holds it too");
    }

    private dev.guardrail.call.SessionId session() {
        return rig.sessions.implicit("coder", Optional.empty()).session().id();
    }

    @Test
    void a_deny_wins() {
        granted(5, "eve", "{'for':'8h'}");
        rig.rules(PAYS, deny("never").on("pay.*").rule());
        assertInstanceOf(Reply.Refused.class, pay(5, "eve"));
        rig.rules();
        assertInstanceOf(Reply.Refused.class, pay(5, "eve"), "and so does silence");
        rig.rules(PAYS);
        assertInstanceOf(Reply.Ran.class, pay(5, "eve"));
    }

    @Test
    void another_agent_gets_nothing_and_another_session_only_where_it_is_for_the_agent() {
        var one = session(Optional.of("ann"));
        var other = session(Optional.of("ann"));
        var bobs = session(Optional.of("bob"));
        var held = assertInstanceOf(Reply.Held.class, payIn(one));
        approve(Rig.BOB, held, "{'for':'8h'}");
        assertInstanceOf(Reply.Ran.class, payIn(one));
        assertInstanceOf(Reply.Ran.class, payIn(one));
        var wider = assertInstanceOf(Reply.Held.class, payIn(other), "it is for one session");
        approve(Rig.CAROL, wider, "{'agent':true,'for':'8h'}");
        assertInstanceOf(Reply.Ran.class, payIn(other));
        assertInstanceOf(Reply.Ran.class, payIn(session(Optional.of("ann"))), "a session opened later");
        assertInstanceOf(Reply.Held.class, payIn(bobs), "another user");
        assertInstanceOf(
                Reply.Held.class,
                rig.propose(rig.proposal(CLERK, "pay.send", args(5, "eve"), Run.GUARD, Optional.empty())),
                "another agent");
    }

    private dev.guardrail.call.SessionId session(Optional<String> user) {
        return rig.sessions
                .open("host:app", "coder", user, "", Optional.empty())
                .session()
                .id();
    }

    private Reply payIn(dev.guardrail.call.SessionId session) {
        return rig.propose(rig.proposal(Rig.APP, "pay.send", args(5, "eve"), Run.GUARD, Optional.of(session)));
    }

    @Test
    void a_revoked_grant_answers_nothing() {
        var grant = granted(5, "eve", "{'for':'8h'}");
        rig.desk.grants().revoke(grant.id(), "carol", "");
        assertInstanceOf(Reply.Held.class, pay(5, "eve"));
    }

    /// Decided with the grant, which is taken back before the intent is durable.
    @Test
    void revoked_grant_in_flight() {
        var grant = granted(5, "eve", "{'for':'8h'}");
        int[] committing = {0};
        store.beforeCommit(() -> {
            if (committing[0]++ == 0) rig.desk.grants().revoke(grant.id(), "carol", "stop it");
        });
        var reply = pay(5, "eve");
        store.beforeCommit(() -> {});
        assertTrue(committing[0] > 1, "it was revoked between decision and commit");
        assertInstanceOf(Reply.Held.class, reply, "decided again, without it");
        assertEquals(1, rig.ran().size(), "nothing ran but the approved call");
    }

    @Test
    void votes_that_ask_for_different_things_approve_the_one_call() {
        rig.rules(remembered("people", 2).rule());
        for (String second : List.of("{'for':'7h'}", "{'for':'8h','vary':['to']}", "{'agent':true,'for':'8h'}")) {
            var held = held(5, second);
            approve(Rig.BOB, held, "{'for':'8h'}");
            assertInstanceOf(VoteResult.Closed.class, approve(Rig.CAROL, held, second));
            assertEquals(Optional.empty(), grantOf(held));
            assertInstanceOf(Reply.Ran.class, pay(5, second));
            assertInstanceOf(Reply.Held.class, pay(5, second));
        }
        var once = held(5, "eve");
        approve(Rig.BOB, once, "{'for':'8h'}");
        assertInstanceOf(VoteResult.Closed.class, rig.approve(Rig.CAROL, once));
        assertEquals(Optional.empty(), grantOf(once), "one of them asked for the one call");

        var both = held(6, "eve");
        approve(Rig.BOB, both, "{'for':'8h'}");
        assertEquals(Optional.empty(), grantOf(both), "one vote gives nothing");
        approve(Rig.CAROL, both, "{'for':'480m','calls':20}");
        assertEquals(List.of("bob", "carol"), grantOf(both).orElseThrow().approvers());
    }

    @Test
    void a_rule_that_never_remembers_refuses_every_scope() {
        rig.rules(PAYS, hold("never").on("pay.*").rule());
        var held = held(5, "eve");
        var refused = assertInstanceOf(VoteResult.ScopeRefused.class, approve(Rig.BOB, held, "{'for':'1m'}"));
        assertTrue(refused.why().contains("never"), refused.why());
        assertTrue(rig.desk.find(held.pending().ticket()).orElseThrow().pending(), "and the vote does not count");
        assertInstanceOf(VoteResult.Closed.class, rig.approve(Rig.BOB, held));
    }

    @Test
    void a_scope_beyond_what_the_rules_or_the_call_allow_is_refused() {
        var held = held(500, "eve");
        for (String scope : List.of(
                "{'for':'25h'}",
                "{'for':'8h','vary':['cc']}",
                "{'for':'8h','sum':{'argument':'to','max':5}}",
                "{'for':'8h','sum':{'argument':'cc','max':5}}",
                "{'for':'8h','sum':{'argument':'amount','max':499}}"))
            assertInstanceOf(VoteResult.ScopeRefused.class, approve(Rig.BOB, held, scope), scope);
        assertInstanceOf(
                VoteResult.Closed.class, approve(Rig.BOB, held, "{'for':'24h','sum':{'argument':'amount','max':500}}"));
    }

    @Test
    void what_an_approver_types_may_not_be_anything() {
        var usual = Quorum.DEFAULT;
        rig.rules(hold("typed")
                .on("pay.*")
                .quorum(new Quorum(
                        usual.approvers(),
                        1,
                        false,
                        true,
                        usual.expiresAfter(),
                        usual.validFor(),
                        Optional.of("args.amount"),
                        Optional.of(Duration.ofHours(24))))
                .rule());
        var held = held(500, "eve");
        var typed = Optional.of("500");
        var votes = rig.guard.scopedVotes();
        String ticket = held.pending().ticket();
        var digest = held.call().argumentsDigest();
        assertInstanceOf(
                VoteResult.ScopeRefused.class,
                votes.approve(Rig.BOB, ticket, digest, "", typed, Scope.parse(json("{'for':'8h','vary':['amount']}"))));
        assertInstanceOf(
                VoteResult.Closed.class,
                votes.approve(
                        Rig.BOB,
                        ticket,
                        digest,
                        "",
                        typed,
                        Scope.parse(json("{'for':'8h','sum':{'argument':'amount','max':900}}"))));
    }

    @Test
    void secrets_that_are_not_kept_cannot_be_remembered() {
        var arguments = JsonObject.with("to", "s3cret").build();
        var held = assertInstanceOf(Reply.Held.class, rig.propose("pay.send", arguments));
        assertInstanceOf(VoteResult.ScopeRefused.class, approve(Rig.BOB, held, "{'for':'8h'}"));
        assertInstanceOf(VoteResult.Closed.class, rig.approve(Rig.BOB, held));
    }

    @Test
    void an_edit_drops_what_was_asked_for() {
        rig.rules(remembered("people", 2).rule());
        var held = held(5, "eve");
        approve(Rig.BOB, held, "{'for':'8h'}");
        var revised = rig.guard
                .held()
                .revise(Rig.BOB, held.pending().ticket(), held.call().argumentsDigest(), args(4, "eve"), "");
        assertInstanceOf(HeldCalls.Revised.Done.class, revised);
        var seen = dev.guardrail.base.Sha256.of(args(4, "eve"));
        var scope = Scope.parse(json("{'for':'8h'}"));
        String ticket = held.pending().ticket();
        assertInstanceOf(
                VoteResult.Counted.class,
                rig.guard.scopedVotes().approve(Rig.CAROL, ticket, seen, "", Optional.empty(), scope));
        assertInstanceOf(VoteResult.Closed.class, rig.desk.approve(Rig.BOB, ticket, seen, "", Optional.empty()));
        assertEquals(Optional.empty(), grantOf(held), "the vote that was dropped had a scope, this one has none");
    }

    @Test
    void a_call_that_waits_already_is_given_up_for_its_repeat() {
        rig.rules(remembered("people", 2).rule());
        var waiting = held(7, "eve");
        var other = held(5, "eve");
        approve(Rig.BOB, other, "{'for':'8h','sum':{'argument':'amount','max':100}}");
        approve(Rig.CAROL, other, "{'for':'8h','sum':{'argument':'amount','max':100}}");
        assertTrue(
                rig.desk.find(waiting.pending().ticket()).orElseThrow().pending(),
                "the new grant approves nothing that waits");
        assertInstanceOf(Reply.Ran.class, pay(7, "eve"), "decided again when it is repeated");
        var given = rig.desk.find(waiting.pending().ticket()).orElseThrow();
        assertEquals("granted", given.closing().orElseThrow().why());
        assertInstanceOf(VoteResult.AlreadyClosed.class, rig.approve(Rig.BOB, waiting));
        assertEquals(1, rig.ran().stream().filter(ran -> ran.contains("7")).count());
    }

    @Test
    void a_persons_denial_of_the_very_call_stays() {
        var denied = held(7, "eve");
        rig.deny(Rig.CAROL, denied, "no");
        granted(5, "eve", "{'for':'8h','sum':{'argument':'amount','max':100}}");
        assertInstanceOf(Reply.Refused.class, pay(7, "eve"));
        assertInstanceOf(Reply.Ran.class, pay(8, "eve"));
    }

    @Test
    void a_callers_permit_is_debited_once_and_run_by_the_guard_while_it_is_not_revoked() {
        var grant = granted(5, "eve", "{'for':'8h'}");
        var permitted = assertInstanceOf(Reply.Permitted.class, permit());
        assertEquals(2, present(grant).used());
        assertInstanceOf(Reply.Ran.class, rig.execute(permitted.call().id()));
        assertEquals(2, present(grant).used());

        var second = assertInstanceOf(Reply.Permitted.class, permit());
        assertEquals(3, present(grant).used());
        rig.desk.grants().revoke(grant.id(), "carol", "");
        int before = rig.ran().size();
        rig.execute(second.call().id());
        assertEquals(before, rig.ran().size());
    }

    private Reply permit() {
        return rig.propose(rig.proposal(Rig.CODER, "pay.send", args(5, "eve"), Run.CALLER, Optional.empty()));
    }

    @Test
    void an_evaluation_is_permitted_and_debited_alike() {
        var grant = granted(5, "eve", "{'for':'8h','calls':2}");
        var proposal = rig.proposal(Rig.CODER, "pay.send", args(5, "eve"), Run.CALLER, Optional.empty());
        var patience = Attendance.silent(Duration.ofSeconds(5));
        assertInstanceOf(Reply.Permitted.class, rig.guard.evaluate(proposal, Optional.empty(), patience));
        assertEquals(2, present(grant).used());
        var refused = assertInstanceOf(Reply.Refused.class, rig.guard.evaluate(proposal, Optional.empty(), patience));
        assertEquals("requestable", refused.call().cause());
    }

    @Test
    void a_delayed_call_is_debited_when_it_is_put_off_and_falls_with_its_grant() {
        var delay = Duration.ofMinutes(2);
        rig.rules(remembered("people", 1).delay(delay).rule());
        var held = held(5, "eve");
        approve(Rig.BOB, held, "{'for':'8h','sum':{'argument':'amount','max':100}}");
        assertInstanceOf(Reply.Queued.class, pay(5, "eve"), "the approved call itself");
        var grant = grantOf(held).orElseThrow();
        assertInstanceOf(Reply.Queued.class, pay(6, "eve"));
        assertInstanceOf(Reply.Queued.class, pay(7, "eve"));
        assertEquals("18", present(grant).spent().toPlainString());
        rig.pass(delay);
        rig.runDue();
        assertEquals(3, rig.ran().size());
        assertEquals(3, present(grant).used(), "and no second time when they run");

        assertInstanceOf(Reply.Queued.class, pay(8, "eve"));
        rig.desk.grants().revoke(grant.id(), "carol", "");
        rig.pass(delay);
        rig.runDue();
        assertEquals(3, rig.ran().size(), "what waited is decided again, without it");
    }

    @Test
    void a_held_call_whose_repeat_is_put_off_is_given_up_too() {
        rig.rules(remembered("people", 1).delay(Duration.ofMinutes(2)).rule());
        var waiting = held(7, "eve");
        var other = held(5, "eve");
        approve(Rig.BOB, other, "{'for':'8h','sum':{'argument':'amount','max':100}}");
        assertInstanceOf(Reply.Queued.class, pay(7, "eve"));
        assertInstanceOf(VoteResult.AlreadyClosed.class, rig.approve(Rig.BOB, waiting));
        rig.pass(Duration.ofMinutes(2));
        rig.runDue();
        assertEquals(1, rig.ran().size());
    }

    @Test
    void what_failed_is_debited_all_the_same() {
        var grant = granted(5, "eve", "{'for':'8h'}");
        rig.upstream(request -> new Outcome.NotRun(dev.guardrail.base.ProblemType.UPSTREAM_FAILED, "it is away"));
        pay(5, "eve");
        assertEquals(2, present(grant).used());
    }

    @Test
    void a_preview_counts_what_people_were_asked_for_and_names_what_they_denied() {
        for (int n = 1; n <= 4; n++) {
            rig.approve(Rig.BOB, held(n, "eve"));
            assertInstanceOf(Reply.Ran.class, pay(n, "eve"));
        }
        List<CallId> denied = new ArrayList<>();
        for (int n = 11; n <= 12; n++) {
            var no = held(n, "eve");
            rig.deny(Rig.BOB, no, "no");
            denied.addFirst(no.call().id());
        }
        held(13, "mallory");
        held(5_000, "eve");
        rig.propose("pay.send", args(1, "eve").set("note", new dev.guardrail.base.JsonText("s3cret")));
        rig.rules(PAYS, allow("free").on("files.*").rule()).tool("files.read");
        rig.propose("files.read", JsonObject.EMPTY);

        var held = held(20, "eve");
        var shown = assertInstanceOf(
                ScopedVotes.Previewed.Shown.class,
                rig.guard
                        .scopedVotes()
                        .preview(
                                held.pending().ticket(),
                                Scope.parse(json("{'for':'8h','sum':{'argument':'amount','max':100}}")))
                        .orElseThrow());

        assertEquals(new Preview(10, 6, denied, 1), shown.preview());
        assertInstanceOf(
                ScopedVotes.Previewed.Refused.class,
                rig.guard
                        .scopedVotes()
                        .preview(held.pending().ticket(), Scope.parse(json("{'for':'25h'}")))
                        .orElseThrow());
        assertEquals(List.of(), rig.journal.find(Kind.GRANT, dev.guardrail.journal.Document.Tags.NONE, "", 9));
    }
}
