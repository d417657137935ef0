package dev.guardrail.server.console;

import io.micronaut.context.annotation.Requires;
import io.micronaut.core.annotation.Order;
import io.micronaut.core.order.Ordered;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.annotation.RequestFilter;
import io.micronaut.http.annotation.ResponseFilter;
import io.micronaut.http.annotation.ServerFilter;
import java.security.SecureRandom;

/// What every answer of the console tells the browser, whoever made the answer: run nothing but our own script, load
/// nothing from elsewhere, be shown in nobody's frame, keep nothing, tell nobody where one came from.
@ServerFilter({"/", "/console", "/console/**"})
@Order(Ordered.HIGHEST_PRECEDENCE)
@Requires(beans = Pages.class)
final class Armour {
    private static final String NONCE = "guardrail.nonce";
    private static final int NONCE_BYTES = 16;

    private final SecureRandom random;

    Armour(SecureRandom random) {
        this.random = random;
    }

    /// What the page's own script carries; another one with each answer.
    static String nonce(HttpRequest<?> request) {
        return request.getAttribute(NONCE, String.class).orElse("");
    }

    @RequestFilter
    void draw(HttpRequest<?> request) {
        request.setAttribute(NONCE, Chance.text(random, NONCE_BYTES));
    }

    @ResponseFilter
    void put(HttpRequest<?> request, MutableHttpResponse<?> response) {
        var headers = response.getHeaders();
        headers.set("Content-Security-Policy", policy(nonce(request)));
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("Referrer-Policy", "no-referrer");
        headers.set("Cross-Origin-Opener-Policy", "same-origin");
        headers.set("Cross-Origin-Resource-Policy", "same-origin");
        headers.set("X-Frame-Options", "DENY");
        headers.set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()");
        if (!headers.contains("Cache-Control")) headers.set("Cache-Control", "no-store");
    }

    private static String policy(String nonce) {
        return "default-src 'none'; script-src " + (nonce.isEmpty() ? "'none'" : "'nonce-" + nonce + "'")
                + "; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; form-action 'self';"
                + " frame-ancestors 'none'; base-uri 'none'";
    }
}
