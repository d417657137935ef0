package dev.guardrail.server.console;

import dev.guardrail.call.Caller;
import dev.guardrail.journal.WireRefusal;
import dev.guardrail.server.door.IssuerSignIn;
import dev.guardrail.server.door.RefusalBook;
import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.Produces;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/// Where one signs in with a key or with a link that was got for one, and out.
@Controller("/console")
@Consumes(MediaType.ALL)
@Produces(MediaType.ALL)
@ExecuteOn(TaskExecutors.BLOCKING)
@Requires(beans = Pages.class)
final class SignInDoor {
    static final String HOME = "/console/approvals";
    private static final Pattern OURS =
            Pattern.compile("/console(/[A-Za-z0-9][A-Za-z0-9_.-]*)*(\\?[A-Za-z0-9_.=&%+-]*)?");
    private static final int LONGEST_KEY = 8_000;
    static final Pages.Kind SIGN_IN = new Pages.Kind("sign-in.jte", null, "Sign in");

    private final KeyRing keys;
    private final Visits visits;
    private final Links links;
    private final Pages pages;
    private final RefusalBook refusals;
    private final String provider;

    SignInDoor(
            KeyRing keys,
            Visits visits,
            Links links,
            Pages pages,
            RefusalBook refusals,
            IssuerSignIn.Configured configured) {
        this.keys = keys;
        this.visits = visits;
        this.links = links;
        this.pages = pages;
        this.refusals = refusals;
        this.provider = configured.signIn().map(IssuerSignIn::host).orElse("");
    }

    /// An address of the console, or its home in place of any other.
    static String next(String address) {
        boolean back = address.startsWith("/console/sign-") || address.startsWith("/console/enter");
        return OURS.matcher(address).matches() && !back ? address : HOME;
    }

    @Get("/sign-in")
    HttpResponse<?> ask(HttpRequest<?> request) {
        return pages.answered(request, () -> {
            String next = next(request.getParameters().getFirst("next").orElse(HOME));
            return Visit.find(request).isPresent()
                    ? Pages.to(next)
                    : pages.page(request, SIGN_IN, new SignIn(next, "", provider));
        });
    }

    @Post("/sign-in")
    HttpResponse<?> signIn(HttpRequest<byte[]> request) {
        return pages.answered(request, () -> {
            var form = Form.unsigned(request);
            String next = next(form.text("next").orElse(HOME));
            String key = form.text("key", LONGEST_KEY).strip();
            if (key.isEmpty()) return again(request, 422, next, "Type your key.");
            Optional<Caller> owner = keys.owner(key);
            if (owner.isEmpty())
                return again(
                        request, 401, next, "This is nobody's key. Take the one that an operator of this guard has.");
            Optional<String> objection = objection(owner.get());
            if (objection.isPresent()) {
                turnedAway(request, owner.get());
                return again(request, 403, next, objection.get());
            }
            return begun(request, owner.get(), next);
        });
    }

    private HttpResponse<?> again(HttpRequest<?> request, int status, String next, String why) {
        return pages.page(request, status, SIGN_IN, new SignIn(next, why, provider));
    }

    private static Optional<String> objection(Caller owner) {
        String kind = owner.kind().name().toLowerCase(Locale.ROOT);
        return switch (owner.kind()) {
            case AGENT, HOST ->
                Optional.of("This is the key of the " + kind + " " + owner.name()
                        + ". Agents and hosts never decide, so it opens nothing here; take an operator's.");
            case OPERATOR ->
                Ways.OPERATORS.stream().anyMatch(owner.roles()::contains)
                        ? Optional.empty()
                        : Optional.of("This operator has no role. An admin gives one in guardrail.yaml.");
        };
    }

    private void turnedAway(HttpRequest<?> request, Caller owner) {
        refusals.note(new WireRefusal(
                "console",
                "wrong-route",
                WireRefusal.Sender.of(owner),
                Optional.empty(),
                Route.of(request),
                Optional.empty()));
    }

    private HttpResponse<?> begun(HttpRequest<?> request, Caller owner, String next) {
        Visit.find(request).ifPresent(visits::end);
        var begun = visits.begin(owner);
        return Pages.to(next).cookie(VisitCookie.make(request, begun.secret()));
    }

    /// What a link leads to. Nothing is used up by looking: whatever reads links ahead signs nobody in.
    @Get("/enter")
    HttpResponse<?> look(HttpRequest<?> request) {
        return pages.answered(request, () -> {
            String link = request.getParameters().getFirst("link").orElse("");
            return links.look(link)
                    .filter(caller -> Loopback.is(request))
                    .<HttpResponse<?>>map(caller -> pages.page(
                            request, new Pages.Kind("enter.jte", null, "Sign in"), new Entry(link, caller.name())))
                    .orElseGet(() -> gone(request));
        });
    }

    @Post("/enter")
    HttpResponse<?> enter(HttpRequest<byte[]> request) {
        return pages.answered(request, () -> {
            String link = Form.unsigned(request).text("link", LONGEST_KEY);
            if (!Loopback.is(request)) return gone(request);
            Optional<Caller> caller = links.use(link);
            return caller.isPresent() ? begun(request, caller.get(), HOME) : gone(request);
        });
    }

    private HttpResponse<?> gone(HttpRequest<?> request) {
        return again(
                request,
                410,
                HOME,
                "This link is used up, too old, or not for this machine. Get another one with ./guardrail console, or"
                        + " type your key.");
    }

    @Post("/sign-out")
    HttpResponse<?> signOut(HttpRequest<byte[]> request) {
        return pages.answered(request, () -> {
            Form.of(request);
            Visit visit = Visit.of(request);
            visits.end(visit);
            return Pages.to(visit.vouched() ? "/console/sign-in/out" : "/console/sign-in")
                    .cookie(VisitCookie.gone(request));
        });
    }

    @Post("/theme")
    HttpResponse<?> theme(HttpRequest<byte[]> request) {
        return pages.answered(request, () -> {
            var form = Form.of(request);
            String word = form.text("theme").filter(Theme::isOne).orElse(Theme.AUTO);
            return Pages.to(next(form.text("next").orElse(HOME))).cookie(Theme.cookie(request, word));
        });
    }
}
