package dev.guardrail.approval;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The figures of one group of tickets while they are counted. Not safe for concurrent use.
final class QualityTally {
    private final Map<Reviewed.Outcome, Integer> outcomes = new EnumMap<>(Reviewed.Outcome.class);
    private final List<Duration> took = new ArrayList<>();
    private int opened;
    private int repeats;
    private int afterDenial;
    private int quick;

    /// @param before what people had made of the identical call by then
    void add(Reviewed ticket, Before before) {
        opened++;
        outcomes.merge(ticket.outcome(), 1, Integer::sum);
        ticket.took().ifPresent(took::add);
        if (ticket.quick()) quick++;
        if (before.decided()) repeats++;
        if (before.denied()) afterDenial++;
    }

    /// What people had made of an identical call.
    record Before(boolean decided, boolean denied) {}

    int opened() {
        return opened;
    }

    QualityReport.Figures figures() {
        Collections.sort(took);
        return new QualityReport.Figures(
                opened,
                count(Reviewed.Outcome.PENDING),
                count(Reviewed.Outcome.APPROVED),
                count(Reviewed.Outcome.DENIED),
                count(Reviewed.Outcome.EXPIRED),
                count(Reviewed.Outcome.CANCELLED),
                repeats,
                afterDenial,
                quick,
                percentile(50),
                percentile(95));
    }

    private int count(Reviewed.Outcome outcome) {
        return outcomes.getOrDefault(outcome, 0);
    }

    /// By nearest rank: always a time that somebody took.
    private Optional<Duration> percentile(int hundredths) {
        if (took.isEmpty()) return Optional.empty();
        int rank = Math.ceilDiv(took.size() * hundredths, 100);
        return Optional.of(took.get(rank - 1));
    }
}
