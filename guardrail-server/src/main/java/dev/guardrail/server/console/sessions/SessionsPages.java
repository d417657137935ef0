package dev.guardrail.server.console.sessions;

import dev.guardrail.approval.ApprovalDesk;
import dev.guardrail.call.SessionId;
import dev.guardrail.outbox.Outbox;
import dev.guardrail.registry.SessionRegistry;
import dev.guardrail.server.console.Form;
import dev.guardrail.server.console.Pages;
import dev.guardrail.server.console.Visit;
import dev.guardrail.server.console.Wing;
import dev.guardrail.server.door.SessionMoves;
import dev.guardrail.session.Session;
import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.Produces;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;

/// `/console/sessions`: what runs, one session from its beginning on, and pausing, resuming and ending it.
@Controller(SessionsPages.PATH)
@Consumes(MediaType.ALL)
@Produces(MediaType.ALL)
@ExecuteOn(TaskExecutors.BLOCKING)
@Requires(beans = Pages.class)
final class SessionsPages {
    static final String PATH = "/console/sessions";
    private static final Pages.Kind LIST = new Pages.Kind("sessions/list.jte", Wing.SESSIONS, "Sessions");

    private final Pages pages;
    private final Sessions sessions;
    private final SessionMoves moves;

    SessionsPages(Pages pages, Sessions sessions, SessionRegistry registry, ApprovalDesk desk, Outbox outbox) {
        this.pages = pages;
        this.sessions = sessions;
        this.moves = new SessionMoves(registry, desk, outbox);
    }

    @Get
    HttpResponse<?> list(HttpRequest<?> request) {
        return pages.answered(request, () -> {
            String word = parameter(request, "state");
            String tab = SessionsPage.TABS.contains(word) ? word : SessionsPage.TABS.getFirst();
            return pages.page(request, LIST, sessions.page(tab));
        });
    }

    private static String parameter(HttpRequest<?> request, String name) {
        return request.getParameters().getFirst(name).orElse("");
    }

    @Get("/{id}")
    HttpResponse<?> show(HttpRequest<?> request, String id) {
        return pages.answered(request, () -> {
            var page = sessions.page(Visit.of(request), id, parameter(request, "confirm"));
            var kind = new Pages.Kind(
                    "sessions/session.jte",
                    Wing.SESSIONS,
                    "Sessions / " + page.item().id());
            return pages.page(request, kind, page);
        });
    }

    @Post("/{id}/pause")
    HttpResponse<?> pause(HttpRequest<byte[]> request, String id) {
        return move(request, id, Session.State.PAUSED, "Paused. Its calls are denied until it is resumed.");
    }

    @Post("/{id}/resume")
    HttpResponse<?> resume(HttpRequest<byte[]> request, String id) {
        return move(request, id, Session.State.ACTIVE, "Resumed. Its calls are decided again.");
    }

    @Post("/{id}/end")
    HttpResponse<?> end(HttpRequest<byte[]> request, String id) {
        return move(request, id, Session.State.ENDED, "Ended. What waited in it was cancelled.");
    }

    private HttpResponse<?> move(HttpRequest<byte[]> request, String id, Session.State next, String word) {
        return pages.answered(request, () -> {
            Form.of(request);
            Session moved = moves.move(new SessionId(id), Visit.of(request).name(), next);
            return pages.to(request, PATH + "/" + moved.id().value(), word);
        });
    }
}
