package dev.guardrail.approval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.approval.QualityReport.Axis;
import dev.guardrail.base.IdSource;
import dev.guardrail.call.CallId;
import dev.guardrail.call.DecisionRequest;
import dev.guardrail.policy.Rule;
import dev.guardrail.testing.Calls;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// How people review, as their tickets tell it.
class ReviewQualitySpec {
    private static final Duration WEEK = Duration.ofDays(7);

    private final Desk desk = withSortableIds();
    private int calls;

    /// A desk whose ids tell when they were made, as those of a running guard do.
    private static Desk withSortableIds() {
        var desk = new Desk();
        desk.desk = new ApprovalDesk(
                desk.journal, IdSource.of(() -> desk.now, new Random(1)), desk.operators::values, 1_000);
        return desk;
    }

    private ReviewQuality quality() {
        return new ReviewQuality(desk.journal, desk.operators::values);
    }

    private QualityReport report(Axis by) {
        return quality().report(WEEK, by, false, false);
    }

    private QualityReport.Figures total() {
        return report(Axis.RULE).total();
    }

    private Ticket held(QuorumDraft... quorums) {
        return held("call_" + ++calls, quorums);
    }

    private Ticket held(String call, QuorumDraft... quorums) {
        var rules = new Rule[quorums.length];
        for (int i = 0; i < rules.length; i++) rules[i] = Desk.hold("hold-" + i, quorums[i]);
        return desk.held(call, rules);
    }

    /// The same call once more, as another session makes it.
    private Ticket again(String like) {
        var request = Desk.request(like);
        return desk.held(
                new DecisionRequest(
                        new CallId(like + "_" + ++calls),
                        request.subject(),
                        request.action(),
                        request.resource(),
                        request.context()),
                Map.of(),
                Desk.hold("hold-0", QuorumDraft.anyone()));
    }

    private void later(long seconds) {
        desk.pass(Duration.ofSeconds(seconds));
    }

    @Test
    void nothing_that_happened_has_no_rates() {
        var report = report(Axis.RULE);

        assertEquals(List.of(), report.rows());
        assertEquals(0, report.total().opened());
        assertEquals(OptionalDouble.empty(), report.total().rejectRate());
        assertEquals(OptionalDouble.empty(), report.total().expiredShare());
        assertEquals(Optional.empty(), report.total().median());
        assertTrue(report.complete());
        assertEquals(Calls.NOON.minus(WEEK), report.from());
    }

    @Test
    void every_end_of_a_ticket_is_counted_once() {
        var approved = held(QuorumDraft.anyone());
        var denied = held(QuorumDraft.anyone());
        held(QuorumDraft.anyone());
        var cancelled = held(QuorumDraft.anyone());
        later(60);
        desk.approve("bob", approved);
        desk.deny("bob", denied);
        desk.desk.cancel(cancelled.id(), "agent");
        later(3_600);
        assertEquals(2, desk.desk.expireDue(), "one that nobody decided, one that nobody used");
        held(QuorumDraft.anyone());

        var total = total();
        assertEquals(
                List.of(5, 1, 1, 1, 1, 1),
                List.of(
                        total.opened(),
                        total.pending(),
                        total.approved(),
                        total.denied(),
                        total.expired(),
                        total.cancelled()));
        assertEquals(2, total.decided());
        assertEquals(OptionalDouble.of(0.5), total.rejectRate());
        assertEquals(OptionalDouble.of(1.0 / 3), total.expiredShare());
    }

    @Test
    void time_to_decide_runs_to_the_vote_that_decided() {
        var two = held(QuorumDraft.of(2, "role:approver"));
        later(10);
        desk.approve("bob", two);
        later(50);
        desk.approve("carol", two);
        later(300);

        assertEquals(Optional.of(Duration.ofSeconds(60)), total().median());
    }

    @Test
    void percentiles_are_times_that_somebody_took() {
        for (int seconds = 1; seconds <= 20; seconds++) {
            var ticket = held(QuorumDraft.anyone());
            later(seconds);
            desk.deny("bob", ticket);
        }

        assertEquals(Optional.of(Duration.ofSeconds(10)), total().median());
        assertEquals(Optional.of(Duration.ofSeconds(19)), total().slow());
    }

    @Test
    void an_approval_faster_than_reading_is_told_and_a_fast_denial_is_not() {
        var rash = held(QuorumDraft.anyone());
        var refused = held(QuorumDraft.anyone());
        var read = held(QuorumDraft.anyone());
        later(4);
        desk.approve("bob", rash);
        desk.deny("bob", refused);
        later(1);
        desk.approve("bob", read);

        assertEquals(1, total().quick());
    }

    @Test
    void one_of_two_votes_that_was_too_fast_is_told() {
        var ticket = held(QuorumDraft.of(2, "role:approver"));
        later(1);
        desk.approve("bob", ticket);
        assertEquals(0, total().quick(), "not approved yet");
        later(600);
        desk.approve("carol", ticket);

        assertEquals(1, total().quick());
    }

