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
/// @param saved searches that people keep: the visitor's, then those of others
public record AuditPage(
        String query,
        @Nullable Fault fault,
        Look look,
        List<Row> rows,
        int found,
        List<Facet> facets,
        @Nullable Histogram histogram,
        String next,
        String looked,
        List<Ready> ready,
        List<Saved> saved,
        Head head) {
    public AuditPage {
        rows = List.copyOf(rows);
        facets = List.copyOf(facets);
        ready = List.copyOf(ready);
        saved = List.copyOf(saved);
    }

    /// Whether the search reads what lies behind entries.
    ///
    /// @param reads true where it does
    /// @param asked true where the visitor is to say why first
    /// @param before what is looked at lies before this entry; empty for the whole log
    /// @param noted looks that the log has of this page; 0 where it reads the log alone
    public record Look(boolean reads, boolean asked, String before, int noted) {
        static final Look OPEN = new Look(false, false, "", 0);
    }

    /// A search that somebody keeps.
    ///
    /// @param by whose it is; empty where it is the visitor's
    /// @param shared true where every reader of the log sees it
    /// @param removable true where the visitor may delete it
    public record Saved(
            String id,
            List<Bit> name,
            List<Bit> query,
            String url,
            List<Bit> by,
            boolean shared,
            boolean removable,
            boolean chosen) {}

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

    /// True where the search may be kept: it was understood, and says something.
    public boolean keepable() {
        return fault == null && !query.isBlank();
    }

    /// True where what is searched can be taken away.
    public boolean exportable() {
        return fault == null && !look.reads();
    }

    public boolean counted() {
        return found < Haul.MOST;
    }
}
