package dev.guardrail.server.console;

import dev.guardrail.base.ProblemType;
import dev.guardrail.server.problem.Problems;
import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Produces;

/// Leads people to the console, and programs nowhere.
@Controller
@Produces(MediaType.ALL)
@Requires(beans = Pages.class)
final class HomeDoor {
    @Get("/")
    HttpResponse<?> root(HttpRequest<?> request) {
        boolean browser = request.getHeaders().getAll("Accept").stream()
                .anyMatch(accepted -> accepted.contains(MediaType.TEXT_HTML));
        return browser
                ? Pages.to("/console")
                : Problems.of(ProblemType.NOT_FOUND, "there is nothing here; see /openapi.json for what there is");
    }

    @Get("/console")
    HttpResponse<?> home() {
        return Pages.to(SignInDoor.HOME);
    }
}
