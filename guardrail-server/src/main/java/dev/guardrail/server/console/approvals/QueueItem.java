package dev.guardrail.server.console.approvals;

import dev.guardrail.server.console.Badge;
import dev.guardrail.server.console.Bit;
import java.util.List;

/// A request as the queue shows it.
///
/// @param until when voting ends, RFC 3339
/// @param left the same in words, for those without script
/// @param votes `1 of 2`
/// @param current true for the one that is open beside the queue
/// @param yours true where the visitor has a vote that is not cast yet
public record QueueItem(
        String id,
        Badge risk,
        Badge outcome,
        boolean pending,
        List<Bit> tool,
        List<Bit> claim,
        String agent,
        String until,
        String left,
        String votes,
        boolean current,
        boolean yours) {

    public String url() {
        return "/console/approvals/" + id;
    }
}
