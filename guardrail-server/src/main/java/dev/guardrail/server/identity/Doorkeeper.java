package dev.guardrail.server.identity;

import dev.guardrail.base.ProblemType;
import dev.guardrail.call.Caller;
import dev.guardrail.server.door.Callers;
import dev.guardrail.server.problem.Faults;
import dev.guardrail.server.problem.Problems;
import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.annotation.RequestFilter;
import io.micronaut.http.annotation.ServerFilter;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.web.router.RouteAttributes;
import io.micronaut.web.router.UriRouteMatch;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Stands before every route: looks at Host and Origin, then at the credential, then at what the credential opens.
@ServerFilter(ServerFilter.MATCH_ALL_PATTERN)
@Requires(beans = {Credentials.class, Neighbours.class})
public final class Doorkeeper {
    private static final Pattern BEARER = Pattern.compile("(?i:bearer) +([\\x21-\\x7e]{1,4096})");

    private final Neighbours neighbours;
    private final Credentials credentials;
    private final Refusals refusals;

    public Doorkeeper(Neighbours neighbours, Credentials credentials, Refusals refusals) {
        this.neighbours = neighbours;
        this.credentials = credentials;
        this.refusals = refusals;
    }

    /// Counts requests that were refused before anybody was known.
    @FunctionalInterface
    public interface Refusals {
        void count(ProblemType type);
    }

    /// @return null where the request may go on
    @RequestFilter
    @ExecuteOn(TaskExecutors.BLOCKING)
    public @Nullable HttpResponse<?> check(HttpRequest<?> request) {
        return Faults.<@Nullable HttpResponse<?>>answered(() -> refusal(request), problem -> problem);
    }

    private @Nullable HttpResponse<?> refusal(HttpRequest<?> request) {
        HttpHeaders headers = request.getHeaders();
        if (!neighbours.isHost(headers.getAll(HttpHeaders.HOST)))
            return refused(
                    ProblemType.FORBIDDEN_ROUTE, "this name is none of ours; use 127.0.0.1, or add it to `origins`");
        if (!neighbours.isOrigin(headers.getAll(HttpHeaders.ORIGIN)))
            return refused(
                    ProblemType.FORBIDDEN_ROUTE, "pages of this origin may not speak to the guard; see `origins`");
        Optional<String> route = route(request);
        if (route.isPresent() && Routes.OPEN.contains(route.get())) return null;
        Optional<Caller> caller = caller(headers.getAll(HttpHeaders.AUTHORIZATION));
        if (caller.isEmpty())
            return refused(ProblemType.UNAUTHENTICATED, "send a key or session token as `Authorization: Bearer …`");
        if (route.isPresent() && !Routes.isOpenTo(route.get(), caller.get()))
            return refused(
                    ProblemType.FORBIDDEN_ROUTE, "this route is not for a credential of this kind; use another one's");
        // Without a route nothing but the framework's 404 or 405 follows.
        Callers.put(request, caller.get());
        return null;
    }

    private Optional<Caller> caller(List<String> authorization) {
        if (authorization.size() != 1) return Optional.empty();
        var matcher = BEARER.matcher(authorization.getFirst());
        return matcher.matches() ? credentials.identify(matcher.group(1)) : Optional.empty();
    }

    /// The route that the framework will take: judged is what is taken, not what the path looks like.
    private static Optional<String> route(HttpRequest<?> request) {
        return RouteAttributes.getRouteMatch(request)
                .filter(UriRouteMatch.class::isInstance)
                .map(match -> request.getMethodName() + " "
                        + ((UriRouteMatch<?, ?>) match)
                                .getRouteInfo()
                                .getUriMatchTemplate()
                                .toPathString());
    }

    private HttpResponse<?> refused(ProblemType type, String detail) {
        refusals.count(type);
        return Problems.of(type, detail);
    }
}
