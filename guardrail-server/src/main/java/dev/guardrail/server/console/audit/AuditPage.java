package dev.guardrail.server.console.audit;

import dev.guardrail.server.console.Badge;
import dev.guardrail.server.console.Bit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What was found in the log.
///
/// @param query as it was written
/// @param fault what is wrong with it; null for nothing
/// @param found number of entries that were found in this look; `500` means at least so many
/// @param histogram null where nothing was found
/// @param next address of what is older; empty on the last page
/// @param looked sequence down to which this page looked, where it looked no further; empty where it did
/// @param ready searches that are often wanted
public record AuditPage(
        String query,
        @Nullable Fault fault,
        List<Row> rows,
        int found,
        List<Facet> facets,
        @Nullable Histogram histogram,
        String next,
        String looked,
        List<Ready> ready,
        Head head) {
    public AuditPage {
        rows = List.copyOf(rows);
        facets = List.copyOf(facets);
        ready = List.copyOf(ready);
    }

    /// @param caret what stands below the text to point at the fault
    public record Fault(String caret, String what) {}

    /// @param at RFC 3339
    public record Row(long seq, String at, Badge badge, List<Bit> sentence, List<Bit> agent, List<Bit> tool) {
        public String url() {
            return Search.PATH + "/" + seq;
        }
    }

    /// @param url of the search
    public record Ready(String name, String url, boolean chosen) {}

    /// The log's latest signed head.
    ///
    /// @param size entries that it covers
    public record Head(String origin, long size, String root) {}

    /// Address of an export of what is searched.
    public String export(String format) {
        return Search.PATH + "/export?format=" + format + (query.isBlank() ? "" : "&q=" + Search.encoded(query));
    }

    public boolean counted() {
        return found < Haul.MOST;
    }
}
