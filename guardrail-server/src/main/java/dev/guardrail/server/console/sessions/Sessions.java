package dev.guardrail.server.console.sessions;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.ProblemType;
import dev.guardrail.base.StrictJson;
import dev.guardrail.call.SessionId;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.Store;
import dev.guardrail.pack.Durations;
import dev.guardrail.pipeline.Refusal;
import dev.guardrail.registry.SessionRegistry;
import dev.guardrail.server.console.Badge;
import dev.guardrail.server.console.Bit;
import dev.guardrail.server.console.Icon;
import dev.guardrail.server.console.KeyRing;
import dev.guardrail.server.console.Visit;
import dev.guardrail.server.console.audit.Told;
import dev.guardrail.server.sheet.Legible;
import dev.guardrail.session.Session;
import dev.guardrail.session.SessionView;
import io.micronaut.context.annotation.Requires;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Sessions as visitors see them.
@Singleton
@Requires(beans = KeyRing.class)
final class Sessions {
    /// Sessions that a page shows.
    private static final int SHOWN = 100;

    private static final int PAGE = 1_000;
    private static final int COUNTED = 50;

    /// Entries of one session that its page shows: the latest.
    private static final int ENTRIES = 500;

    private final SessionRegistry registry;
    private final Journal journal;
    private final Reversibles reversibles;

    Sessions(SessionRegistry registry, Journal journal, Reversibles reversibles) {
        this.registry = registry;
        this.journal = journal;
        this.reversibles = reversibles;
    }

    SessionsPage page(String tab) {
        List<Session> fitting = all().stream()
                .filter(session -> fits(tab, session.state()))
                .sorted(Comparator.comparing(Session::openedAt).reversed())
                .toList();
        return new SessionsPage(
                tab, fitting.stream().limit(SHOWN).map(this::item).toList(), fitting.size() > SHOWN);
    }

    private List<Session> all() {
        var all = new ArrayList<Session>();
        String after = "";
        while (true) {
            List<Session> page = registry.list(after, PAGE);
            all.addAll(page);
            if (page.size() < PAGE) return all;
            after = page.getLast().id().value();
        }
    }

    private static boolean fits(String tab, Session.State state) {
        return switch (tab) {
            case "paused" -> state == Session.State.PAUSED;
            case "ended" -> state == Session.State.ENDED;
            case "all" -> true;
            default -> state == Session.State.ACTIVE;
        };
    }

    private SessionsPage.Item item(Session session) {
        return new SessionsPage.Item(
                session.id().value(),
                badge(session.state()),
                Bit.of(Legible.line(session.agent())),
                session.user().map(user -> Bit.of(Legible.line(user))).orElse(List.of()),
                Bit.of(Legible.line(session.opener())),
                new TreeSet<>(session.taints()).stream().map(Legible::line).toList(),
                count(session, null),
                count(session, "deny"),
                session.openedAt().toString());
    }

    private static Badge badge(Session.State state) {
        return switch (state) {
            case ACTIVE -> new Badge("allow", Icon.PULSE, "Active");
            case PAUSED -> new Badge("wait", Icon.CLOCK, "Paused");
            case ENDED -> new Badge("", Icon.MINUS, "Ended");
        };
    }

    private String count(Session session, @org.jspecify.annotations.Nullable String effect) {
        var query = new Store.Query(null, session.id().value(), null, null, effect, "decided");
        int count = journal.search(query, Long.MAX_VALUE, COUNTED + 1).size();
        return count > COUNTED ? COUNTED + "+" : String.valueOf(count);
    }

    /// @param confirm what the visitor is asked to confirm
    /// @param chosen sequence of the event that is looked at; empty for none
    SessionPage page(Visit visit, String id, String confirm, String chosen) {
        var found = registry.find(new SessionId(id))
                .orElseThrow(() ->
                        new Refusal(ProblemType.NOT_FOUND, "there is no session `" + id + "`; look at the list again"));
        Session session = found.session();
        SessionView view = registry.view(found);
        List<Store.Found> latest =
                journal.search(new Store.Query(null, id, null, null, null, null), Long.MAX_VALUE, ENTRIES + 1);
        List<Store.Found> shown = latest.stream().limit(ENTRIES).toList().reversed();
        List<JsonObject> entries = shown.stream()
                .map(each -> (JsonObject) StrictJson.parse(each.bytes()))
                .toList();
        Reversibles.OfSession undo = reversibles.of(visit, session.id());
        List<String> moves = visit.is("admin") ? moves(session.state()) : List.of();
        return new SessionPage(
                item(session),
                Bit.of(Legible.of(view.task()).segments()),
                view.taskTrusted(),
                view.messages().stream()
                        .map(text -> Bit.of(Legible.of(text).segments()))
                        .toList(),
                moves.contains(confirm) ? confirm : "",
                moves,
                Trace.of(entries),
                events(shown, entries, undo),
                latest.size() > ENTRIES,
                IntStream.range(0, entries.size())
                        .filter(index -> String.valueOf(shown.get(index).seq()).equals(chosen))
                        .mapToObj(index -> Facts.of(entries.get(index)))
                        .findFirst()
                        .orElse(List.of()),
                undo.card(),
                visit.seesSources(),
                session.expires().map(Instant::toString).orElse(""),
                session.parent().map(SessionId::value).orElse(""));
    }

    private static List<String> moves(Session.State state) {
        return switch (state) {
            case ACTIVE -> List.of("pause", "end");
            case PAUSED -> List.of("resume", "end");
            case ENDED -> List.of();
        };
    }

    private static List<SessionPage.Event> events(
            List<Store.Found> shown, List<JsonObject> entries, Reversibles.OfSession undo) {
        var events = new ArrayList<SessionPage.Event>();
        for (int i = 0; i < entries.size(); i++) {
            JsonObject entry = entries.get(i);
            boolean idle = i > 0 && Trace.isIdle(entries.get(i - 1), entry);
            events.add(new SessionPage.Event(
                    shown.get(i).seq(),
                    Told.word(entry, "at"),
                    idle
                            ? Durations.text(
                                    Duration.ofSeconds((Told.millis(entry) - Told.millis(entries.get(i - 1))) / 1_000))
                            : "",
                    Told.badge(entry),
                    undo.marks(entry),
                    Stream.of("tool")
                            .filter(entry::has)
                            .flatMap(member -> Bit.of(Told.name(entry, member)).stream())
                            .toList(),
                    Bit.of(Told.sentence(entry)),
                    Told.word(entry, "ticket"),
                    undo.plan(entry)));
        }
        return events;
    }
}
