package dev.guardrail.server.console.approvals;

import dev.guardrail.server.console.KeyRing;
import dev.guardrail.server.console.LivePart;
import dev.guardrail.server.console.Pages;
import dev.guardrail.server.console.Visit;
import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpParameters;
import jakarta.inject.Singleton;
import java.util.Map;
import java.util.Optional;

/// The queue beside a request, or alone.
@Singleton
@Requires(beans = KeyRing.class)
final class LiveQueue implements LivePart {
    private final Desk desk;
    private final Pages pages;

    LiveQueue(Desk desk, Pages pages) {
        this.desk = desk;
        this.pages = pages;
    }

    @Override
    public Optional<Part> of(Visit visit, HttpParameters query) {
        if (query.getFirst("tab").isEmpty()) return Optional.empty();
        View view = View.of(query, visit);
        return Optional.of(part(visit, view, query.getFirst("at").orElse("")));
    }

    private Part part(Visit visit, View view, String open) {
        return new Part(
                "queue",
                desk.signature(visit, view),
                () -> desk.drawn(
                        visit, view, open, queue -> pages.part("approvals/items.jte", Map.of("queue", queue))));
    }
}
