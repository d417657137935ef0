package dev.guardrail.server.console.approvals;

import dev.guardrail.approval.ApproversQueue;
import dev.guardrail.server.console.KeyRing;
import dev.guardrail.server.console.LivePart;
import dev.guardrail.server.console.Pages;
import dev.guardrail.server.console.Visit;
import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpParameters;
import jakarta.inject.Singleton;
import java.util.Map;
import java.util.Optional;

/// Word that the request on the page is another than the page shows.
@Singleton
@Requires(beans = KeyRing.class)
final class LiveChange implements LivePart {
    private final ApproversQueue queue;
    private final Desk desk;
    private final Pages pages;

    LiveChange(ApproversQueue queue, Desk desk, Pages pages) {
        this.queue = queue;
        this.desk = desk;
        this.pages = pages;
    }

    @Override
    public Optional<Part> of(Visit visit, HttpParameters query) {
        Optional<String> seen = query.getFirst("seen");
        return query.getFirst("at")
                .flatMap(queue::find)
                .filter(ticket -> seen.isPresent())
                .map(ticket -> {
                    String now = Desk.signature(ticket);
                    boolean same = now.equals(seen.get());
                    return new Part(
                            "change",
                            now,
                            () -> same
                                    ? new byte[0]
                                    : pages.part(
                                            "approvals/change.jte",
                                            Map.of("id", ticket.id(), "outcome", desk.outcome(ticket))));
                });
    }
}
