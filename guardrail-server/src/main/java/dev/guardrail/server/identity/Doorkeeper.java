package dev.guardrail.server.identity;

import dev.guardrail.base.ProblemType;
import dev.guardrail.call.Caller;
import dev.guardrail.journal.WireRefusal;
import dev.guardrail.server.door.Callers;
import dev.guardrail.server.door.ProtectedResource;
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
    private static final Pattern BEARER = Pattern.compile("(?i:bearer) +([\\x21-\\x7e]{1,8000})");

    private final Neighbours neighbours;
    private final Credentials credentials;
    private final Optional<ProtectedResource> resource;
    private final Refusals refusals;

    public Doorkeeper(
            Neighbours neighbours,
            Credentials credentials,
            ProtectedResource.Configured configured,
            Refusals refusals) {
        this.neighbours = neighbours;
        this.credentials = credentials;
        this.resource = configured.resource();
        this.refusals = refusals;
    }

    /// Is told of requests that were refused before a door saw them.
    public interface Refusals {
        /// Counts one, whoever sent it.
        void count(ProblemType type);

        /// Keeps who was refused, where a credential says it.
        void keep(Turned turned);
    }

    /// Somebody known who was turned away.
    ///
    /// @param fault word of what was wrong
    /// @param server that the path names, whether there is one or not
    /// @param route method, a space and the route's template; empty where there is no such route
    public record Turned(String fault, WireRefusal.Sender sender, Optional<String> server, Optional<String> route) {}

    /// The route that the framework will take: judged is what is taken, not what the path looks like.
    ///
    /// @param template method, a space and the template; empty where nothing but a 404 or 405 follows
    /// @param server that the path names, on the routes that name one
    /// @param page true for what browsers ask for
    private record Taken(Optional<String> template, Optional<String> server, boolean page) {
        static Taken of(HttpRequest<?> request) {
            return RouteAttributes.getRouteMatch(request)
                    .filter(UriRouteMatch.class::isInstance)
                    .map(match -> of(request, (UriRouteMatch<?, ?>) match))
                    .orElseGet(() -> new Taken(Optional.empty(), Optional.empty(), Routes.isPage(request.getPath())));
        }

        private static Taken of(HttpRequest<?> request, UriRouteMatch<?, ?> match) {
            String path = match.getRouteInfo().getUriMatchTemplate().toPathString();
            Optional<String> server = path.startsWith("/mcp/")
                    ? Optional.ofNullable(match.getVariableValues().get("server"))
                            .map(Object::toString)
                    : Optional.empty();
            return new Taken(Optional.of(request.getMethodName() + " " + path), server, Routes.isPage(path));
        }

        boolean isOpen() {
            return page || template.filter(Routes.OPEN::contains).isPresent();
        }
    }

    /// @return null where the request may go on
    @RequestFilter
    @ExecuteOn(TaskExecutors.BLOCKING)
    public @Nullable HttpResponse<?> check(HttpRequest<?> request) {
        return Faults.<@Nullable HttpResponse<?>>answered(() -> refusal(request), problem -> problem);
    }

    private @Nullable HttpResponse<?> refusal(HttpRequest<?> request) {
        HttpHeaders headers = request.getHeaders();
        Taken taken = Taken.of(request);
        Optional<String> token = token(headers.getAll(HttpHeaders.AUTHORIZATION));
        if (!neighbours.isHost(headers.getAll(HttpHeaders.HOST))) {
            lured("foreign-host", token, taken);
            return refused(
                    ProblemType.FORBIDDEN_ROUTE, "this name is none of ours; use 127.0.0.1, or add it to `origins`");
        }
        if (!neighbours.isOrigin(headers.getAll(HttpHeaders.ORIGIN)) && !isFormOfOurs(headers, taken)) {
            lured("foreign-origin", token, taken);
            return refused(
                    ProblemType.FORBIDDEN_ROUTE, "pages of this origin may not speak to the guard; see `origins`");
        }
        if (taken.isOpen()) return null;
        if (token.isEmpty()) return unauthenticated(taken, challenge(taken));
        return switch (credentials.identify(token.get())) {
            case Identification.Known(Caller caller, Reach reach) -> known(request, taken, caller, reach);
            case Identification.Refused(String why, var authentic) -> {
                authentic.ifPresent(holder -> keep("refused-token", sender(holder), taken));
                yield unauthenticated(taken, challenge(taken).invalid(why));
            }
            case Identification.Stranger(var holder) -> {
                keep("unknown-client", sender(holder), taken);
                yield refused(
                        ProblemType.FORBIDDEN_ROUTE,
                        "the token is good, but its client is none of this guard's agents; an operator names it in"
                                + " `agents` as `client`");
            }
        };
    }

    /// A form on a page that tells nobody where one comes from (`no-referrer`) has the origin `null`; the browser says
    /// beside it whose page it was, in a header that no page can set (Fetch Metadata).
    private static boolean isFormOfOurs(HttpHeaders headers, Taken taken) {
        return taken.page()
                && headers.getAll(HttpHeaders.ORIGIN).equals(List.of("null"))
                && headers.getAll("Sec-Fetch-Site").equals(List.of("same-origin"));
    }

    private @Nullable HttpResponse<?> known(HttpRequest<?> request, Taken taken, Caller caller, Reach reach) {
        if (resource.isPresent() && !reach.isFor(resource.get(), taken.server())) {
            keep("foreign-audience", WireRefusal.Sender.of(caller), taken);
            return unauthenticated(taken, challenge(taken).invalid("the token is for another audience"));
        }
        if (taken.template().isPresent() && !Routes.isOpenTo(taken.template().get(), caller)) {
            keep("wrong-route", WireRefusal.Sender.of(caller), taken);
            return refused(
                    ProblemType.FORBIDDEN_ROUTE, "this route is not for a credential of this kind; use another one's");
        }
        Optional<String> scope = taken.template().flatMap(Routes::scope);
        if (scope.isPresent() && !reach.isGranted(scope.get())) {
            keep("missing-scope", WireRefusal.Sender.of(caller), taken);
            return refused(
                    ProblemType.FORBIDDEN_ROUTE,
                    "the token lacks the scope `" + scope.get() + "`",
                    challenge(taken).insufficient());
        }
        Callers.put(request, caller);
        return null;
    }

    private static Optional<String> token(List<String> authorization) {
        if (authorization.size() != 1) return Optional.empty();
        var matcher = BEARER.matcher(authorization.getFirst());
        return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    private Challenge challenge(Taken taken) {
        return Challenge.of(resource, taken.server(), taken.template().flatMap(Routes::scope));
    }

    private HttpResponse<?> unauthenticated(Taken taken, Challenge challenge) {
        return refused(
                ProblemType.UNAUTHENTICATED,
                challenge.why().orElse("send a key or session token as `Authorization: Bearer …`"),
                challenge);
    }

    private HttpResponse<?> refused(ProblemType type, String detail, Challenge challenge) {
        refusals.count(type);
        var response = Problems.of(type, detail);
        response.getHeaders().set(HttpHeaders.WWW_AUTHENTICATE, challenge.header());
        return response;
    }

    private HttpResponse<?> refused(ProblemType type, String detail) {
        refusals.count(type);
        return Problems.of(type, detail);
    }

    /// Keeps whose credential a request brings that is refused whatever it brings: a page may have got hold of one.
    private void lured(String fault, Optional<String> token, Taken taken) {
        if (token.isEmpty()) return;
        Optional<WireRefusal.Sender> sender = switch (credentials.identify(token.get())) {
            case Identification.Known(Caller caller, Reach reach) -> Optional.of(WireRefusal.Sender.of(caller));
            case Identification.Refused(String why, var authentic) -> authentic.map(Doorkeeper::sender);
            case Identification.Stranger(var holder) -> Optional.of(sender(holder));
        };
        sender.ifPresent(who -> keep(fault, who, taken));
    }

    private static WireRefusal.Sender sender(Identification.Holder holder) {
        return new WireRefusal.Sender("client", holder.client(), Optional.empty(), holder.user());
    }

    private void keep(String fault, WireRefusal.Sender sender, Taken taken) {
        refusals.keep(new Turned(fault, sender, taken.server(), taken.template()));
    }
}
