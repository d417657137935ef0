package dev.guardrail.server.console;

import dev.guardrail.base.Printable;
import dev.guardrail.journal.WireRefusal;
import dev.guardrail.server.door.IssuerSignIn;
import dev.guardrail.server.door.IssuerSignIn.Beginning;
import dev.guardrail.server.door.IssuerSignIn.Outcome;
import dev.guardrail.server.door.RefusalBook;
import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Produces;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Where one goes to the identity provider from, and comes back to. Coming back is the one navigation from another site
/// that does something: it needs what this browser was given when it left, and works once.
@Controller("/console/sign-in")
@Consumes(MediaType.ALL)
@Produces(MediaType.ALL)
@ExecuteOn(TaskExecutors.BLOCKING)
@Requires(beans = Pages.class)
final class IssuerDoor {
    static final String RETURN = "/console/sign-in/return";
    private static final String AGAIN = "/console/sign-in";
    private static final int MOST_NAMED = 20;
    private static final int LONGEST_NAME = 80;

    private final Optional<IssuerSignIn> provider;
    private final Attempts attempts;
    private final Visits visits;
    private final Pages pages;
    private final RefusalBook refusals;

    IssuerDoor(
            IssuerSignIn.Configured configured, Attempts attempts, Visits visits, Pages pages, RefusalBook refusals) {
        this.provider = configured.signIn();
        this.attempts = attempts;
        this.visits = visits;
        this.pages = pages;
        this.refusals = refusals;
    }

    @Get("/issuer")
    HttpResponse<?> leave(HttpRequest<?> request) {
        return answered(request, issuer -> {
            String next =
                    SignInDoor.next(request.getParameters().getFirst("next").orElse(SignInDoor.HOME));
            String ask = AGAIN + "?next=" + URLEncoder.encode(next, StandardCharsets.UTF_8);
            // The cookie belongs to one name of this guard, and the provider leads back to one.
            if (!isAt(request, issuer)) return HttpResponse.seeOther(URI.create(issuer.base() + ask));
            if (!isOurs(request)) return Pages.to(ask);
            return switch (issuer.begin(RETURN)) {
                case Beginning.Unavailable(String why) -> again(request, 503, next, why);
                case Beginning.Begun(URI address, IssuerSignIn.Attempt attempt) ->
                    HttpResponse.seeOther(address).cookie(LoginCookie.make(request, attempts.keep(attempt, next)));
            };
        });
    }

    private static boolean isAt(HttpRequest<?> request, IssuerSignIn issuer) {
        return request.getHeaders()
                .get("Host", String.class)
                .filter(host -> issuer.base().endsWith("://" + host))
                .isPresent();
    }

    /// No other site sends anybody on the way.
    private static boolean isOurs(HttpRequest<?> request) {
        return Entrance.OWN.containsAll(request.getHeaders().getAll("Sec-Fetch-Site"));
    }

    @Get("/return")
    HttpResponse<?> comeBack(HttpRequest<?> request) {
        return answered(request, issuer -> {
            var kept = LoginCookie.read(request).flatMap(attempts::take);
            var answer = kept.isEmpty() || !isNavigation(request)
                    ? again(
                            request,
                            400,
                            SignInDoor.HOME,
                            "this browser did not go from here to " + issuer.host()
                                    + " lately, or has come back already, so nobody was signed in; start again here")
                    : ended(request, issuer, kept.get());
            return answer.cookie(LoginCookie.gone(request));
        });
    }

    /// A page that somebody goes to, and nothing that a page loads.
    private static boolean isNavigation(HttpRequest<?> request) {
        return List.of("navigate").containsAll(request.getHeaders().getAll("Sec-Fetch-Mode"))
                && List.of("document").containsAll(request.getHeaders().getAll("Sec-Fetch-Dest"));
    }

