package dev.guardrail.server.console;

import io.micronaut.http.HttpRequest;
import io.micronaut.http.cookie.Cookie;
import io.micronaut.http.cookie.SameSite;
import java.time.Duration;
import java.util.Set;

/// Light or dark, as somebody chose it for this browser.
final class Theme {
    static final String AUTO = "auto";
    private static final Set<String> WORDS = Set.of("light", "dark", AUTO);
    private static final String COOKIE = "guardrail_theme";

    private Theme() {}

    static String of(HttpRequest<?> request) {
        return request.getCookies()
                .findCookie(COOKIE)
                .map(Cookie::getValue)
                .filter(WORDS::contains)
                .orElse(AUTO);
    }

    static boolean isOne(String word) {
        return WORDS.contains(word);
    }

    static Cookie cookie(HttpRequest<?> request, String word) {
        return Cookie.of(COOKIE, word)
                .path("/console")
                .httpOnly(true)
                .secure(request.isSecure())
                .sameSite(SameSite.Strict)
                .maxAge(Duration.ofDays(365));
    }
}
