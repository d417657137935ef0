package dev.guardrail.server.console;

import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Produces;

/// `/console/events`: what open pages are kept up to date by.
@Controller("/console/events")
@Produces(MediaType.ALL)
@Requires(beans = Pages.class)
final class EventsDoor {
    private final Live live;

    EventsDoor(Live live) {
        this.live = live;
    }

    @Get
    HttpResponse<?> events(HttpRequest<?> request) {
        var stream = new Stream(Visit.of(request), request.getParameters());
        live.add(stream);
        return stream.response();
    }
}
