package dev.guardrail.server.door.mcp;

import dev.guardrail.base.Sha256;
import dev.guardrail.journal.WireRefusal;
import dev.guardrail.server.door.RefusalBook;
import java.util.Optional;
import java.util.Set;

/// What becomes of a refusal beside its answer: it is counted, and kept with who sent what was refused.
final class Refusals {
    private static final String DOOR = "mcp";
    private static final String ROUTE = " /mcp/{server}";

    private final WireCounts counts;
    private final Set<String> servers;
    private final RefusalBook book;

    /// @param servers names that are configured; any other is the sender's own
    Refusals(WireCounts counts, Set<String> servers, RefusalBook book) {
        this.counts = counts;
        this.servers = servers;
        this.book = book;
    }

    /// @param body as it came; empty where there was none
    void note(McpDoor.Arrival arrival, byte[] body, Fault fault) {
        counts.count(fault);
        book.note(new WireRefusal(
                DOOR,
                fault.slug(),
                WireRefusal.Sender.of(arrival.caller()),
                Optional.of(arrival.server()).filter(servers::contains),
                arrival.request().getMethodName() + ROUTE,
                body.length == 0 ? Optional.empty() : Optional.of(Sha256.of(body))));
    }
}
