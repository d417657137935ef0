package dev.guardrail.approval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.Action;
import dev.guardrail.call.CallId;
import dev.guardrail.call.Context;
import dev.guardrail.call.DecisionRequest;
import dev.guardrail.call.PathFact;
import dev.guardrail.call.PathFacts;
import dev.guardrail.call.Purpose;
import dev.guardrail.call.Resource;
import dev.guardrail.call.Risk;
import dev.guardrail.call.Subject;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.condition.Condition;
import dev.guardrail.condition.Facts;
import dev.guardrail.journal.Draft;
import dev.guardrail.journal.StoreConflict;
import dev.guardrail.policy.Decision;
import dev.guardrail.policy.DecisionPoint;
import dev.guardrail.policy.ExactGrant;
import dev.guardrail.policy.Layer;
import dev.guardrail.policy.PolicySet;
import dev.guardrail.policy.Rule;
import dev.guardrail.session.SessionView;
import dev.guardrail.testing.Calls;
import dev.guardrail.testing.RuleDraft;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// What an approval gives, to which call, and how often.
class GrantSpec {
    private final Desk desk = new Desk();

    @Test
    void an_approval_answers_every_hold_once_all_quorums_are_met() {
        var first = Desk.hold("first", QuorumDraft.anyone());
        var second = Desk.hold("second", QuorumDraft.of(2, "role:approver"));
        var request = Desk.request("call_1");
        var ticket = desk.held("call_1", first, second);

        assertEquals(List.of(), desk.desk.grants(ticket, request));
        desk.approve("bob", ticket);
        assertEquals(List.of(), desk.desk.grants(desk.ticket(ticket), request), "one quorum of two is met");
        desk.approve("carol", ticket);

        var grant = assertInstanceOf(
                ExactGrant.class, desk.desk.grants(desk.ticket(ticket), request).getFirst());
        assertEquals(ticket.id(), grant.id());
        assertEquals(request.fingerprint(), grant.fingerprint());
        assertEquals(Set.of(first.digest(), second.digest()), grant.answers());
        assertEquals(Calls.NOON.plusSeconds(600), grant.lapses());
    }

    @Test
    void no_other_end_gives_a_grant() {
        var denied = desk.held("call_1", Desk.hold("hold", QuorumDraft.anyone()));
        desk.deny("bob", denied);
        assertEquals(List.of(), desk.desk.grants(desk.ticket(denied), Desk.request("call_1")));

        var cancelled = desk.held("call_2", Desk.hold("hold", QuorumDraft.anyone()));
        desk.desk.cancel(cancelled.id(), "agent");
        assertEquals(List.of(), desk.desk.grants(desk.ticket(cancelled), Desk.request("call_2")));
    }

    @TestFactory
    Stream<DynamicTest> a_call_that_differs_in_what_was_bound_gets_nothing() {
        var asked = bound();
        var ticket = desk.held(asked, Map.of(), Desk.hold("hold", QuorumDraft.anyone()));
        desk.desk.approve(desk.operators.get("bob"), ticket.id(), asked.argumentsDigest(), "", Optional.empty());
        var approved = desk.ticket(ticket);
        assertEquals(1, desk.desk.grants(approved, asked).size());

        Map<String, DecisionRequest> others = new LinkedHashMap<>();
        var subject = asked.subject();
        others.put("agent", with(asked, new Subject("intern", subject.roles(), subject.user())));
        others.put("user", with(asked, new Subject("coder", subject.roles(), Optional.of("eve"))));
        others.put("no user", with(asked, new Subject("coder", subject.roles(), Optional.empty())));
        others.put("arguments", asked.with(JsonObject.with("script", "/w/b.sh").build(), facts("/w/a.sh", "aa")));
        others.put("resolved path", asked.with(asked.action().arguments(), facts("/w/other.sh", "aa")));
        others.put("content of a script", asked.with(asked.action().arguments(), facts("/w/a.sh", "bb")));
        others.put("tool", withTool(asked, Calls.tool("shell.exec")));
        others.put("definition of the tool", withTool(asked, changed(Calls.tool("shell.run"))));
        others.put(
                "purpose",
                new DecisionRequest(
                        asked.call(),
                        asked.subject(),
                        asked.action(),
                        asked.resource(),
                        new Context(Calls.NOON, "", Risk.LOW, Purpose.UNDO)));
        return others.entrySet().stream()
                .map(other -> DynamicTest.dynamicTest(
                        other.getKey(), () -> assertEquals(List.of(), desk.desk.grants(approved, other.getValue()))));
    }

