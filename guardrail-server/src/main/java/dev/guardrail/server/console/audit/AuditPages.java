package dev.guardrail.server.console.audit;

import dev.guardrail.base.MalformedJson;
import dev.guardrail.base.ProblemType;
import dev.guardrail.journal.Journal;
import dev.guardrail.journal.JournalUnavailable;
import dev.guardrail.journal.Notary;
import dev.guardrail.journal.Store;
import dev.guardrail.pipeline.Refusal;
import dev.guardrail.server.console.Form;
import dev.guardrail.server.console.Pages;
import dev.guardrail.server.console.Visit;
import dev.guardrail.server.console.Wing;
import dev.guardrail.server.door.EntryLines;
import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.Produces;
import io.micronaut.http.server.types.files.StreamedFile;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// `/console/audit`: the log, searched by an address that says all, entry by entry with its proof, and to take away.
@Controller(Search.PATH)
@Consumes(MediaType.ALL)
@Produces(MediaType.ALL)
@ExecuteOn(TaskExecutors.BLOCKING)
@Requires(beans = Pages.class)
final class AuditPages {
    static final int LONGEST_REASON = 2_000;
    static final Pages.Kind LIST = new Pages.Kind("audit/list.jte", Wing.AUDIT, "Audit");

    private final Pages pages;
    private final Journal journal;
    private final Notary notary;
    private final Disclosure disclosure;
    private final AuditReader reader;

    AuditPages(Pages pages, Journal journal, Notary notary, Disclosure disclosure, AuditReader reader) {
        this.pages = pages;
        this.journal = journal;
        this.notary = notary;
        this.disclosure = disclosure;
        this.reader = reader;
    }

    @Get
    HttpResponse<?> list(HttpRequest<?> request) {
        return pages.answered(request, () -> {
            Visit visit = Visit.of(request);
            long before = number(parameter(request, "before"), Long.MAX_VALUE);
            return switch (reading(request)) {
                case Search search
                when search.readsArguments() -> pages.page(request, LIST, reader.asking(visit, search, before));
                case Search search -> pages.page(request, LIST, reader.found(visit, search, before));
                case Misspelt misspelt -> pages.page(request, 400, LIST, reader.fault(visit, misspelt));
            };
        });
    }

    private Reading reading(HttpRequest<?> request) {
        return SearchReader.read(parameter(request, "q"), journal.now());
    }

    private static String parameter(HttpRequest<?> request, String name) {
        return request.getParameters().getFirst(name).orElse("");
    }

    static long number(String text, long otherwise) {
        if (text.isEmpty()) return otherwise;
        if (!text.matches("[0-9]{1,18}")) throw new MalformedJson("an entry's place is a whole number");
        return Long.parseLong(text);
    }

    @Get("/{number}")
    HttpResponse<?> entry(HttpRequest<?> request, String number) {
        return pages.answered(request, () -> {
            long seq = number(number, 0);
            return entry(request, seq, bytes(seq), List.of());
        });
    }

    private HttpResponse<?> entry(HttpRequest<?> request, long seq, byte[] bytes, List<EntryPage.Member> revealed) {
        var kind = new Pages.Kind("audit/entry.jte", Wing.AUDIT, "Audit / entry " + seq);
        return pages.page(request, kind, EntryReader.page(journal.store(), notary, seq, bytes, revealed));
    }

    /// Shows what lies behind an entry's commitments, once, and keeps who looked and why.
    @Post("/{number}/reveal")
    HttpResponse<?> reveal(HttpRequest<byte[]> request, String number) {
        return pages.answered(request, () -> {
            String reason = Form.of(request).text("reason", LONGEST_REASON).strip();
            if (reason.isEmpty()) throw new MalformedJson("say why you look; nothing was shown");
            long seq = number(number, 0);
            byte[] bytes = bytes(seq);
            var revealed =
                    disclosure.reveal(Line.of(seq, bytes), Visit.of(request).name(), reason);
            return entry(request, seq, bytes, revealed);
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
            case Search search
            when search.readsArguments() ->
                throw new MalformedJson(
                        "arguments are not in the log, and not in what is taken away of it; leave `args.` out");
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
