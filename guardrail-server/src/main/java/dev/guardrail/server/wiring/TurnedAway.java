package dev.guardrail.server.wiring;

import dev.guardrail.base.Printable;
import dev.guardrail.base.ProblemType;
import dev.guardrail.server.identity.Doorkeeper;
import dev.guardrail.server.observe.Measured;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What is kept of requests that no door saw: a count of all, and a line of those whose sender is known.
record TurnedAway(Measured measured) implements Doorkeeper.Refusals {
    private static final Logger LOG = LoggerFactory.getLogger(TurnedAway.class);

    @Override
    public void count(ProblemType type) {
        measured.refused(type);
    }

    @Override
    public void keep(Doorkeeper.Turned turned) {
        LOG.warn(
                "`{}` was turned away from {}: {}",
                Printable.text(turned.who()),
                turned.route(),
                turned.type().slug());
    }
}
