package dev.guardrail.server.console.approvals;

import dev.guardrail.server.console.KeyRing;
import dev.guardrail.server.console.LivePart;
import dev.guardrail.server.console.Pages;
import dev.guardrail.server.console.Visit;
import dev.guardrail.server.console.approvals.Queue.Tab;
import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpParameters;
import jakarta.inject.Singleton;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

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
        String word = query.getFirst("tab").orElse("");
        return Stream.of(Tab.values())
                .filter(tab -> tab.word().equals(word))
                .findFirst()
                .map(tab -> part(visit, tab, query.getFirst("at").orElse("")));
    }

    private Part part(Visit visit, Tab tab, String open) {
        return new Part(
                "queue",
                desk.signature(visit, tab),
                () -> pages.part("approvals/items.jte", Map.of("queue", desk.queue(visit, tab, open))));
    }
}
