package dev.guardrail.server.console.control;

import dev.guardrail.server.console.Badge;
import dev.guardrail.server.console.Bit;
import java.util.List;

/// Approvals that reach further than one call.
///
/// @param tab word of the state that is shown
/// @param tabs words of all states
/// @param revoker true where the visitor may take them back
public record GrantsPage(String tab, List<String> tabs, List<Item> items, boolean revoker) {
    public GrantsPage {
        tabs = List.copyOf(tabs);
        items = List.copyOf(items);
    }

    /// One of them.
    ///
    /// @param scope in words
    /// @param step place in its plan; empty where it is of none
    /// @param used `2 of 20`
    /// @param spent of its sum; empty where it has none
    /// @param ended how it ended; empty while it is active
    public record Item(
            String id,
            Badge badge,
            boolean active,
            List<Bit> agent,
            List<Bit> tool,
            String scope,
            String step,
            String used,
            String spent,
            String until,
            String approvers,
            String approval,
            List<Bit> ended) {}
}
