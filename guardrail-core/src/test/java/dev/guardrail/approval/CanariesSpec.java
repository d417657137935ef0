package dev.guardrail.approval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.IdSource;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.CallId;
import dev.guardrail.call.Caller;
import dev.guardrail.call.DecisionRequest;
import dev.guardrail.call.Risk;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.call.ToolName;
import dev.guardrail.journal.Document;
import dev.guardrail.journal.Draft;
import dev.guardrail.journal.Kind;
import dev.guardrail.journal.StoreConflict;
import dev.guardrail.policy.RuleId;
import dev.guardrail.proof.LogAudit;
import dev.guardrail.testing.Calls;
import dev.guardrail.testing.HeldLog;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Requests that test approvers: they look like held calls, are journaled as what they are, and are nothing that could
/// run.
class CanariesSpec {
    private static final ToolDefinition PAY = Calls.tool("bank.pay");
    private static final Duration DAY = Duration.ofDays(1);

    /// The very arguments that the desk's own calls have.
    private static final JsonObject ARGUMENTS = Desk.request("call_1").action().arguments();

    private final Desk desk = new Desk();
    private final List<DeskEvent> told = new ArrayList<>();
    private Canaries canaries = canaries(Optional.of(plan("role:approver")));

    private static CanaryPlan plan(String... approvers) {
        var decoy = new Decoy(
                PAY.name(),
                ARGUMENTS,
                "the payee has a new account",
                "coder",
                Optional.of("ann"),
                new RuleId("hold-pay"),
                Risk.HIGH);
        return new CanaryPlan(List.of(decoy), List.of(approvers), DAY, Duration.ofHours(1));
    }

    private Canaries canaries(Optional<CanaryPlan> plan) {
        return canaries(plan, name -> name.equals(PAY.name()) ? Optional.of(PAY) : Optional.empty());
    }

    private Canaries canaries(
            Optional<CanaryPlan> plan, java.util.function.Function<ToolName, Optional<ToolDefinition>> pinned) {
        var ids = IdSource.of(() -> desk.now, new Random(desk.nanos));
        return new Canaries(desk.journal, ids, desk.operators::values, pinned, new Random(7), plan);
    }

    private ApproversQueue queue() {
        return new ApproversQueue(desk.desk, canaries);
    }

    private Ticket planted() {
        return assertInstanceOf(Planting.Planted.class, canaries.plant("otto"))
                .canary()
                .guise();
    }

    private String refused() {
        return assertInstanceOf(Planting.Refused.class, canaries.plant("otto")).why();
    }

    private Caller person(String name) {
        return desk.operators.get(name);
    }

    private static Sha256 seen() {
        return Sha256.of(ARGUMENTS);
    }

    private Optional<Canary.Outcome> outcome(Ticket guise) {
        return Canary.find(desk.journal, guise.id()).orElseThrow().outcome();
    }

    private VoteResult approve(String who, Ticket guise) {
        return queue().approve(person(who), guise.id(), seen(), "", Optional.empty());
    }

    @Test
    void it_waits_among_held_calls_and_looks_like_one() {
        var real = desk.held(QuorumDraft.anyone());
        var guise = planted();

        // In order of their ids, of which the desk's own are later here.
        assertEquals(List.of(guise, real), queue().list(Optional.of(TicketState.PENDING), "", 10));
        assertEquals(List.of(guise), queue().list(Optional.of(TicketState.PENDING), "", 1));
        assertEquals(List.of(real), queue().list(Optional.of(TicketState.PENDING), guise.id(), 10));
        assertEquals(Optional.of(guise), queue().find(guise.id()));
        assertEquals(Optional.of(real), queue().find(real.id()));
        assertTrue(guise.id().startsWith("apr_") && guise.call().value().startsWith("call_"));
        assertEquals(real.tool(), guise.tool());
        assertEquals(real.definition(), guise.definition());
        assertEquals(real.argumentsDigest(), guise.argumentsDigest(), "the arguments of the real one");
        assertEquals(desk.desk.eligible(real), desk.desk.eligible(guise));
    }

