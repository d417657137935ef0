package dev.guardrail.server.door.authzen;

import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Produces;
import java.util.List;

/// Says where this decision point is asked (AuthZEN Authorization API 1.0, section on metadata). Open to everybody; it
/// names what there is, and no search.
@Controller("/.well-known/authzen-configuration")
@Produces(MediaType.ALL)
@Requires(beans = AuthzenSettings.class)
final class MetadataDoor {
    private final AuthzenSettings settings;

    MetadataDoor(AuthzenSettings settings) {
        this.settings = settings;
    }

    @Get
    HttpResponse<?> show(HttpRequest<?> request) {
        String base = Wire.address(request, settings.origins());
        return Wire.json(
                200,
                JsonObject.with("policy_decision_point", base)
                        .with("access_evaluation_endpoint", base + "/access/v1/evaluation")
                        .with("access_evaluations_endpoint", base + "/access/v1/evaluations")
                        .with("access_request_endpoint", base + EvaluationDoor.REQUESTS)
                        .with(
                                "capabilities",
                                JsonArray.ofTexts(List.of("urn:openid:authzen:capability:access-request")))
                        .with("obligations_supported", JsonArray.ofTexts(List.of("custom")))
                        .build());
    }
}
