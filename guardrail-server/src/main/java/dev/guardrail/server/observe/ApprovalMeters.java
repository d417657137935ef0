package dev.guardrail.server.observe;

import dev.guardrail.approval.ApprovalDesk;
import dev.guardrail.approval.DeskEvent;
import dev.guardrail.approval.ReviewQuality;
import dev.guardrail.approval.Ticket;
import dev.guardrail.approval.TicketState;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.Risk;
import dev.guardrail.journal.Journal;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// How many approvals wait, how they end, and after how long.
public final class ApprovalMeters {
    private static final Duration FRESH = Duration.ofSeconds(1);
    private static final int PAGE = 1_000;
    private static final int MOST = 20_000;
    private static final int REMEMBERED = 10_000;
    private static final Duration[] BUCKETS = {
        ReviewQuality.READING,
        Duration.ofSeconds(30),
        Duration.ofMinutes(1),
        Duration.ofMinutes(5),
        Duration.ofMinutes(15),
        Duration.ofHours(1),
        Duration.ofHours(4),
        Duration.ofDays(1)
    };

    private final Journal journal;
    private final ApprovalDesk desk;
    private final MeterRegistry meters;
    private final LinkedHashMap<Sha256, Boolean> decided = new LinkedHashMap<>();
    private Map<Risk, Integer> pending = Map.of();
    private long countedAt;
    private boolean counted;

    private ApprovalMeters(Journal journal, ApprovalDesk desk, MeterRegistry meters) {
        this.journal = journal;
        this.desk = desk;
        this.meters = meters;
    }

    /// Counts from here on.
    public static void bind(Journal journal, ApprovalDesk desk, MeterRegistry meters) {
        var approvals = new ApprovalMeters(journal, desk, meters);
        for (Risk risk : Risk.values()) {
            approvals.quick(risk);
            Gauge.builder("guardrail.approvals.pending", () -> approvals.pending(risk))
                    .description("Approvals that wait for people")
                    .tag("risk", risk.text())
                    .strongReference(true)
                    .register(meters);
        }
        desk.listen(approvals::happened);
    }

    private void happened(DeskEvent event) {
        switch (event) {
            case DeskEvent.Opened(Ticket ticket) -> opened(ticket);
            case DeskEvent.Closed(Ticket ticket) -> closed(ticket);
            case DeskEvent.Reminded reminded -> {}
            case DeskEvent.CalledIn calledIn -> {}
            case DeskEvent.Said said -> {}
            case DeskEvent.Edited edited -> {}
            case DeskEvent.Flooded flooded -> {}
        }
    }

    /// Of calls that people decided since this process started, at most the latest [#REMEMBERED].
    private void opened(Ticket ticket) {
        Boolean approved;
        synchronized (decided) {
            approved = decided.get(ticket.binding());
        }
        if (approved == null) return;
        Counter.builder("guardrail.approvals.repeated")
                .description("Approvals asked for again after people decided the identical call")
                .tag("before", approved ? "approved" : "denied")
                .register(meters)
                .increment();
    }

    private void closed(Ticket ticket) {
        boolean approved = ticket.state() == TicketState.APPROVED;
        // What comes of an approval later, such as that nobody used it, is no second end of the waiting.
        if (ticket.usableUntil().isPresent() && !approved) return;
        boolean voted = approved || ticket.state() == TicketState.DENIED;
        if (voted) remember(ticket, approved);
        if (approved && ReviewQuality.isQuick(ticket)) quick(ticket.risk()).increment();
        Counter.builder("guardrail.approvals")
                .description("Approvals that came to an end")
                .tag("outcome", ticket.state().text())
                .tag("channel", voted ? "http" : "none")
                .register(meters)
                .increment();
        Timer.builder("guardrail.approval.wait")
                .description("From opening until people decided, or nobody did")
                .tag("outcome", ticket.state().text())
                .serviceLevelObjectives(BUCKETS)
                .register(meters)
                .record(Duration.between(ticket.openedAt(), journal.now()));
    }

    private Counter quick(Risk risk) {
        return Counter.builder("guardrail.approvals.quick")
                .description("Approvals given sooner than it takes to read")
                .tag("risk", risk.text())
                .register(meters);
    }

    private void remember(Ticket ticket, boolean approved) {
        synchronized (decided) {
            decided.putLast(ticket.binding(), approved);
            if (decided.size() > REMEMBERED) decided.pollFirstEntry();
        }
    }

    /// Counted at most once a second, when somebody asks; of very many, the first [#MOST].
    private synchronized int pending(Risk risk) {
        if (!counted || journal.nanos() - countedAt > FRESH.toNanos()) {
            pending = count();
            countedAt = journal.nanos();
            counted = true;
        }
        return pending.getOrDefault(risk, 0);
    }

    private Map<Risk, Integer> count() {
        var counts = new EnumMap<Risk, Integer>(Risk.class);
        List<Ticket> page = desk.list(Optional.of(TicketState.PENDING), "", PAGE);
        for (int seen = 0; !page.isEmpty() && seen < MOST; seen += PAGE) {
            for (Ticket ticket : page) counts.merge(ticket.risk(), 1, Integer::sum);
            page = desk.list(Optional.of(TicketState.PENDING), page.getLast().id(), PAGE);
        }
        return counts;
    }
}