    @Test
    void a_wish_to_remember_it_is_refused_as_of_a_call_whose_rule_never_allows_that() {
        var real = desk.held(
                "call_1",
                dev.guardrail.testing.RuleDraft.hold("hold")
                        .on("*.*")
                        .quorum(dev.guardrail.policy.Quorum.DEFAULT)
                        .rule());
        var guise = planted();
        var scope = new Scope(dev.guardrail.policy.Reach.REPEATS, Duration.ofHours(8), 20);
        var request = Desk.request("call_1");
        var refused = assertInstanceOf(
                VoteResult.ScopeRefused.class,
                desk.desk.approve(
                        person("bob"), real.id(), seen(), "", Optional.empty(), new ScopedCall(scope, request)));

        var unknown = new VoteResult.Unknown(guise.id());
        assertEquals(
                new VoteResult.ScopeRefused(guise, refused.why()),
                queue().approveWider(person("bob"), guise.id(), seen(), unknown));
        assertEquals(Optional.of(refused.why()), queue().scopeObjection(guise.id()));
        assertEquals(refused, queue().approveWider(person("bob"), real.id(), seen(), refused));
        assertInstanceOf(
                VoteResult.ArgumentsChanged.class,
                queue().approveWider(person("bob"), guise.id(), Sha256.of(JsonObject.EMPTY), unknown));
        assertEquals(Optional.empty(), outcome(guise), "the vote does not count");
        assertInstanceOf(VoteResult.Closed.class, approve("bob", guise));
        assertInstanceOf(
                VoteResult.AlreadyClosed.class, queue().approveWider(person("bob"), guise.id(), seen(), unknown));
        assertInstanceOf(
                VoteResult.Unknown.class,
                queue().approveWider(person("bob"), "apr_none", seen(), new VoteResult.Unknown("apr_none")));
    }

    @Test
    void approving_it_is_a_miss_and_gives_no_right_to_anything() {
        var guise = planted();

        var closed =
                assertInstanceOf(VoteResult.Closed.class, approve("bob", guise)).ticket();

        assertEquals(Optional.of(Canary.Outcome.MISSED), outcome(guise));
        assertEquals(TicketState.APPROVED, closed.state());
        // Whatever is asked with what it shows, by whatever id.
        for (String call : List.of("call_1", guise.call().value())) {
            var like = Desk.request("call_1");
            var request = new DecisionRequest(
                    new CallId(call), like.subject(), like.action(), like.resource(), like.context());
            assertEquals(List.of(), desk.desk.grants(closed, request));
            assertEquals(List.of(), desk.desk.used(closed, request, desk.now.plusSeconds(60)));
        }
        assertThrows(StoreConflict.class, () -> desk.desk.consume(new Draft(), guise.id()));
        assertEquals(Optional.empty(), desk.desk.find(guise.id()));
        assertEquals(Optional.empty(), desk.desk.cancel(guise.id(), "agent"));
        assertInstanceOf(Editable.Refused.class, desk.desk.editable(person("bob"), guise.id(), seen()));
        // The control: a real one of the same arguments gives a grant.
        var real = desk.held(QuorumDraft.anyone());
        desk.approve("bob", real);
        assertEquals(
                1, desk.desk.grants(desk.ticket(real), Desk.request("call_1")).size());
    }

    @Test
    void it_is_no_ticket_no_call_and_no_repeat_in_any_document_or_entry() throws IOException {
        var guise = planted();
        approve("bob", guise);

        for (Kind kind : List.of(Kind.CALL, Kind.TICKET, Kind.REPEAT, Kind.SESSION, Kind.TOKEN, Kind.IDEMPOTENCY))
            assertEquals(List.of(), desk.journal.find(kind, Document.Tags.NONE, "", 10), kind.toString());
        assertEquals(1, desk.entries("canary_opened").size());
        assertEquals(1, desk.entries("canary_closed").size());
        assertEquals(2, desk.store.size(), "and nothing else is in the log");
        assertEquals(Optional.empty(), LogAudit.of(HeldLog.of(desk.store)).fault());
        assertEquals(0, desk.desk.rearm());
        assertEquals(0, desk.desk.waiting("coder"), "it takes nothing of the agent's share");
    }

    @Test
    void the_journal_says_what_it_is_from_the_start_and_who_ended_it_how() {
        var guise = planted();
        var opened = desk.entries("canary_opened").getFirst();
        queue().deny(person("bob"), guise.id(), "a new payee by mail, no");

        assertEquals(guise.id(), opened.text("ticket").orElseThrow());
        assertEquals("otto", opened.text("by").orElseThrow());
        assertEquals("coder", opened.text("poses").orElseThrow());
        assertEquals(2, opened.array("bodies").orElseThrow().items().size());
        assertFalse(desk.disk().contains("new account"), "arguments and words are bodies");
        var closed = desk.entries("canary_closed").getFirst();
        assertEquals("caught", closed.text("outcome").orElseThrow());
        assertEquals("bob", closed.text("by").orElseThrow());
        assertTrue(closed.object("reason").isPresent());
        assertFalse(outcomeText(guise).contains("bob"), "nowhere else");
    }

