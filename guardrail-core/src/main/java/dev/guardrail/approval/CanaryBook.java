package dev.guardrail.approval;

import dev.guardrail.base.IdSource;
import dev.guardrail.base.Json;
import dev.guardrail.base.JsonText;
import dev.guardrail.call.Caller;
import dev.guardrail.journal.Commitment;
import dev.guardrail.journal.Document;
import dev.guardrail.journal.Draft;
import dev.guardrail.journal.Entry;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Canaries as they lie in the journal.
record CanaryBook(Journal journal) {
    private static final int PAGE = 500;
    private static final int MOST = 10_000;

    /// A canary as read.
    ///
    /// @param version that the next step replaces
    record Page(Canary canary, long version) {}

    Optional<Page> read(String id) {
        return journal.get(Kind.CANARY, id).map(CanaryBook::page);
    }

    /// In order of id, which is that of planting.
    List<Page> pages(Optional<TicketState> state, String after, int limit) {
        var tags = new Document.Tags(null, state.map(TicketState::text).orElse(null), null);
        return journal.find(Kind.CANARY, tags, after, limit).stream()
                .map(CanaryBook::page)
                .toList();
    }

    private static Page page(Document document) {
        return new Page(Canary.of(document), document.version());
    }

    /// When the latest was planted.
    Optional<Instant> last() {
        Optional<Instant> last = Optional.empty();
        var page = pages(Optional.empty(), "", PAGE);
        while (!page.isEmpty()) {
            Ticket latest = page.getLast().canary().guise();
            last = Optional.of(latest.openedAt());
            page = pages(Optional.empty(), latest.id(), PAGE);
        }
        return last;
    }

    /// The batch that plants it: its entry says what it is.
    Draft opened(Canary canary, Decoy decoy, String by) {
        Ticket guise = canary.guise();
        var draft = new Draft();
        List<Commitment> bodies = new ArrayList<>();
        bodies.add(seal(draft, canary.argumentsBody(), decoy.arguments()));
        if (!decoy.reason().isEmpty()) bodies.add(seal(draft, canary.reasonBody(), new JsonText(decoy.reason())));
        return draft.entry(new Entry.CanaryOpened(
                        guise.openedAt(),
                        guise.id(),
                        guise.call(),
                        guise.tool(),
                        guise.agent(),
                        guise.holds().getFirst().approvers(),
                        by,
                        guise.expiresAt(),
                        bodies))
                .change(canary.put(0));
    }

    /// The batch that ends it.
    Draft closed(Page page, Canary over, Optional<String> by, String reason) {
        Ticket guise = over.guise();
        var draft = new Draft();
        Optional<Commitment> words = reason.isEmpty()
                ? Optional.empty()
                : Optional.of(seal(draft, guise.id() + "/reason", new JsonText(reason)));
        return draft.entry(new Entry.CanaryClosed(
                        journal.now(),
                        guise.id(),
                        guise.call(),
                        guise.tool(),
                        over.outcome().orElseThrow().text(),
                        by,
                        words))
                .change(over.put(page.version()));
    }

    private Commitment seal(Draft draft, String body, Json value) {
        var sealed = journal.seal(body, value);
        draft.body(sealed.body());
        return sealed.commitment();
    }

    /// What people made of those that were planted in a span of time, at most [#MOST] of them.
    CanaryReport report(Duration since, List<Caller> operators) {
        Instant to = journal.now();
        Instant from = to.minus(since);
        var all = new ArrayList<Canary>();
        var page = pages(Optional.empty(), IdSource.floor("apr", from), PAGE);
        while (!page.isEmpty() && all.size() < MOST) {
            page.forEach(each -> all.add(each.canary()));
            page = pages(Optional.empty(), page.getLast().canary().guise().id(), PAGE);
        }
        var names = new LinkedHashSet<String>();
        all.forEach(canary -> names.addAll(groups(canary)));
        var rows = names.stream()
                .sorted()
                .map(name -> new CanaryReport.Row(
                        name,
                        Quorums.isShared(name) ? Quorums.members(name, operators) : 0,
                        CanaryReport.Figures.of(all.stream()
                                .filter(canary -> groups(canary).contains(name))
                                .toList())))
                .toList();
        return new CanaryReport(from, to, page.isEmpty(), CanaryReport.Figures.of(all), rows);
    }

    /// Who was asked; people who are named one by one together.
    private static Set<String> groups(Canary canary) {
        var names = new LinkedHashSet<String>();
        for (String form : canary.guise().holds().getFirst().approvers())
            names.add(Quorums.isPerson(form) ? ReviewQuality.NAMED : form);
        return names;
    }
}
