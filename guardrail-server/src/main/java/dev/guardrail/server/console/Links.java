package dev.guardrail.server.console;

import dev.guardrail.base.Sha256;
import dev.guardrail.base.Ticker;
import dev.guardrail.call.Caller;
import io.micronaut.context.annotation.Requires;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// Links that sign somebody in once, soon, in place of a key that would have to be typed. Safe for concurrent use.
@Singleton
@Requires(beans = KeyRing.class)
final class Links {
    static final Duration LIFE = Duration.ofSeconds(60);
    private static final int MOST = 100;

    private final Ticker ticker;
    private final SecureRandom random;
    private final Map<Sha256, Link> links = new LinkedHashMap<>();

    Links(Ticker ticker, SecureRandom random) {
        this.ticker = ticker;
        this.random = random;
    }

    private record Link(Caller caller, long made) {}

    synchronized String make(Caller caller) {
        forget();
        if (links.size() >= MOST) links.remove(links.keySet().iterator().next());
        String secret = Chance.secret(random);
        links.put(digest(secret), new Link(caller, ticker.nanos()));
        return secret;
    }

    /// Whom a link would sign in; it stays good.
    synchronized Optional<Caller> look(String secret) {
        forget();
        return Optional.ofNullable(links.get(digest(secret))).map(Link::caller);
    }

    /// Whom a link signs in; it is used up.
    synchronized Optional<Caller> use(String secret) {
        forget();
        return Optional.ofNullable(links.remove(digest(secret))).map(Link::caller);
    }

    private void forget() {
        long now = ticker.nanos();
        links.values().removeIf(link -> now - link.made() > LIFE.toNanos());
    }

    private static Sha256 digest(String secret) {
        return Sha256.of(secret.getBytes(StandardCharsets.UTF_8));
    }
}
