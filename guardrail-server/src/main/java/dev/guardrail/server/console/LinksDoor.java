package dev.guardrail.server.console;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonWriter;
import dev.guardrail.base.ProblemType;
import dev.guardrail.pipeline.Refusal;
import dev.guardrail.server.door.Callers;
import dev.guardrail.server.problem.Faults;
import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.Produces;

/// `/v1/console/links`: an operator's key for a link that signs in once, so that nobody has to type a key into a
/// browser. On this machine alone: whoever has a key elsewhere types it.
@Controller("/v1/console/links")
@Consumes(MediaType.ALL)
@Produces(MediaType.ALL)
@Requires(beans = Pages.class)
final class LinksDoor {
    private final Links links;

    LinksDoor(Links links) {
        this.links = links;
    }

    @Post
    HttpResponse<?> make(HttpRequest<?> request) {
        return Faults.<HttpResponse<?>>answered(
                () -> {
                    if (!Loopback.is(request))
                        throw new Refusal(
                                ProblemType.FORBIDDEN_ROUTE,
                                "links are for the guard's own machine; open /console and type your key");
                    String scheme = request.isSecure() ? "https" : "http";
                    String host = request.getHeaders().get("Host", String.class).orElseThrow();
                    String link = links.make(Callers.of(request));
                    return HttpResponse.created(JsonWriter.bytes(
                                    JsonObject.with("url", scheme + "://" + host + "/console/enter?link=" + link)
                                            .with("seconds", Links.LIFE.toSeconds())
                                            .build()))
                            .contentType(MediaType.APPLICATION_JSON_TYPE)
                            .header("Cache-Control", "no-store");
                },
                problem -> problem);
    }
}
