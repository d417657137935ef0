package dev.guardrail.server.wiring;

import dev.guardrail.base.Printable;
import dev.guardrail.base.ProblemType;
import dev.guardrail.journal.WireRefusal;
import dev.guardrail.server.door.RefusalBook;
import dev.guardrail.server.identity.Doorkeeper;
import dev.guardrail.server.observe.Measured;
import java.util.Optional;
import java.util.Set;

/// What is kept of requests that no door saw: a count of all, and an entry on those whose sender is known.
///
/// @param servers names that are configured; any other is the sender's own
record TurnedAway(Measured measured, RefusalBook book, Set<String> servers) implements Doorkeeper.Refusals {
    private static final int LONGEST = 200;

    @Override
    public void count(ProblemType type) {
        measured.refused(type);
    }

    @Override
    public void keep(Doorkeeper.Turned turned) {
        Optional<String> server = turned.server().filter(servers::contains);
        book.note(new WireRefusal(
                turned.server().isPresent() ? "mcp" : "http",
                turned.fault(),
                named(turned.sender()),
                server,
                turned.route().orElse("none"),
                Optional.empty()));
    }

    /// A client of an authorization server may have any name.
    private static WireRefusal.Sender named(WireRefusal.Sender sender) {
        return new WireRefusal.Sender(
                sender.kind(), Printable.text(sender.name(), LONGEST), sender.session(), sender.user());
    }
}
