package dev.guardrail.server.observe;

import dev.guardrail.approval.ApprovalDesk;
import dev.guardrail.approval.Ticket;
import dev.guardrail.approval.TicketState;
import dev.guardrail.call.Risk;
import dev.guardrail.journal.Journal;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// How many approvals wait, how they end, and after how long.
public final class ApprovalMeters {
    private static final Duration FRESH = Duration.ofSeconds(1);
    private static final int PAGE = 1_000;
    private static final int MOST = 20_000;

    private final Journal journal;
    private final ApprovalDesk desk;
    private final MeterRegistry meters;
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
        for (Risk risk : Risk.values())
            Gauge.builder("guardrail.approvals.pending", () -> approvals.pending(risk))
                    .description("Approvals that wait for people")
                    .tag("risk", risk.text())
                    .strongReference(true)
                    .register(meters);
        desk.onClosed(approvals::closed);
    }

    private void closed(Ticket ticket) {
        boolean voted = ticket.state() == TicketState.APPROVED || ticket.state() == TicketState.DENIED;
        Counter.builder("guardrail.approvals")
                .description("Approvals that came to an end")
                .tag("outcome", ticket.state().text())
                .tag("channel", voted ? "http" : "none")
                .register(meters)
                .increment();
        Timer.builder("guardrail.approval.wait")
                .description("From opening until people decided, or nobody did")
                .register(meters)
                .record(Duration.between(ticket.openedAt(), journal.now()));
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
