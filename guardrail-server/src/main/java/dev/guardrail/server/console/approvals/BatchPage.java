package dev.guardrail.server.console.approvals;

import dev.guardrail.server.console.Badge;
import dev.guardrail.server.console.Bit;
import dev.guardrail.server.sheet.Listing;
import java.util.List;

/// Like calls, to be decided together: every one whole, with a box to leave it out.
///
/// @param token lets this page decide, once; empty where there is nothing to decide
/// @param objection why they cannot be approved together; empty where they can
/// @param left calls that were asked for and are not here
/// @param told what became of the votes; empty before anybody voted
/// @param error what was wrong with the last try; empty for nothing
/// @param typed the reason as it was typed then
public record BatchPage(
        String token,
        List<Item> items,
        String objection,
        List<Told> left,
        List<Told> told,
        String error,
        String typed) {
    public BatchPage {
        items = List.copyOf(items);
        left = List.copyOf(left);
        told = List.copyOf(told);
    }

    /// One of the calls.
    ///
    /// @param digest of the arguments that the page shows
    /// @param rules that hold it
    /// @param note what is to be known of the arguments; empty for nothing
    /// @param reason what the agent says, not verified; empty for nothing
    public record Item(
            String id,
            Badge risk,
            List<Bit> claim,
            List<List<Bit>> warnings,
            List<Listing.Row> arguments,
            String digest,
            String rules,
            String note,
            List<Listing.Row> reason,
            String until,
            String span) {
        public Item {
            claim = List.copyOf(claim);
            warnings = List.copyOf(warnings);
            arguments = List.copyOf(arguments);
            reason = List.copyOf(reason);
        }

        public String url() {
            return "/console/approvals/" + id;
        }
    }

    /// What is to be said of one of them.
    ///
    /// @param good false where the vote did nothing
    public record Told(String id, boolean good, String words) {
        public String url() {
            return "/console/approvals/" + id;
        }
    }
}
