package dev.guardrail.server.console.approvals;

import dev.guardrail.approval.ApproversQueue;
import dev.guardrail.approval.Ticket;
import dev.guardrail.approval.TicketState;
import dev.guardrail.base.IdSource;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.ProblemType;
import dev.guardrail.base.Sha256;
import dev.guardrail.journal.CallRecord;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.Kind;
import dev.guardrail.pipeline.Pins;
import dev.guardrail.pipeline.Refusal;
import dev.guardrail.server.console.Badge;
import dev.guardrail.server.console.Bit;
import dev.guardrail.server.console.KeyRing;
import dev.guardrail.server.console.Visit;
import dev.guardrail.server.console.audit.Language;
import dev.guardrail.server.console.audit.Misspelt;
import dev.guardrail.server.console.audit.Reading;
import dev.guardrail.server.console.audit.Search;
import dev.guardrail.server.console.audit.SearchReader;
import dev.guardrail.server.sheet.ApprovalJson;
import dev.guardrail.server.sheet.Legible;
import io.micronaut.context.annotation.Requires;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What waits and what was decided, as one visitor sees it.
@Singleton
@Requires(beans = KeyRing.class)
final class Desk {
    /// Requests that a page shows.
    static final int MOST = 200;

    /// How far back decided ones are shown, by when they were opened.
    private static final Duration DECIDED = Duration.ofDays(7);

    private static final int PAGE = 1_000;
    private static final int SIGNATURE = 16;

    private final ApproversQueue queue;
    private final Journal journal;
    private final ApprovalJson shown;
    private final AsOfLog<Sight> sight;

    /// Signature of what was decided: without another entry nothing is.
    private final AsOfLog<String> endings;

    Desk(ApproversQueue queue, Journal journal, Pins pins) {
        this.queue = queue;
        this.journal = journal;
        this.shown = new ApprovalJson(journal, queue.desk(), pins::find);
        this.sight = new AsOfLog<>(
                journal.store()::size, () -> new Sight(queue.list(Optional.of(TicketState.PENDING), "", PAGE)));
        this.endings = new AsOfLog<>(journal.store()::size, this::ended);
    }

    ApprovalJson shown() {
        return shown;
    }

    Ticket find(String id) {
        return queue.find(id)
                .orElseThrow(() -> new Refusal(
                        ProblemType.NOT_FOUND, "there is no approval `" + id + "`; look at the queue again"));
    }

    /// @param open id of the request that is open; empty for none
    Queue queue(Visit visit, View view, String open) {
        return switch (reading(view)) {
            case Misspelt misspelt ->
                new Queue(view, new Queue.Fault(misspelt.caret(), misspelt.what()), List.of(), false);
            case Search search -> queue(visit, view, search, open);
        };
    }

    private Reading reading(View view) {
        return SearchReader.read(view.text(), journal.now(), Language.REQUESTS);
    }

    private Queue queue(Visit visit, View view, Search search, String open) {
        List<Ticket> tickets = tickets(visit, view, search);
        var groups = new LinkedHashMap<Optional<Likeness>, List<Ticket>>();
        for (Ticket ticket : tickets.stream().limit(MOST).toList())
            groups.computeIfAbsent(
                            view.alike() ? Optional.of(Likeness.of(ticket)) : Optional.empty(),
                            first -> new ArrayList<>())
                    .add(ticket);
        return new Queue(
                view,
                null,
                groups.entrySet().stream()
                        .map(group -> group(visit, group.getKey(), group.getValue(), open))
                        .toList(),
                tickets.size() > MOST);
    }

    private Queue.Group group(Visit visit, Optional<Likeness> likeness, List<Ticket> tickets, String open) {
        List<QueueItem> items = tickets.stream()
                .map(ticket -> item(visit, ticket, ticket.id().equals(open)))
                .toList();
        List<String> yours = tickets.stream()
                .filter(ticket -> ticket.pending() && isYours(visit, ticket))
                .map(Ticket::id)
                .limit(Batches.MOST)
                .toList();
        boolean together = likeness.isPresent() && yours.size() > 1 && visit.is("approver");
        return new Queue.Group(
                likeness.filter(alike -> tickets.size() > 1)
                        .map(alike -> Bit.of(tickets.size() + " like calls: " + Legible.line(alike.agent()) + " wants "
                                + Legible.line(alike.tool().toString())))
                        .orElse(List.of()),
                items,
                together ? Batches.url(yours) : "");
    }

