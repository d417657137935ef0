package dev.guardrail.server.console.audit;

import dev.guardrail.base.IdSource;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.MalformedJson;
import dev.guardrail.base.ProblemType;
import dev.guardrail.journal.Change;
import dev.guardrail.journal.Document;
import dev.guardrail.journal.Draft;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.Kind;
import dev.guardrail.pipeline.Refusal;
import dev.guardrail.registry.Attempt;
import dev.guardrail.server.console.Bit;
import dev.guardrail.server.console.KeyRing;
import dev.guardrail.server.console.Visit;
import dev.guardrail.server.sheet.Legible;
import io.micronaut.context.annotation.Requires;
import jakarta.inject.Singleton;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// Searches of the log that operators keep by name, each for its owner alone or for every reader of the log. They are
/// documents of the journal's store; no entry tells of them, since they change nothing that is decided.
@Singleton
@Requires(beans = KeyRing.class)
final class SavedSearches {
    static final int LONGEST_NAME = 60;

    /// Searches that one operator keeps at most.
    private static final int MOST = 50;

    private static final int ATTEMPTS = 16;
    private static final int PAGE = 1_000;

    private final Journal journal;
    private final IdSource ids;

    SavedSearches(Journal journal, InstantSource clock, SecureRandom random) {
        this.journal = journal;
        this.ids = IdSource.of(clock, random);
    }

    /// One that is kept.
    ///
    /// @param by name of the operator whose it is
    private record Kept(Document document, String name, String query, String by, boolean shared) {
        static Kept of(Document document) {
            JsonObject value = document.value();
            return new Kept(
                    document,
                    value.text("name").orElse(""),
                    value.text("query").orElse(""),
                    value.text("by").orElse(""),
                    value.isTrue("shared"));
        }

        boolean isOf(Visit visit) {
            return by.equals(visit.name());
        }

        /// Owners delete theirs; an admin deletes what everybody sees.
        boolean isRemovableBy(Visit visit) {
            return isOf(visit) || shared && visit.is("admin");
        }
    }

    /// What the visitor sees of them: their own, then those that others share, each by name.
    List<AuditPage.Saved> shown(Visit visit, Search search) {
        return all().stream()
                .filter(kept -> kept.isOf(visit) || kept.shared())
                .sorted(Comparator.comparing((Kept kept) -> !kept.isOf(visit))
                        .thenComparing(Kept::name)
                        .thenComparing(Kept::by))
                .map(kept -> new AuditPage.Saved(
                        kept.document().key(),
                        Bit.of(Legible.line(kept.name())),
                        Bit.of(Legible.of(kept.query()).segments()),
                        Search.url(kept.query()),
                        kept.isOf(visit) ? List.of() : Bit.of(Legible.line(kept.by())),
                        kept.shared(),
                        kept.isRemovableBy(visit),
                        search.text().strip().equals(kept.query())))
                .toList();
    }

    private List<Kept> all() {
        return journal.all(Kind.SEARCH, Document.Tags.NONE).stream()
                .map(Kept::of)
                .toList();
    }

    /// Keeps a search; one of the same name and owner is replaced.
    ///
    /// @throws MalformedJson where it has no name, or the operator keeps as many as one may
    void keep(Visit visit, String name, Search search, boolean shared) {
        if (name.isBlank()) throw new MalformedJson("give the search a name; nothing was kept");
        settled(() -> {
            List<Kept> own = all().stream().filter(kept -> kept.isOf(visit)).toList();
            Optional<Document> same = own.stream()
                    .filter(kept -> kept.name().equals(name))
                    .map(Kept::document)
                    .findFirst();
            if (same.isEmpty() && own.size() >= MOST)
                throw new MalformedJson("you keep " + MOST + " searches already; delete one first");
            JsonObject value = JsonObject.with("name", name)
                    .with("query", search.text().strip())
                    .with("by", visit.name())
                    .with("shared", shared)
                    .build();
            return new Change.Put(
                    Kind.SEARCH,
                    same.map(Document::key).orElseGet(() -> ids.next("sch")),
                    same.map(Document::version).orElse(0L),
                    Document.Tags.NONE,
                    value);
        });
    }

    /// @throws Refusal where there is none, or it is not the visitor's to delete
    void delete(Visit visit, String id) {
        settled(() -> {
            Kept kept = journal.get(Kind.SEARCH, id)
                    .map(Kept::of)
                    .filter(found -> found.isOf(visit) || found.shared())
                    .orElseThrow(() -> new Refusal(
                            ProblemType.NOT_FOUND, "there is no kept search `" + id + "`; look at the list again"));
            if (!kept.isRemovableBy(visit))
                throw new Refusal(
                        ProblemType.FORBIDDEN_ROUTE,
                        "whoever shares a search deletes it, or an admin; nothing was done");
            return new Change.Remove(Kind.SEARCH, id, kept.document().version());
        });
    }

    @FunctionalInterface
    private interface Making {
        Change change();
    }

    /// A crash before the commit leaves what was kept before, after it what is kept now.
    private void settled(Making making) {
        Attempt.retried(ATTEMPTS, () -> {
            journal.commit(new Draft().change(making.change()));
            return true;
        });
    }
}