    private MutableHttpResponse<?> ended(HttpRequest<?> request, IssuerSignIn issuer, Attempts.Kept kept) {
        return switch (issuer.end(kept.attempt(), returned(request), RETURN)) {
            case Outcome.Admitted(var caller) -> {
                Visit.find(request).ifPresent(visits::end);
                var begun = visits.begin(caller, issuer.visit(), true);
                // A browser keeps the cookie back until one of our own pages leads on.
                yield pages.page(request, new Pages.Kind("onward.jte", null, "Guardrail"), kept.next())
                        .cookie(VisitCookie.make(request, begun.secret()));
            }
            case Outcome.Stranger stranger -> {
                note(request, "no-role", issuer, stranger.name());
                yield again(request, 403, kept.next(), told(issuer, stranger));
            }
            case Outcome.Taken(String name, String other, String subject) -> {
                note(request, "taken-name", issuer, name);
                yield again(request, 403, kept.next(), told(issuer, name, other, subject));
            }
            case Outcome.Refused(String why) -> again(request, 403, kept.next(), why + ", so nobody was signed in");
            case Outcome.Unavailable(String why) -> again(request, 503, kept.next(), why);
        };
    }

    /// What stands in the address once; what stands there twice counts for nothing.
    private static Map<String, String> returned(HttpRequest<?> request) {
        var returned = new HashMap<String, String>();
        for (String name : List.of("state", "code", "iss", "error")) {
            List<String> values = request.getParameters().getAll(name);
            if (values.size() == 1) returned.put(name, values.getFirst());
        }
        return returned;
    }

    private static String told(IssuerSignIn issuer, Outcome.Stranger stranger) {
        String who = issuer.host() + " knows you as `" + Printable.text(stranger.name()) + "`, and none of your groups"
                + " there has a role here. ";
        String seen = stranger.groups()
                .map(groups -> groups.isEmpty()
                        ? "`" + stranger.claim() + "` names no group"
                        : "Groups seen in `" + stranger.claim() + "`: " + listed(groups))
                .orElse("The token holds no `" + stranger.claim() + "` at all: an admin looks at `scopes` and `groups`"
                        + " of `identity.signIn`");
        return who + seen + ". Ask an admin of this guard to give one of your groups a role in guardrail.yaml"
                + " (`identity.signIn.roles`), or an admin of " + issuer.host()
                + " to put you into one that has a role";
    }

    private static String listed(List<String> groups) {
        String listed = groups.stream()
                .limit(MOST_NAMED)
                .map(group -> Printable.text(group, LONGEST_NAME))
                .collect(Collectors.joining(", "));
        return groups.size() > MOST_NAMED ? listed + " and " + (groups.size() - MOST_NAMED) + " more" : listed;
    }

    private static String told(IssuerSignIn issuer, String name, String other, String subject) {
        return issuer.host() + " knows you as `" + Printable.text(name) + "`, and `" + Printable.text(other)
                + "` is an operator here already, who may be you or somebody else. If it is you, an admin writes"
                + " `subject: \"" + Printable.text(subject) + "\"` to that operator in guardrail.yaml";
    }

    private void note(HttpRequest<?> request, String fault, IssuerSignIn issuer, String name) {
        refusals.note(new WireRefusal(
                "console",
                fault,
                new WireRefusal.Sender("provider", issuer.host(), Optional.empty(), Optional.of(name)),
                Optional.empty(),
                Route.of(request),
                Optional.empty()));
    }

    @Get("/out")
    HttpResponse<?> out(HttpRequest<?> request) {
        return answered(request, issuer -> {
            Optional<URI> farewell = Visit.find(request).isPresent() ? Optional.empty() : issuer.farewell(AGAIN);
            return farewell.<HttpResponse<?>>map(address -> pages.page(
                            request,
                            new Pages.Kind("signed-out.jte", null, "Signed out"),
                            new SignedOut(issuer.host(), address.toString())))
                    .orElseGet(() -> Pages.to(AGAIN));
        });
    }

    private HttpResponse<?> answered(HttpRequest<?> request, Function<IssuerSignIn, HttpResponse<?>> work) {
        return pages.answered(
                request,
                () -> provider.<HttpResponse<?>>map(work)
                        .orElseGet(() -> pages.problem(
                                request, 404, "no identity provider is configured, so one signs in with a key")));
    }

    private MutableHttpResponse<byte[]> again(HttpRequest<?> request, int status, String next, String why) {
        String host = provider.map(IssuerSignIn::host).orElse("");
        String first = why.startsWith(host) ? host : why.substring(0, 1).toUpperCase(Locale.ROOT);
        String sentence = first + why.substring(first.length()) + ".";
        return pages.page(request, status, SignInDoor.SIGN_IN, new SignIn(next, sentence, host));
    }
}