    @Test
    void the_identical_call_proposed_again_gets_the_grant() {
        var asked = bound();
        var ticket = desk.held(asked, Map.of(), Desk.hold("hold", QuorumDraft.anyone()));
        desk.desk.approve(desk.operators.get("bob"), ticket.id(), asked.argumentsDigest(), "", Optional.empty());
        var again = new DecisionRequest(
                new CallId("call_2"),
                asked.subject(),
                asked.action(),
                asked.resource(),
                new Context(Calls.NOON.plusSeconds(5), "please", Risk.HIGH, Purpose.ACT));
        assertEquals(1, desk.desk.grants(desk.ticket(ticket), again).size());
    }

    private static DecisionRequest bound() {
        var request = Calls.request(
                Calls.tool("shell.run"),
                Calls.CODER,
                JsonObject.with("script", "/w/a.sh").build());
        return request.with(request.action().arguments(), facts("/w/a.sh", "aa"));
    }

    private static PathFacts facts(String real, String content) {
        var digest = Sha256.of(content.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        return new PathFacts(Map.of("/w/a.sh", new PathFact(real, "/w", Optional.of(digest))));
    }

    private static DecisionRequest with(DecisionRequest request, Subject subject) {
        return new DecisionRequest(request.call(), subject, request.action(), request.resource(), request.context());
    }

    private static DecisionRequest withTool(DecisionRequest request, ToolDefinition tool) {
        return new DecisionRequest(
                request.call(),
                request.subject(),
                new Action(tool.name(), request.action().arguments()),
                new Resource(tool, request.resource().paths()),
                request.context());
    }

    private static ToolDefinition changed(ToolDefinition tool) {
        var definition = tool.definition().set("description", new dev.guardrail.base.JsonText("now it does more"));
        return new ToolDefinition(
                tool.name(),
                definition,
                tool.inputSchema(),
                tool.effect(),
                tool.labels(),
                tool.taints(),
                tool.idempotent(),
                tool.callerRun(),
                ToolDefinition.digest(tool.name(), definition));
    }

    @Test
    void an_approval_stands_while_its_hold_rule_is_the_same_and_falls_when_it_changes() {
        var rule = Desk.hold("hold", QuorumDraft.anyone());
        var ticket = desk.held("call_1", rule);
        desk.approve("bob", ticket);
        var request = Desk.request("call_1");
        var grants = desk.desk.grants(desk.ticket(ticket), request);
        var facts = new Facts(request, SessionView.fresh(Desk.SESSION));

        var beside = RuleDraft.allow("reads").on("*.*").rule();
        assertInstanceOf(
                Decision.Allow.class, point(rule, beside).decide(facts, grants).decision());
        var changed = RuleDraft.hold("hold")
                .on("*.*")
                .when(Condition.ALWAYS, "args.amount > 1")
                .rule();
        assertInstanceOf(
                Decision.Hold.class,
                point(changed, beside).decide(facts, grants).decision());
        var another = Desk.hold("another", QuorumDraft.anyone());
        var held = assertInstanceOf(
                Decision.Hold.class, point(rule, another).decide(facts, grants).decision());
        assertEquals(List.of(another), List.copyOf(held.holds()));
        var deny = RuleDraft.deny("deny").on("*.*").rule();
        assertInstanceOf(
                Decision.Deny.class, point(rule, deny).decide(facts, grants).decision());
    }

    private static DecisionPoint point(Rule... rules) {
        return new DecisionPoint(
                new PolicySet(List.of(new Layer("main", false, List.of(rules))), Sha256.of(new byte[0])));
    }

    @Test
    void a_grant_lapses_by_monotonic_time_whatever_the_wall_clock_does() {
        var ticket = desk.held(QuorumDraft.anyone());
        desk.approve("bob", ticket);
        var approved = desk.ticket(ticket);

        desk.now = Calls.NOON.minus(Duration.ofDays(1));
        desk.nanos += Duration.ofMinutes(9).toNanos();
        assertEquals(
                at(desk.now).context().time().plusSeconds(60),
                assertInstanceOf(
                                ExactGrant.class,
                                desk.desk.grants(approved, at(desk.now)).getFirst())
                        .lapses());

        desk.nanos += Duration.ofMinutes(1).toNanos() - 1;
        assertEquals(1, desk.desk.grants(approved, at(desk.now)).size());
        desk.nanos += 1;
        assertEquals(List.of(), desk.desk.grants(approved, at(desk.now)));
    }

    private static DecisionRequest at(java.time.Instant time) {
        var request = Desk.request("call_1");
        return new DecisionRequest(
                request.call(),
                request.subject(),
                request.action(),
                request.resource(),
                new Context(time, "", Risk.LOW, Purpose.ACT));
    }

    @Test
    void an_approval_is_used_once() throws Exception {
        var ticket = desk.held(QuorumDraft.anyone());
        desk.approve("bob", ticket);

        var draft = new Draft();
        desk.desk.consume(draft, ticket.id());
        assertEquals(TicketState.APPROVED, desk.state(ticket), "nothing is used before the batch is durable");
        desk.journal.commit(draft);

        assertEquals(TicketState.USED, desk.state(ticket));
        assertEquals("consumed", desk.ticket(ticket).closing().orElseThrow().why());
        assertEquals(List.of(), desk.desk.grants(desk.ticket(ticket), Desk.request("call_1")));
        assertThrows(StoreConflict.class, () -> desk.desk.consume(new Draft(), ticket.id()));
        assertEquals(0, desk.desk.rearm(), "no deadline is kept of what is used");
        desk.pass(Duration.ofHours(2));
        assertEquals(0, desk.desk.expireDue());
        assertEquals(TicketState.USED, desk.state(ticket));
        assertEquals(Optional.of(desk.ticket(ticket)), desk.desk.cancel(ticket.id(), "agent"));
    }

    @Test
    void an_approval_that_was_used_for_a_permit_still_answers_while_the_lease_runs() throws Exception {
        var rule = Desk.hold("hold", QuorumDraft.anyone());
        var ticket = desk.held("call_1", rule);
        desk.approve("bob", ticket);
        var request = Desk.request("call_1");
        var until = Calls.NOON.plusSeconds(300);
        assertEquals(List.of(), desk.desk.used(desk.ticket(ticket), request, until), "not used yet");
        var draft = new Draft();
        desk.desk.consume(draft, ticket.id());
        desk.journal.commit(draft);

        var used = desk.ticket(ticket);
        assertEquals(
                List.of(new ExactGrant(ticket.id(), request.fingerprint(), Set.of(rule.digest()), until)),
                desk.desk.used(used, request, until));
        assertEquals(List.of(), desk.desk.used(used, Desk.request("call_2"), until));
    }

    @Test
    void of_two_batches_that_use_one_approval_one_commits() throws Exception {
        var ticket = desk.held(QuorumDraft.anyone());
        desk.approve("bob", ticket);
        var one = new Draft();
        var other = new Draft();
        desk.desk.consume(one, ticket.id());
        desk.desk.consume(other, ticket.id());
        desk.journal.commit(one);
        assertThrows(StoreConflict.class, () -> desk.journal.commit(other));
    }

    @Test
    void what_is_not_approved_or_lapsed_cannot_be_used() throws Exception {
        assertThrows(StoreConflict.class, () -> desk.desk.consume(new Draft(), "apr_none"));
        var ticket = desk.held(QuorumDraft.anyone());
        assertThrows(StoreConflict.class, () -> desk.desk.consume(new Draft(), ticket.id()));
        desk.approve("bob", ticket);
        desk.pass(Duration.ofMinutes(10).minusNanos(1));
        desk.desk.consume(new Draft(), ticket.id());
        desk.pass(Duration.ofNanos(1));
        assertThrows(StoreConflict.class, () -> desk.desk.consume(new Draft(), ticket.id()));
    }
}
