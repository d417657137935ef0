package dev.guardrail.server.console.audit;

import dev.guardrail.base.MalformedJson;
import dev.guardrail.journal.Journal;
import dev.guardrail.server.console.Form;
import dev.guardrail.server.console.Pages;
import dev.guardrail.server.console.Visit;
import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.Produces;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.util.Optional;

/// What the forms of the audit's page do: keep and delete searches, and look into arguments for a reason.
@Controller(Search.PATH)
@Consumes(MediaType.ALL)
@Produces(MediaType.ALL)
@ExecuteOn(TaskExecutors.BLOCKING)
@Requires(beans = Pages.class)
final class SearchesDoor {
    private final Pages pages;
    private final Journal journal;
    private final Disclosure disclosure;
    private final AuditReader reader;
    private final SavedSearches saved;

    SearchesDoor(Pages pages, Journal journal, Disclosure disclosure, AuditReader reader, SavedSearches saved) {
        this.pages = pages;
        this.journal = journal;
        this.disclosure = disclosure;
        this.reader = reader;
        this.saved = saved;
    }

    private Reading reading(Form form) {
        return SearchReader.read(form.text("q").orElse(""), journal.now());
    }

    /// Finds entries by their arguments, once: each that is found is noted with who looked, and why. Shown again, it is
    /// another look.
    @Post("/arguments")
    HttpResponse<?> arguments(HttpRequest<byte[]> request) {
        return pages.answered(request, () -> {
            var form = Form.of(request);
            Visit visit = Visit.of(request);
            String reason = form.text("reason", AuditPages.LONGEST_REASON).strip();
            long before = AuditPages.number(form.text("before").orElse(""), Long.MAX_VALUE);
            return switch (reading(form)) {
                case Misspelt misspelt -> pages.page(request, 400, AuditPages.LIST, reader.fault(visit, misspelt));
                case Search search when !search.readsArguments() -> Pages.to(Search.url(search.text()));
                case Search search -> {
                    if (reason.isEmpty()) throw new MalformedJson("say why you look; nothing was looked at");
                    Haul haul = disclosure.search(search, before, visit.name(), reason);
                    yield pages.page(request, AuditPages.LIST, reader.looked(visit, search, haul));
                }
            };
        });
    }

    @Post("/searches")
    HttpResponse<?> keep(HttpRequest<byte[]> request) {
        return pages.answered(request, () -> {
            var form = Form.of(request);
            String name = form.text("name", SavedSearches.LONGEST_NAME).strip();
            boolean shared = form.text("shared").equals(Optional.of("yes"));
            return switch (reading(form)) {
                case Misspelt misspelt -> throw new MalformedJson("this is no search: " + misspelt.what());
                case Search search -> {
                    saved.keep(Visit.of(request), name, search, shared);
                    yield pages.to(
                            request,
                            Search.url(search.text()),
                            shared ? "Kept, for every reader of the log." : "Kept, for you.");
                }
            };
        });
    }

    @Post("/searches/{id}/delete")
    HttpResponse<?> delete(HttpRequest<byte[]> request, String id) {
        return pages.answered(request, () -> {
            Form.of(request);
            saved.delete(Visit.of(request), id);
            return pages.to(request, Search.PATH, "Deleted. The log is as it was.");
        });
    }
}
