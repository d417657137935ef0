package dev.guardrail.approval;

import dev.guardrail.approval.QualityReport.Axis;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.Caller;
import dev.guardrail.journal.Journal;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/// How people review, worked out from the tickets as they lie in the journal. It takes at most so many tickets, and
/// makes
/// one report at a time, so that nobody wears out the store by asking. Safe for concurrent use.
public final class ReviewQuality {
    /// Whoever approves a ticket this soon after it was opened has not read it.
    public static final Duration READING = Reviewed.READING;

    /// What stands for people whom rules name one by one: a report has no line for a person.
    public static final String NAMED = "named people";

    /// What stands for groups of so few that their figures are a person's.
    public static final String FEW = "smaller groups";

    /// What stands for the channels of rules that name none.
    public static final String ALL_CHANNELS = "all channels";

    private static final int MOST = 10_000;
    private static final int ENOUGH_PEOPLE = 3;

    private final Journal journal;
    private final Electorate electorate;
    private final TicketScan scan;

    public ReviewQuality(Journal journal, Electorate electorate) {
        this(journal, electorate, MOST);
    }

    /// @param most tickets of one report
    ReviewQuality(Journal journal, Electorate electorate, int most) {
        this.journal = journal;
        this.electorate = electorate;
        this.scan = new TicketScan(journal, most);
    }

    /// True where somebody approved a ticket before it can have been read.
    public static boolean isQuick(Ticket ticket) {
        return Reviewed.isQuick(ticket);
    }

    /// @param since how far back, by the times at which tickets were opened
    /// @param closed true where only tickets count that nobody waits for any more
    /// @param folded true where groups of fewer than three people are shown as one
    public synchronized QualityReport report(Duration since, Axis by, boolean closed, boolean folded) {
        Instant to = journal.now();
        var operators = List.copyOf(electorate.operators());
        var found = scan.find(to.minus(since), to, ticket -> Reviewed.of(ticket, rows(ticket, by, folded, operators)));
        var histories = histories(found.tickets());
        var total = new QualityTally();
        Map<String, QualityTally> groups = new HashMap<>();
        for (Reviewed ticket : found.tickets()) {
            if (closed && ticket.outcome() == Reviewed.Outcome.PENDING) continue;
            var before = histories.getOrDefault(ticket.call(), History.NONE).before(ticket.openedAt());
            total.add(ticket, before);
            for (String row : ticket.rows())
                groups.computeIfAbsent(row, name -> new QualityTally()).add(ticket, before);
        }
        var rows = groups.entrySet().stream()
                .map(group -> new QualityReport.Row(
                        group.getKey(),
                        people(group.getKey(), by, operators),
                        group.getValue().figures()))
                .sorted(Comparator.<QualityReport.Row>comparingInt(
                                row -> -row.figures().opened())
                        .thenComparing(QualityReport.Row::name))
                .toList();
        return new QualityReport(found.from(), to, found.complete(), total.figures(), rows);
    }

    /// Groups that a ticket counts in, each once.
    private static List<String> rows(Ticket ticket, Axis by, boolean folded, List<Caller> operators) {
        return switch (by) {
            case RULE -> ticket.rules().stream().distinct().toList();
            case TOOL -> List.of(ticket.tool().toString());
            case AGENT -> List.of(ticket.agent());
            case CHANNEL -> ticket.channels().isEmpty() ? List.of(ALL_CHANNELS) : List.copyOf(ticket.channels());
            case GROUP ->
                List.copyOf(new LinkedHashSet<>(ticket.holds().stream()
                        .flatMap(hold -> hold.approvers().stream())
                        .map(form -> shown(form, folded, operators))
                        .toList()));
        };
    }

    /// A form of who is asked, as a report shows it.
    private static String shown(String form, boolean folded, List<Caller> operators) {
        if (Quorums.isPerson(form)) return NAMED;
        boolean few = Quorums.isShared(form) && Quorums.members(form, operators) < ENOUGH_PEOPLE;
        return folded && few ? FEW : form;
    }

    private static OptionalInt people(String row, Axis by, List<Caller> operators) {
        return by == Axis.GROUP && Quorums.isShared(row)
                ? OptionalInt.of(Quorums.members(row, operators))
                : OptionalInt.empty();
    }

    /// When people first decided a call, and first denied it.
    private record History(Optional<Instant> decided, Optional<Instant> denied) {
        static final History NONE = new History(Optional.empty(), Optional.empty());

        static History of(Reviewed ticket) {
            boolean denied = ticket.outcome() == Reviewed.Outcome.DENIED;
            return new History(ticket.decidedAt(), denied ? ticket.decidedAt() : Optional.empty());
        }

        History and(History other) {
            return new History(first(decided, other.decided), first(denied, other.denied));
        }

        private static Optional<Instant> first(Optional<Instant> one, Optional<Instant> other) {
            return Stream.of(one, other).flatMap(Optional::stream).min(Comparator.naturalOrder());
        }

        /// What was decided when an identical call was held. A ticket's own decision is later than its opening.
        QualityTally.Before before(Instant opened) {
            return new QualityTally.Before(
                    decided.filter(at -> at.isBefore(opened)).isPresent(),
                    denied.filter(at -> at.isBefore(opened)).isPresent());
        }
    }

    private static Map<Sha256, History> histories(List<Reviewed> tickets) {
        Map<Sha256, History> histories = new HashMap<>();
        for (Reviewed ticket : tickets)
            if (ticket.decidedAt().isPresent()) histories.merge(ticket.call(), History.of(ticket), History::and);
        return histories;
    }
}
