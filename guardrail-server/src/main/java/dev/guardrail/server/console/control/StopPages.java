package dev.guardrail.server.console.control;

import dev.guardrail.base.ProblemType;
import dev.guardrail.call.SessionId;
import dev.guardrail.call.ToolName;
import dev.guardrail.pipeline.Refusal;
import dev.guardrail.registry.SessionRegistry;
import dev.guardrail.server.console.Bit;
import dev.guardrail.server.console.Form;
import dev.guardrail.server.console.Pages;
import dev.guardrail.server.console.ServerNames;
import dev.guardrail.server.console.Visit;
import dev.guardrail.server.console.Wing;
import dev.guardrail.server.door.AgentNames;
import dev.guardrail.server.sheet.Legible;
import dev.guardrail.stop.KillSwitch;
import dev.guardrail.stop.Scope;
import dev.guardrail.stop.Stop;
import dev.guardrail.stop.Swept;
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
import java.util.Arrays;
import java.util.Optional;

/// `/console/stop`: the kill switch.
@Controller("/console/stop")
@Consumes(MediaType.ALL)
@Produces(MediaType.ALL)
@ExecuteOn(TaskExecutors.BLOCKING)
@Requires(beans = Pages.class)
final class StopPages {
    private static final int LONGEST_REASON = 2_000;
    private static final int LONGEST_NAME = 500;
    private static final String PATH = "/console/stop";
    private static final Pages.Kind STOP = new Pages.Kind("stop.jte", Wing.STOP, "Stop");

    private final Pages pages;
    private final KillSwitch kill;
    private final SessionRegistry sessions;
    private final AgentNames agents;
    private final ServerNames servers;

    StopPages(Pages pages, KillSwitch kill, SessionRegistry sessions, AgentNames agents, ServerNames servers) {
        this.pages = pages;
        this.kill = kill;
        this.sessions = sessions;
        this.agents = agents;
        this.servers = servers;
    }

    @Get
    HttpResponse<?> show(HttpRequest<?> request) {
        return pages.answered(request, () -> page(request, 200, "", ""));
    }

    private HttpResponse<?> page(HttpRequest<?> request, int status, String error, String reason) {
        Visit visit = Visit.of(request);
        return pages.page(
                request,
                status,
                STOP,
                new StopPage(
                        kill.inForce().stream().map(this::item).toList(),
                        visit.isAny("approver", "admin"),
                        visit.is("admin"),
                        agents.all().stream().sorted().toList(),
                        servers.all(),
                        error,
                        reason));
    }

    private StopPage.Item item(Stop stop) {
        return new StopPage.Item(
                stop.id(),
                stop.scope().text(),
                Bit.of(Legible.line(stop.subject())),
                stop.by(),
                stop.at().toString(),
                Bit.of(Legible.of(kill.reason(stop).orElse("")).segments()));
    }

    /// A misspelt name would stop nothing, and whoever stops is in a hurry.
    @Post
    HttpResponse<?> stop(HttpRequest<byte[]> request) {
        return pages.answered(request, () -> {
            var form = Form.of(request);
            String reason = form.text("reason", LONGEST_REASON);
            Optional<Scope> scope = Arrays.stream(Scope.values())
                    .filter(each -> each.text().equals(form.text("scope").orElse("")))
                    .findFirst();
            if (scope.isEmpty()) return page(request, 422, "Say what to stop.", reason);
            if (reason.isBlank())
                return page(request, 422, "Say why: people are told, and the log keeps it. Nothing was stopped.", "");
            String subject = scope.get() == Scope.ALL
                    ? ""
                    : form.text("id", LONGEST_NAME).strip();
            Optional<String> objection = objection(scope.get(), subject);
            if (objection.isPresent()) return page(request, 422, objection.get() + " Nothing was stopped.", reason);
            var ordered = kill.order(scope.get(), subject, Visit.of(request).name(), reason);
            return pages.to(request, PATH, "Stopped. Nothing in it begins to run any more." + swept(ordered.swept()));
        });
    }

    private Optional<String> objection(Scope scope, String subject) {
        return switch (scope) {
            case ALL -> Optional.empty();
            case AGENT -> unknown("agent", subject, agents.all().contains(subject));
            case SERVER -> unknown("server", subject, servers.all().contains(subject));
            case TOOL -> unknown("tool", subject, isTool(subject));
            case SESSION ->
                unknown(
                        "session",
                        subject,
                        !subject.isEmpty()
                                && sessions.find(new SessionId(subject)).isPresent());
        };
    }

    private boolean isTool(String subject) {
        try {
            return servers.all().contains(ToolName.parse(subject).server());
        } catch (IllegalArgumentException malformed) {
            return false;
        }
    }

    private static Optional<String> unknown(String what, String subject, boolean known) {
        if (known) return Optional.empty();
        return Optional.of(
                subject.isEmpty()
                        ? "Name the " + what + "."
                        : "There is no " + what + " `" + Legible.line(subject) + "` here.");
    }

    private static String swept(Optional<Swept> swept) {
        return swept.map(back -> " Taken back: " + back.holds() + " that waited for people, " + back.leases()
                        + " permits, " + back.queued() + " put off; " + back.runs() + " runs told to end.")
                .orElse(" What was permitted before is being taken back.");
    }

    @Post("/{id}/lift")
    HttpResponse<?> lift(HttpRequest<byte[]> request, String id) {
        return pages.answered(request, () -> {
            Form.of(request);
            if (kill.lift(id, Visit.of(request).name()).isEmpty())
                throw new Refusal(ProblemType.NOT_FOUND, "there is no stop `" + id + "` here");
            return pages.to(request, PATH, "Lifted. Calls are decided without it from here on.");
        });
    }
}
