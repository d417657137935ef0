package dev.guardrail.server.console.approvals;

import dev.guardrail.approval.Hold;
import dev.guardrail.approval.Ticket;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.Risk;
import dev.guardrail.call.ToolName;
import java.util.Set;
import java.util.stream.Collectors;

/// What like calls have in common: who asks for what, and which rules hold it. Arguments and sessions differ.
///
/// @param definition digest of the pinned tool
/// @param holds digests of the rules
/// @param pending false for what is over, which nobody decides together
record Likeness(String agent, ToolName tool, Sha256 definition, Risk risk, Set<Sha256> holds, boolean pending) {
    Likeness {
        holds = Set.copyOf(holds);
    }

    static Likeness of(Ticket ticket) {
        return new Likeness(
                ticket.agent(),
                ticket.tool(),
                ticket.definition(),
                ticket.risk(),
                ticket.holds().stream().map(Hold::digest).collect(Collectors.toSet()),
                ticket.pending());
    }
}
