package dev.guardrail.server.console.audit;

import dev.guardrail.base.JsonObject;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.Notary;
import dev.guardrail.proof.Checkpoint;
import dev.guardrail.server.console.Bit;
import dev.guardrail.server.console.KeyRing;
import dev.guardrail.server.console.Visit;
import io.micronaut.context.annotation.Requires;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.stream.Stream;

/// Lays out what a search of the log found, as one visitor sees it.
@Singleton
@Requires(beans = KeyRing.class)
final class AuditReader {
    private static final int SHOWN = 50;

    private final Journal journal;
    private final Notary notary;
    private final SavedSearches saved;

    AuditReader(Journal journal, Notary notary, SavedSearches saved) {
        this.journal = journal;
        this.notary = notary;
        this.saved = saved;
    }

    AuditPage fault(Visit visit, Misspelt misspelt) {
        return new AuditPage(
                misspelt.text(),
                new AuditPage.Fault(misspelt.caret(), misspelt.what()),
                AuditPage.Look.OPEN,
                List.of(),
                0,
                List.of(),
                null,
                "",
                "",
                ready(Search.ALL),
                saved.shown(visit, Search.ALL),
                head());
    }

    /// A search that reads arguments, before anybody said why they look: nothing is looked at.
    AuditPage asking(Visit visit, Search search, long before) {
        return new AuditPage(
                search.text(),
                null,
                new AuditPage.Look(true, true, before == Long.MAX_VALUE ? "" : String.valueOf(before), 0),
                List.of(),
                0,
                List.of(),
                null,
                "",
                "",
                ready(search),
                saved.shown(visit, search),
                head());
    }

    AuditPage found(Visit visit, Search search, long before) {
        return found(visit, search, Haul.of(journal.store(), search, before), AuditPage.Look.OPEN);
    }

    /// What was found by a search that reads arguments.
    AuditPage looked(Visit visit, Search search, Haul haul) {
        return found(
                visit,
                search,
                haul,
                new AuditPage.Look(true, false, "", haul.lines().size()));
    }

    private AuditPage found(Visit visit, Search search, Haul haul, AuditPage.Look look) {
        List<Line> shown = haul.lines().stream().limit(SHOWN).toList();
        boolean more = haul.lines().size() > SHOWN;
        boolean further = !more && !haul.isWhole();
        long next = more ? shown.getLast().seq() : haul.from();
        return new AuditPage(
                search.text(),
                null,
                look,
                shown.stream().map(AuditReader::row).toList(),
                haul.lines().size(),
                Facet.of(search, haul.lines()),
                haul.lines().isEmpty() ? null : Histogram.of(haul.lines()),
                more || further ? older(search, next) : "",
                further ? String.valueOf(haul.from()) : "",
                ready(search),
                saved.shown(visit, search),
                head());
    }

    private static String older(Search search, long before) {
        String url = Search.url(search.text());
        return url + (url.contains("?") ? "&" : "?") + "before=" + before;
    }

    private static AuditPage.Row row(Line line) {
        JsonObject entry = line.entry();
        return new AuditPage.Row(
                line.seq(),
                Told.word(entry, "at"),
                Told.badge(entry),
                Bit.of(Told.sentence(entry)),
                Bit.of(Told.name(entry, "agent")),
                Bit.of(Told.name(entry, "tool")));
    }

    private static List<AuditPage.Ready> ready(Search search) {
        return Stream.of(
                        new String[] {"All", ""},
                        new String[] {"Last hour", "age:<1h"},
                        new String[] {"Denied", "effect:deny"},
                        new String[] {"Held", "effect:require_approval"},
                        new String[] {"People", "kind:voted,ticket_changed,ticket_closed"},
                        new String[] {"Policies and tools", "kind:pack_activated,tool_seen"},
                        new String[] {"Turned away", "kind:wire_refused"},
                        new String[] {"Looks behind", "kind:revealed"},
                        new String[] {"Stops", "kind:stopped,stop_lifted"})
                .map(each -> new AuditPage.Ready(
                        each[0], Search.url(each[1]), search.text().strip().equals(each[1])))
                .toList();
    }

    private AuditPage.Head head() {
        var latest = notary.latest().orElseGet(notary::sign);
        Checkpoint said = Checkpoint.parse(latest.text());
        return new AuditPage.Head(said.origin(), said.size(), said.root().toString());
    }
}