    /// Another one where the queue would be shown as another.
    String signature(Visit visit, View view) {
        return switch (view.tab()) {
            // What is searched by age is another as time passes.
            case MINE, ALL ->
                view.text().isEmpty()
                        ? sight.get().signature(new Sight.Looking(visit.caller(), view), () -> signed(visit, view))
                        : signed(visit, view);
            case DECIDED -> endings.get();
        };
    }

    private String signed(Visit visit, View view) {
        return switch (reading(view)) {
            case Misspelt misspelt -> "";
            case Search search ->
                tickets(visit, view, search).stream()
                        .limit(MOST)
                        .map(ticket -> ticket.id() + sight.get().signature(ticket) + isYours(visit, ticket))
                        .collect(Collectors.joining());
        };
    }

    /// The queue's markup: one for all to whom it is the same.
    ///
    /// @param made from a queue
    byte[] drawn(Visit visit, View view, String open, Function<Queue, byte[]> made) {
        var drawing = new Sight.Drawing(
                view, signature(visit, view), open, journal.now().getEpochSecond());
        return sight.get().drawing(drawing, () -> made.apply(queue(visit, view, open)));
    }

    private String ended() {
        return decided()
                .sorted(View.Sort.NEWEST.order())
                .limit(MOST)
                .map(ticket -> ticket.id() + signature(ticket) + outcome(ticket))
                .collect(Collectors.joining());
    }

    private List<Ticket> tickets(Visit visit, View view, Search search) {
        Stream<Ticket> part = switch (view.tab()) {
            case MINE -> sight.get().waiting().stream().filter(ticket -> isYours(visit, ticket));
            case ALL -> sight.get().waiting().stream();
            case DECIDED -> decided();
        };
        return part.filter(ticket -> search.terms().isEmpty() || search.matches(sought(ticket)))
                .sorted(view.sort().order())
                .toList();
    }

    /// A request as searches see it.
    private static JsonObject sought(Ticket ticket) {
        return JsonObject.with("ticket", ticket.id())
                .with("call", ticket.call().value())
                .with("session", ticket.session().value())
                .with("agent", ticket.agent())
                .with("user", ticket.user())
                .with("tool", ticket.tool().toString())
                .with("risk", ticket.risk().name().toLowerCase(Locale.ROOT))
                .with("state", ticket.state().text())
                .with("rules", JsonArray.ofTexts(ticket.rules()))
                .with("at", ticket.openedAt().toString())
                .build();
    }

    private Stream<Ticket> decided() {
        String from = IdSource.floor("apr", journal.now().minus(DECIDED));
        return Stream.of(TicketState.values())
                .filter(state -> state != TicketState.PENDING)
                .flatMap(state -> queue.list(Optional.of(state), from, PAGE).stream());
    }

    /// True where the visitor has a vote, and has not given it to everything that it is asked for.
    boolean isYours(Visit visit, Ticket ticket) {
        boolean voted = ticket.holds().stream().allMatch(hold -> hold.hasVoteOf(visit.name()));
        return !voted && queue.desk().objection(visit.caller(), ticket).isEmpty();
    }

    /// Another one where a page that shows the request would be another.
    static String signature(Ticket ticket) {
        int circles = ticket.holds().stream().mapToInt(hold -> hold.circles()).sum();
        String all = ticket.state() + " " + ticket.ballots() + " " + circles + " "
                + ticket.delegations().size() + " " + ticket.dialogue().size() + " " + ticket.argumentsDigest();
        return Sha256.of(all.getBytes(StandardCharsets.UTF_8)).hex().substring(0, SIGNATURE);
    }

    Outcome outcome(Ticket ticket) {
        return Outcome.of(ticket, call(ticket));
    }

    Optional<CallRecord> call(Ticket ticket) {
        return journal.get(Kind.CALL, ticket.call().value()).map(document -> CallRecord.of(document.value()));
    }

    private List<Bit> sentence(Ticket ticket) {
        return Bit.sentence(shown.sentence(ticket));
    }

    private QueueItem item(Visit visit, Ticket ticket, boolean current) {
        return new QueueItem(
                ticket.id(),
                Badge.of(ticket.risk()),
                outcome(ticket).badge(),
                ticket.pending(),
                Bit.of(Legible.line(ticket.tool().toString())),
                ticket.pending() ? sight.get().sentence(ticket, () -> sentence(ticket)) : sentence(ticket),
                Legible.line(ticket.agent()),
                ticket.expiresAt().toString(),
                Spans.words(Duration.between(journal.now(), ticket.expiresAt())),
                ticket.given() + " of " + ticket.required(),
                current,
                ticket.pending() && isYours(visit, ticket));
    }
}