    private String outcomeText(Ticket guise) {
        return desk.journal.get(Kind.CANARY, guise.id()).orElseThrow().value().toString();
    }

    @Test
    void denying_it_catches_it_and_letting_it_lie_is_silence() {
        var caught = planted();
        assertInstanceOf(VoteResult.Closed.class, queue().deny(person("bob"), caught.id(), ""));
        assertEquals(Optional.of(Canary.Outcome.CAUGHT), outcome(caught));

        var silent = planted();
        desk.pass(Duration.ofMinutes(59));
        canaries.due();
        assertEquals(Optional.empty(), outcome(silent));
        desk.pass(Duration.ofMinutes(1));
        canaries.due();
        assertEquals(Optional.of(Canary.Outcome.SILENT), outcome(silent));
        assertInstanceOf(VoteResult.AlreadyClosed.class, approve("bob", silent));
        assertEquals(Optional.of(Canary.Outcome.SILENT), outcome(silent));
    }

    @Test
    void a_vote_after_its_time_does_not_count_though_nothing_ended_it_yet() {
        var guise = planted();
        desk.pass(Duration.ofHours(1));

        assertInstanceOf(VoteResult.AlreadyClosed.class, approve("bob", guise));
        assertEquals(Optional.of(Canary.Outcome.SILENT), outcome(guise));
    }

    @Test
    void looking_into_it_ends_it_and_is_neither_a_miss_nor_a_catch() {
        for (int way = 0; way < 4; way++) {
            var guise = planted();
            var result = switch (way) {
                case 0 -> queue().ask(person("bob"), guise.id(), "which invoice?");
                case 1 -> queue().delegate(person("bob"), guise.id(), "carol", "");
                case 2 -> queue().escalate(person("bob"), guise.id(), "");
                default -> queue().edit(person("bob"), guise.id(), seen(), "", new VoteResult.Unknown(guise.id()));
            };
            assertInstanceOf(VoteResult.Closed.class, result);
            assertEquals(Optional.of(Canary.Outcome.HANDLED), outcome(guise));
        }
    }

    @Test
    void whoever_has_no_vote_or_saw_other_arguments_is_refused_as_with_a_call() {
        desk.hire("erin", Set.of("auditor"), Set.of());
        var guise = planted();
        var real = desk.held(QuorumDraft.anyone());

        assertEquals(
                assertInstanceOf(
                        VoteResult.NotEligible.class,
                        queue().approve(person("erin"), real.id(), seen(), "", Optional.empty())),
                assertInstanceOf(VoteResult.NotEligible.class, approve("erin", guise)));
        assertInstanceOf(
                VoteResult.ArgumentsChanged.class,
                queue().approve(person("bob"), guise.id(), Sha256.of(JsonObject.EMPTY), "", Optional.empty()));
        var agent = new Caller(Caller.Kind.AGENT, "bob", Set.of("approver"), Set.of(), Set.of(), Optional.empty());
        assertInstanceOf(
                VoteResult.NotEligible.class, queue().approve(agent, guise.id(), seen(), "", Optional.empty()));
        assertEquals(Optional.empty(), outcome(guise));
        assertInstanceOf(VoteResult.Closed.class, approve("bob", guise));
        assertInstanceOf(VoteResult.AlreadyClosed.class, queue().deny(person("carol"), guise.id(), ""));
        assertInstanceOf(VoteResult.Unknown.class, queue().deny(person("carol"), "apr_none", ""));
    }

    @Test
    void the_vote_of_somebody_who_may_read_the_journal_says_nothing() {
        desk.hire("erin", Set.of("approver", "auditor"), Set.of());
        var guise = planted();

        assertInstanceOf(VoteResult.Closed.class, approve("erin", guise));

        assertEquals(Optional.of(Canary.Outcome.HANDLED), outcome(guise));
    }

    @Test
    void one_is_planted_at_a_time_and_only_where_somebody_can_meet_it() {
        planted();
        assertTrue(refused().contains("one waits already"));

        var unasked = new CanariesSpec();
        unasked.canaries = unasked.canaries(Optional.of(plan("group:nobody")));
        assertTrue(unasked.refused().contains("no operator"));
        unasked.canaries = unasked.canaries(Optional.of(plan("role:approver")), name -> Optional.empty());
        assertTrue(unasked.refused().contains("no tool"));
        unasked.canaries = unasked.canaries(Optional.empty());
        assertTrue(unasked.refused().contains("not configured"));
        assertEquals(List.of(), unasked.desk.entries("canary_opened"));
    }

