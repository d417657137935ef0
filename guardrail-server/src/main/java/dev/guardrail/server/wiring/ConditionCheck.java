package dev.guardrail.server.wiring;

import dev.guardrail.base.Printable;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.pack.Diagnostic;
import dev.guardrail.pipeline.Pins;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Checks the conditions in force again whenever the callable tools or the policies are others, on a thread of its
/// own: conditions are checked against schemas as policies are read, and a server may list its tools later. Errors
/// are logged once, and what there is shows as a gauge; the policies in force stay as they are. Warnings come and go
/// with the servers, so they are only counted.
final class ConditionCheck implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ConditionCheck.class);

    private final PolicyShelf policies;
    private final Supplier<List<ToolDefinition>> pinned;
    private final Semaphore changes = new Semaphore(0);
    private final Thread thread =
            Thread.ofVirtual().name("guardrail-conditions").unstarted(this::keep);
    private volatile List<Diagnostic> found = List.of();
    private @Nullable Checked checked;

    /// What the last check was made of.
    private record Checked(Sha256 version, List<Sha256> tools) {}

    private ConditionCheck(PolicyShelf policies, Supplier<List<ToolDefinition>> pinned) {
        this.policies = policies;
        this.pinned = pinned;
    }

    /// @param pinned the tools that can be called now
    static ConditionCheck start(
            Pins pins, PolicyShelf policies, Supplier<List<ToolDefinition>> pinned, MeterRegistry meters) {
        var check = new ConditionCheck(policies, pinned);
        for (var severity : Diagnostic.Severity.values())
            Gauge.builder("guardrail.policy.findings", () -> check.count(severity))
                    .description("What is wrong with the policies in force, as the tools are now")
                    .tag("severity", severity.text())
                    .strongReference(true)
                    .register(meters);
        pins.watch(server -> check.changes.release());
        policies.onCatalogue(catalogue -> check.changes.release());
        check.changes.release();
        check.thread.start();
        return check;
    }

    /// What the last check found.
    List<Diagnostic> found() {
        return found;
    }

    private long count(Diagnostic.Severity severity) {
        return found.stream().filter(finding -> finding.severity() == severity).count();
    }

    private void keep() {
        while (true) {
            try {
                changes.acquire();
            } catch (InterruptedException stopped) {
                return;
            }
            changes.drainPermits();
            once();
        }
    }

    private void once() {
        try {
            var tools = pinned.get();
            var now = new Checked(
                    policies.inForce().policies().version(),
                    tools.stream().map(ToolDefinition::digest).toList());
            if (now.equals(checked)) return;
            var findings = policies.recheck(tools);
            for (Diagnostic finding : findings) if (!found.contains(finding)) tell(finding);
            found = findings;
            checked = now;
        } catch (RuntimeException fault) {
            LOG.error("the conditions in force could not be checked again: {}", Printable.trace(fault));
        }
    }

    private static void tell(Diagnostic finding) {
        if (finding.isError())
            LOG.error("a condition in force does not fit the tools as they are now, and narrows: {}", finding.render());
        else LOG.debug("the policies in force: {}", finding.render());
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
