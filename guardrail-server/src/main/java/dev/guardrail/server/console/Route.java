package dev.guardrail.server.console;

import io.micronaut.http.HttpMethod;
import io.micronaut.http.HttpRequest;
import io.micronaut.web.router.RouteAttributes;
import io.micronaut.web.router.UriRouteMatch;

/// The route that the framework will take: judged is what is taken, not what the path looks like.
final class Route {
    static final String NONE = "none";

    private Route() {}

    /// Method, a space and the template; `none` where there is no such route. What is read by `HEAD` is read by `GET`.
    static String of(HttpRequest<?> request) {
        String method = request.getMethod() == HttpMethod.HEAD ? "GET" : request.getMethodName();
        return RouteAttributes.getRouteMatch(request)
                .filter(UriRouteMatch.class::isInstance)
                .map(match -> method + " "
                        + ((UriRouteMatch<?, ?>) match)
                                .getRouteInfo()
                                .getUriMatchTemplate()
                                .toPathString())
                .orElse(NONE);
    }
}
