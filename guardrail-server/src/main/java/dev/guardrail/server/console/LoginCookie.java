package dev.guardrail.server.console;

import io.micronaut.http.HttpRequest;
import io.micronaut.http.cookie.Cookie;
import io.micronaut.http.cookie.SameSite;
import java.time.Duration;
import java.util.Optional;

/// The cookie that binds the way to the identity provider and back to one browser. It has to come back from another
/// site (`SameSite=Lax`), and opens nothing by itself. Its name holds the port, as the visit's does.
final class LoginCookie {
    private LoginCookie() {}

    static Optional<String> read(HttpRequest<?> request) {
        return request.getCookies().findCookie(name(request)).map(Cookie::getValue);
    }

    static Cookie make(HttpRequest<?> request, String secret) {
        return make(request, secret, Attempts.LIFE);
    }

    static Cookie gone(HttpRequest<?> request) {
        return make(request, "", Duration.ZERO);
    }

    private static Cookie make(HttpRequest<?> request, String secret, Duration life) {
        return Cookie.of(name(request), secret)
                .path(IssuerDoor.RETURN)
                .httpOnly(true)
                .secure(request.isSecure())
                .sameSite(SameSite.Lax)
                .maxAge(life);
    }

    private static String name(HttpRequest<?> request) {
        return "guardrail_login_" + request.getServerAddress().getPort();
    }
}
