package dev.guardrail.server.door.http;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.ProblemType;
import dev.guardrail.call.ToolName;
import dev.guardrail.server.door.ProtectedResource;
import dev.guardrail.server.problem.Problems;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Produces;
import java.util.Optional;

/// Tells clients without a token where to get one (RFC 9728), for the guard and for its door to each server. Open to
/// everybody, so it says the same of servers that exist and of those that do not.
@Controller("/.well-known/oauth-protected-resource")
@Produces(MediaType.ALL)
final class ResourceDoor {
    private final Optional<ProtectedResource> resource;

    ResourceDoor(ProtectedResource.Configured configured) {
        this.resource = configured.resource();
    }

    @Get
    HttpResponse<?> guard() {
        return answer(resource.map(known -> known.metadata(Optional.empty())));
    }

    @Get("/mcp/{server}")
    HttpResponse<?> server(String server) {
        return answer(
                resource.filter(known -> ToolName.isServer(server)).map(known -> known.metadata(Optional.of(server))));
    }

    private static HttpResponse<?> answer(Optional<JsonObject> metadata) {
        return metadata.<HttpResponse<?>>map(found -> Answers.json(200, found))
                .orElseGet(() -> Problems.of(
                        ProblemType.NOT_FOUND, "this guard takes no OAuth tokens; ask its operator for a key"));
    }
}