    @Test
    void they_come_by_themselves_about_every_so_often() {
        canaries.rearm();
        desk.pass(DAY);
        canaries.due();
        assertEquals(1, desk.entries("canary_opened").size(), "the first within the span");
        assertEquals(
                "guard", desk.entries("canary_opened").getFirst().text("by").orElseThrow());
        desk.pass(Duration.ofHours(2));
        canaries.due();
        desk.pass(Duration.ofHours(9));
        canaries.due();
        assertEquals(1, desk.entries("canary_opened").size(), "none before half of it");
        desk.pass(DAY.plusHours(1));
        canaries.due();
        assertEquals(2, desk.entries("canary_opened").size(), "one after one and a half");
    }

    @Test
    void a_restart_counts_from_the_last_and_keeps_what_waits() {
        canaries.rearm();
        var guise = planted();
        restart();
        assertEquals(Optional.of(guise), queue().find(guise.id()));
        desk.pass(Duration.ofHours(1));
        canaries.due();
        assertEquals(Optional.of(Canary.Outcome.SILENT), outcome(guise));
        // Restarts in between put nothing off.
        for (int hour = 0; hour < 36; hour++) {
            restart();
            desk.pass(Duration.ofHours(1));
            canaries.due();
        }
        assertTrue(desk.entries("canary_opened").size() > 1);
    }

    private void restart() {
        canaries.close();
        desk.reboot();
        canaries = canaries(Optional.of(plan("role:approver")));
        canaries.rearm();
    }

    @Test
    void turned_off_what_waits_comes_to_its_end_and_nothing_follows() {
        var guise = planted();
        desk.reboot();
        canaries = canaries(Optional.empty());
        canaries.rearm();
        desk.pass(Duration.ofDays(5));
        canaries.due();

        assertEquals(Optional.of(Canary.Outcome.SILENT), outcome(guise));
        assertEquals(1, desk.entries("canary_opened").size());
    }

    @Test
    void a_clock_that_was_set_back_over_a_restart_gives_no_more_time() {
        var guise = planted();
        desk.reboot();
        desk.now = desk.now.minusSeconds(60);
        canaries = canaries(Optional.of(plan("role:approver")));
        canaries.rearm();
        canaries.due();

        assertEquals(Optional.of(Canary.Outcome.SILENT), outcome(guise));
    }

    @Test
    void people_are_told_of_it_as_of_a_call() throws InterruptedException {
        canaries.listen(event -> {
            synchronized (told) {
                told.add(event);
                told.notifyAll();
            }
        });
        var guise = planted();
        await(new DeskEvent.Opened(guise));
        desk.pass(Duration.ofMinutes(30));
        canaries.due();
        await(new DeskEvent.Reminded(guise));
        approve("bob", guise);
        await(new DeskEvent.Closed(queue().find(guise.id()).orElseThrow()));
    }

    private void await(DeskEvent event) throws InterruptedException {
        synchronized (told) {
            for (int woken = 0; woken < 100 && !told.contains(event); woken++) told.wait(1_000);
            assertTrue(told.contains(event), told.toString());
        }
    }

    @Test
    void miss_rates_are_of_those_who_were_asked_and_say_of_how_many() {
        desk.hire("erin", Set.of("approver"), Set.of("payments"));
        canaries = canaries(Optional.of(plan("group:payments", "carol")));
        approve("erin", planted());
        approve("erin", planted());
        queue().deny(person("carol"), planted().id(), "");
        planted();
        desk.pass(Duration.ofHours(1));
        canaries.due();
        queue().ask(person("carol"), planted().id(), "why?");
        planted();

        var report = canaries.report(Duration.ofDays(7));
        assertEquals(new CanaryReport.Figures(6, 2, 1, 1, 1), report.total());
        assertEquals(1, report.total().pending());
        assertEquals(OptionalDouble.of(2.0 / 3), report.total().missRate());
        assertEquals(
                List.of("group:payments 1", "named people 0"),
                report.rows().stream()
                        .map(row -> row.name() + " " + row.people())
                        .toList());
        assertFalse(report.toString().contains("carol"));
        assertEquals(0, canaries.report(Duration.ofMillis(1)).total().missed());
        assertEquals(
                OptionalDouble.empty(),
                canaries.report(Duration.ofMillis(1)).total().missRate());
    }

    @Test
    void they_count_in_no_figure_of_review() {
        approve("bob", planted());
        desk.held(QuorumDraft.anyone());

        var total = new ReviewQuality(desk.journal, desk.operators::values)
                .report(Duration.ofDays(7), QualityReport.Axis.TOOL, false, false)
                .total();
        assertEquals(1, total.opened());
        assertEquals(0, total.approved());
    }
}
