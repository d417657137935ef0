package dev.guardrail.server.console.audit;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.MalformedJson;
import dev.guardrail.base.ProblemType;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.JournalUnavailable;
import dev.guardrail.journal.Notary;
import dev.guardrail.journal.Store;
import dev.guardrail.pipeline.Refusal;
import dev.guardrail.proof.Checkpoint;
import dev.guardrail.server.console.Bit;
import dev.guardrail.server.console.Pages;
import dev.guardrail.server.console.Wing;
import dev.guardrail.server.door.EntryLines;
import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Produces;
import io.micronaut.http.server.types.files.StreamedFile;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// `/console/audit`: the log, searched by an address that says all, entry by entry with its proof, and to take away.
@Controller(Search.PATH)
@Produces(MediaType.ALL)
@ExecuteOn(TaskExecutors.BLOCKING)
@Requires(beans = Pages.class)
final class AuditPages {
    private static final int SHOWN = 50;
    private static final Pages.Kind LIST = new Pages.Kind("audit/list.jte", Wing.AUDIT, "Audit");

    private final Pages pages;
    private final Journal journal;
    private final Notary notary;

    AuditPages(Pages pages, Journal journal, Notary notary) {
        this.pages = pages;
        this.journal = journal;
        this.notary = notary;
    }

    @Get
    HttpResponse<?> list(HttpRequest<?> request) {
        return pages.answered(request, () -> {
            long before = number(parameter(request, "before"), Long.MAX_VALUE);
            return switch (reading(request)) {
                case Search search -> pages.page(request, LIST, found(search, before));
                case Misspelt misspelt -> pages.page(request, 400, LIST, fault(misspelt));
            };
        });
    }

    private Reading reading(HttpRequest<?> request) {
        return SearchReader.read(parameter(request, "q"), journal.now());
    }

    private static String parameter(HttpRequest<?> request, String name) {
        return request.getParameters().getFirst(name).orElse("");
    }

    private static long number(String text, long otherwise) {
        if (text.isEmpty()) return otherwise;
        if (!text.matches("[0-9]{1,18}")) throw new MalformedJson("an entry's place is a whole number");
        return Long.parseLong(text);
    }

    private AuditPage fault(Misspelt misspelt) {
        return new AuditPage(
                misspelt.text(),
                new AuditPage.Fault(misspelt.caret(), misspelt.what()),
                List.of(),
                0,
                List.of(),
                null,
                "",
                "",
                ready(Search.ALL),
                head());
    }

    private AuditPage found(Search search, long before) {
        Haul haul = Haul.of(journal.store(), search, before);
        List<Line> shown = haul.lines().stream().limit(SHOWN).toList();
        boolean more = haul.lines().size() > SHOWN;
        boolean further = !more && !haul.isWhole();
        long next = more ? shown.getLast().seq() : haul.from();
        return new AuditPage(
                search.text(),
                null,
                shown.stream().map(AuditPages::row).toList(),
                haul.lines().size(),
                Facet.of(search, haul.lines()),
                haul.lines().isEmpty() ? null : Histogram.of(haul.lines()),
                more || further ? older(search, next) : "",
                further ? String.valueOf(haul.from()) : "",
                ready(search),
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

    @Get("/{number}")
    HttpResponse<?> entry(HttpRequest<?> request, String number) {
        return pages.answered(request, () -> {
            long seq = number(number, 0);
            byte[] bytes = bytes(seq);
            var kind = new Pages.Kind("audit/entry.jte", Wing.AUDIT, "Audit / entry " + seq);
            return pages.page(request, kind, EntryReader.page(journal.store(), notary, seq, bytes));
        });
    }

    private byte[] bytes(long seq) {
        try {
            return journal.store().read(seq, seq + 1).stream()
                    .findFirst()
                    .orElseThrow(() -> new Refusal(
                            ProblemType.NOT_FOUND,
                            "the log has no entry " + seq + "; it has "
                                    + journal.store().size()));
        } catch (IOException unreadable) {
            throw new JournalUnavailable(unreadable);
        }
    }

    @Get("/{number}/proof")
    HttpResponse<?> proof(HttpRequest<?> request, String number) {
        return pages.answered(request, () -> {
            long seq = number(number, 0);
            bytes(seq);
            return HttpResponse.ok(Proof.file(journal.store(), notary, seq))
                    .contentType(new MediaType("text/plain; charset=utf-8"))
                    .header("Content-Disposition", "attachment; filename=\"entry-" + seq + ".tlog-proof\"");
        });
    }

    @Get("/export")
    HttpResponse<?> export(HttpRequest<?> request) {
        return pages.answered(request, () -> switch (reading(request)) {
            case Search search -> export(search, parameter(request, "format"));
            case Misspelt misspelt -> throw new MalformedJson(misspelt.what());
        });
    }

    /// Oldest first, all that is there now.
    private HttpResponse<?> export(Search search, String format) {
        Store store = journal.store();
        String log = store.log().value();
        return switch (format) {
            case "jsonl" ->
                file(
                        "jsonl",
                        "application/x-ndjson",
                        new byte[0],
                        (seq, entry) -> Optional.of(entry)
                                .filter(bytes -> search.terms().isEmpty()
                                        || search.matches(Line.of(seq, bytes).entry())));
            case "csv" ->
                file(
                        "csv",
                        "text/csv",
                        Csv.HEAD,
                        (seq, entry) -> Optional.of(Line.of(seq, entry))
                                .filter(line -> search.matches(line.entry()))
                                .map(line -> Csv.line(log, line)));
            default -> throw new MalformedJson("`format` is `jsonl` or `csv`");
        };
    }

    private HttpResponse<?> file(String extension, String type, byte[] head, EntryLines.Form form) {
        Store store = journal.store();
        return HttpResponse.ok(new StreamedFile(new EntryLines(store, 0, store.size(), head, form), MediaType.of(type)))
                .header("Content-Disposition", "attachment; filename=\"audit." + extension + "\"");
    }
}
