package dev.guardrail.approval;

import dev.guardrail.base.IdSource;
import dev.guardrail.journal.Document;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// Reads the tickets that were opened in a span of time, at most so many: the newest, as ever longer spans back from
/// the
/// end, each whole or not at all. Whatever it answers is all there is of the span that it names.
///
/// @param most tickets that are taken; one page more may be read
record TicketScan(Journal journal, int most) {
    private static final int PAGE = 500;
    private static final Duration FIRST = Duration.ofMinutes(1);

    /// @param from where the tickets begin
    /// @param complete true where that is as early as was asked for
    /// @param tickets what was taken of each
    record Found<T>(Instant from, boolean complete, List<T> tickets) {
        Found {
            tickets = List.copyOf(tickets);
        }
    }

    /// @param taking what is kept of a ticket
    <T> Found<T> find(Instant since, Instant to, Function<Ticket, T> taking) {
        List<T> all = new ArrayList<>();
        Instant from = to;
        String end = "";
        Duration span = FIRST;
        while (from.isAfter(since)) {
            Instant start = from.minus(span).isBefore(since) ? since : from.minus(span);
            String first = IdSource.floor("apr", start);
            var slice = slice(first, end, most - all.size(), taking);
            if (all.size() + slice.size() > most) return new Found<>(from, false, all);
            all.addAll(slice);
            from = start;
            end = first;
            span = span.multipliedBy(2);
        }
        return new Found<>(from, true, all);
    }

    /// Tickets whose id lies between two; more than `room` only where there are more.
    ///
    /// @param end empty where there is none
    private <T> List<T> slice(String first, String end, int room, Function<Ticket, T> taking) {
        List<T> taken = new ArrayList<>();
        var page = page(first);
        while (!page.isEmpty()) {
            for (Document document : page) {
                if (!end.isEmpty() && document.key().compareTo(end) >= 0 || taken.size() > room) return taken;
                taken.add(taking.apply(Ticket.of(document.value())));
            }
            page = page(page.getLast().key());
        }
        return taken;
    }

    private List<Document> page(String after) {
        return journal.find(Kind.TICKET, Document.Tags.NONE, after, PAGE);
    }
}
