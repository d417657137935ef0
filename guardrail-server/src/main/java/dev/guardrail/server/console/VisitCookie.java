package dev.guardrail.server.console;

import io.micronaut.http.HttpRequest;
import io.micronaut.http.cookie.Cookie;
import io.micronaut.http.cookie.SameSite;
import java.time.Duration;
import java.util.Optional;

/// The cookie that a visit is known by. Cookies know no ports, so that its name holds the one of this guard: two of
/// them
/// on one machine do not sign each other out.
final class VisitCookie {
    private VisitCookie() {}

    static Optional<String> read(HttpRequest<?> request) {
        return request.getCookies().findCookie(name(request)).map(Cookie::getValue);
    }

    static Cookie make(HttpRequest<?> request, String secret) {
        return Cookie.of(name(request), secret)
                .path("/console")
                .httpOnly(true)
                .secure(request.isSecure())
                .sameSite(SameSite.Strict);
    }

    static Cookie gone(HttpRequest<?> request) {
        return make(request, "").maxAge(Duration.ZERO);
    }

    private static String name(HttpRequest<?> request) {
        return "guardrail_visit_" + request.getServerAddress().getPort();
    }
}
