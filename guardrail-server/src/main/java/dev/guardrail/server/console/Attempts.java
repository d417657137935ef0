package dev.guardrail.server.console;

import dev.guardrail.base.Sha256;
import dev.guardrail.base.Ticker;
import dev.guardrail.server.door.IssuerSignIn.Attempt;
import io.micronaut.context.annotation.Requires;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// Who is on the way to the identity provider and back: each browser holds a secret, and here is what it has to bring
/// back, once, soon. Kept in memory; a restart sends them there again. Safe for concurrent use.
@Singleton
@Requires(beans = KeyRing.class)
final class Attempts {
    static final Duration LIFE = Duration.ofMinutes(10);
    private static final int MOST = 1_000;

    private final Ticker ticker;
    private final SecureRandom random;
    private final Map<Sha256, Kept> attempts = new LinkedHashMap<>();

    Attempts(Ticker ticker, SecureRandom random) {
        this.ticker = ticker;
        this.random = random;
    }

    /// @param next where in the console it leads
    record Kept(Attempt attempt, String next, long made) {}

    /// @return what the browser keeps
    synchronized String keep(Attempt attempt, String next) {
        forget();
        if (attempts.size() >= MOST)
            attempts.remove(attempts.keySet().iterator().next());
        String secret = Chance.secret(random);
        attempts.put(digest(secret), new Kept(attempt, next, ticker.nanos()));
        return secret;
    }

    /// What was kept for a browser; it is used up, good or not.
    synchronized Optional<Kept> take(String secret) {
        forget();
        return Optional.ofNullable(attempts.remove(digest(secret)));
    }

    private void forget() {
        long now = ticker.nanos();
        attempts.values().removeIf(kept -> now - kept.made() > LIFE.toNanos());
    }

    private static Sha256 digest(String secret) {
        return Sha256.of(secret.getBytes(StandardCharsets.UTF_8));
    }
}