    @Test
    void what_was_decided_before_is_a_repeat_and_what_waits_is_none() {
        var first = held("call_a", QuorumDraft.anyone());
        again("call_a");
        later(60);
        desk.approve("bob", first);
        later(60);
        again("call_a");
        held("call_b", QuorumDraft.anyone());

        assertEquals(1, total().repeats());
        assertEquals(0, total().afterDenial());
        assertEquals(OptionalDouble.of(0.25), total().repeatShare());
    }

    @Test
    void asking_again_after_a_denial_is_told_apart() {
        var first = held("call_a", QuorumDraft.anyone());
        later(60);
        desk.deny("bob", first);
        later(60);
        again("call_a");

        assertEquals(1, total().repeats());
        assertEquals(1, total().afterDenial());
    }

    @Test
    void what_expired_was_not_decided() {
        held("call_a", QuorumDraft.anyone());
        later(3_601);
        desk.desk.expireDue();
        again("call_a");

        assertEquals(0, total().repeats());
    }

    @Test
    void rules_tools_agents_and_channels_group_tickets() {
        held(QuorumDraft.anyone(), QuorumDraft.of(1, "carol"));
        held(QuorumDraft.anyone());

        assertEquals(List.of("hold-0 2", "hold-1 1"), rows(Axis.RULE, false));
        assertEquals(List.of("bank.pay 2"), rows(Axis.TOOL, false));
        assertEquals(List.of("coder 2"), rows(Axis.AGENT, false));
        assertEquals(List.of("all channels 2"), rows(Axis.CHANNEL, false));
        assertEquals(2, report(Axis.RULE).total().opened(), "a ticket under two rules is one ticket");
    }

    private List<String> rows(Axis by, boolean folded) {
        return quality().report(WEEK, by, false, folded).rows().stream()
                .map(row -> row.name() + " " + row.figures().opened())
                .toList();
    }

    @Test
    void a_person_is_no_group_and_few_people_are_one_where_asked_for() {
        desk.hire("erin", Set.of(), Set.of("payments"));
        desk.hire("fred", Set.of(), Set.of("payments"));
        held(QuorumDraft.of(1, "group:payments", "role:approver", "erin", "fred", "session.user"));

        assertEquals(
                List.of("group:payments 1", "named people 1", "role:approver 1", "session.user 1"),
                rows(Axis.GROUP, false));
        assertEquals(
                List.of("named people 1", "role:approver 1", "session.user 1", "smaller groups 1"),
                rows(Axis.GROUP, true));
        var shown = report(Axis.GROUP).rows();
        assertEquals(OptionalInt.of(2), shown.getFirst().people());
        assertEquals(OptionalInt.empty(), shown.get(1).people());
        assertEquals(OptionalInt.of(3), shown.get(2).people());
    }

    @Test
    void what_was_opened_before_the_span_is_not_in_it() {
        held(QuorumDraft.anyone());
        later(3_600);
        held(QuorumDraft.anyone());

        assertEquals(
                1,
                quality()
                        .report(Duration.ofMinutes(30), Axis.RULE, false, false)
                        .total()
                        .opened());
        assertEquals(
                2,
                quality()
                        .report(Duration.ofHours(1), Axis.RULE, false, false)
                        .total()
                        .opened());
    }

    @Test
    void of_too_many_the_newest_span_is_counted_whole_and_the_report_says_so() {
        for (int hour = 0; hour < 48; hour++) {
            held(QuorumDraft.anyone());
            later(3_600);
        }
        var bounded = new ReviewQuality(desk.journal, desk.operators::values, 20).report(WEEK, Axis.TOOL, false, false);

        assertFalse(bounded.complete());
        assertTrue(bounded.from().isAfter(desk.now.minus(WEEK)), bounded.from().toString());
        int counted = bounded.total().opened();
        assertTrue(counted > 0 && counted <= 20, "counted " + counted);
        long within = Duration.between(bounded.from(), desk.now).toHours();
        assertEquals(within, counted, "every ticket from there on");
        assertTrue(new ReviewQuality(desk.journal, desk.operators::values, 48)
                .report(WEEK, Axis.TOOL, false, false)
                .complete());
    }

    @Test
    void what_waits_is_left_out_where_asked_for() {
        held(QuorumDraft.anyone());
        var denied = held(QuorumDraft.anyone());
        later(60);
        desk.deny("bob", denied);

        var closed = quality().report(WEEK, Axis.TOOL, true, false);
        assertEquals(1, closed.total().opened());
        assertEquals(0, closed.total().pending());
        assertEquals(1, closed.rows().getFirst().figures().denied());
        assertEquals(2, total().opened());
    }

    @Test
    void a_report_names_nobody_who_voted() {
        var ticket = held(QuorumDraft.of(1, "bob", "carol"));
        later(1);
        desk.approve("bob", ticket);

        for (Axis by : Axis.values()) {
            String text = report(by).toString();
            assertFalse(text.contains("bob") || text.contains("carol"), text);
        }
        assertTrue(desk.ticket(ticket).toString().contains("bob"), "the ticket does");
    }
}
