package dev.guardrail.server.console;

import io.micronaut.context.annotation.Requires;
import io.micronaut.core.annotation.Order;
import io.micronaut.http.HttpMethod;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.annotation.RequestFilter;
import io.micronaut.http.annotation.ServerFilter;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Stands before every page: whoever has not signed in is led to where one does, and nobody comes further than their
/// roles. What changes anything is taken from our own pages alone (Fetch Metadata, and the form's own token behind it).
@ServerFilter({"/", "/console", "/console/**"})
@Order(Entrance.BEHIND_THE_DOORKEEPER)
@Requires(beans = Pages.class)
final class Entrance {
    static final int BEHIND_THE_DOORKEEPER = 1_000;

    private static final String EVENTS = "/console/events";
    /// What a browser says of a request that a page of ours, or nobody's, led to.
    static final Set<String> OWN = Set.of("same-origin", "none");

    private final Visits visits;
    private final Pages pages;

    Entrance(Visits visits, Pages pages) {
        this.visits = visits;
        this.pages = pages;
    }

    /// @return null where the request may go on
    @RequestFilter
    @ExecuteOn(TaskExecutors.BLOCKING)
    @Nullable
    HttpResponse<?> check(HttpRequest<?> request) {
        VisitCookie.read(request).flatMap(visits::find).ifPresent(visit -> Visit.put(request, visit));
        String route = Route.of(request);
        if (route.equals("GET /")) return null;
        if (isChange(request) && !isOwn(request)) {
            pages.note(request, "foreign-page");
            return pages.problem(
                    request,
                    403,
                    "this came from a page that is none of ours, and did nothing; decide on the page itself");
        }
        if (Ways.isOpen(route)) return null;
        Optional<Visit> visit = Visit.find(request);
        if (visit.isEmpty()) return toSignIn(request);
        if (route.equals(Route.NONE))
            return pages.problem(request, 404, "there is no such page; the navigation names those that there are");
        if (Ways.isOpenTo(route, visit.get())) return null;
        pages.note(request, "wrong-route");
        return pages.problem(
                request,
                403,
                "this is not for your roles (" + visit.get().roles() + "); ask an admin, or sign in with another key");
    }

    private static boolean isChange(HttpRequest<?> request) {
        return request.getMethod() != HttpMethod.GET && request.getMethod() != HttpMethod.HEAD;
    }

    /// True where the browser says that a page of ours sent it, and nobody says otherwise.
    private static boolean isOwn(HttpRequest<?> request) {
        List<String> site = request.getHeaders().getAll("Sec-Fetch-Site");
        if (site.size() != 1 || !OWN.contains(site.getFirst())) return false;
        List<String> origins = request.getHeaders().getAll("Origin");
        String host = request.getHeaders().get("Host", String.class).orElse("");
        // Our pages tell nobody where one comes from, and a form of theirs has no origin for that.
        return origins.stream().allMatch(origin -> origin.equals("null") || origin.endsWith("://" + host));
    }

    private HttpResponse<?> toSignIn(HttpRequest<?> request) {
        if (request.getPath().equals(EVENTS)) return HttpResponse.unauthorized();
        if (isChange(request))
            return pages.problem(request, 401, "your visit is over, and nothing was done; sign in and look again");
        // A browser keeps the cookie back where another site led here; from our own page it does not.
        if (request.getHeaders().getAll("Sec-Fetch-Site").contains("cross-site"))
            return pages.page(request, new Pages.Kind("onward.jte", null, "Guardrail"), safe(request));
        return Pages.to("/console/sign-in?next=" + URLEncoder.encode(safe(request), StandardCharsets.UTF_8));
    }

    private static String safe(HttpRequest<?> request) {
        return SignInDoor.next(request.getUri().toString());
    }
}
