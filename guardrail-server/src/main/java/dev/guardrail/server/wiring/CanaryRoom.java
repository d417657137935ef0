package dev.guardrail.server.wiring;

import dev.guardrail.approval.Canaries;
import dev.guardrail.approval.Electorate;
import dev.guardrail.journal.Journal;
import dev.guardrail.pipeline.Pins;
import dev.guardrail.server.observe.CanaryMeters;
import io.micrometer.core.instrument.MeterRegistry;

/// Puts together what tests approvers: it is handed the journal and the people, and nothing that runs calls.
final class CanaryRoom {
    private CanaryRoom() {}

    static Canaries open(
            Configuration configuration,
            Clocks clocks,
            Journal journal,
            Electorate electorate,
            Pins pins,
            MeterRegistry meters) {
        var canaries =
                new Canaries(journal, clocks.ids(), electorate, pins::find, clocks.random(), configuration.canaries());
        CanaryMeters.bind(journal, canaries, meters);
        return canaries;
    }
}
