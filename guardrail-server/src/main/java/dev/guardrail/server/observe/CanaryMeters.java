package dev.guardrail.server.observe;

import dev.guardrail.approval.Canaries;
import dev.guardrail.approval.Canary;
import dev.guardrail.approval.DeskEvent;
import dev.guardrail.approval.Ticket;
import dev.guardrail.journal.Journal;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/// What approvers made of canaries. Nothing else counts them.
public final class CanaryMeters {
    private CanaryMeters() {}

    /// Counts from here on.
    public static void bind(Journal journal, Canaries canaries, MeterRegistry meters) {
        for (Canary.Outcome outcome : Canary.Outcome.values()) counter(meters, outcome);
        canaries.listen(event -> {
            if (event instanceof DeskEvent.Closed(Ticket guise))
                Canary.find(journal, guise.id())
                        .flatMap(Canary::outcome)
                        .ifPresent(outcome -> counter(meters, outcome).increment());
        });
    }

    private static Counter counter(MeterRegistry meters, Canary.Outcome outcome) {
        return Counter.builder("guardrail.canaries")
                .description("Made-up requests that tested approvers, by what these made of them")
                .tag("outcome", outcome.text())
                .register(meters);
    }
}
