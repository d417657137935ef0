package dev.guardrail.server.console;

import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Produces;
import java.util.Optional;

/// `/console/assets`: what pages load. It says nothing of anybody, and needs no sign-in.
@Controller("/console/assets")
@Produces(MediaType.ALL)
@Requires(beans = Pages.class)
final class AssetsDoor {
    private static final String FOREVER = "public, max-age=31536000, immutable";

    private final Assets assets;

    AssetsDoor(Assets assets) {
        this.assets = assets;
    }

    @Get("/{name}")
    HttpResponse<?> asset(HttpRequest<?> request, String name) {
        Optional<Asset> asset = assets.find(name);
        if (asset.isEmpty()) return HttpResponse.notFound();
        boolean known = request.getHeaders()
                .getAll("If-None-Match")
                .contains(asset.get().tag());
        var response = known
                ? HttpResponse.notModified()
                : HttpResponse.ok(asset.get().bytes())
                        .contentType(MediaType.of(asset.get().type()));
        return response.header("ETag", asset.get().tag()).header("Cache-Control", FOREVER);
    }
}
