package dev.guardrail.server.console.approvals;

import dev.guardrail.base.Sha256;
import dev.guardrail.base.Ticker;
import dev.guardrail.server.console.KeyRing;
import dev.guardrail.server.console.Visit;
import io.micronaut.context.annotation.Requires;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// What lets a page of one request decide it, once. It stands in that page's forms and nowhere else, so nothing that
/// was
/// not rendered there decides anything. Safe for concurrent use.
@Singleton
@Requires(beans = KeyRing.class)
final class DecisionTokens {
    private static final Duration LIFE = Duration.ofHours(1);
    private static final int MOST = 5_000;
    private static final int BYTES = 32;

    private final Ticker ticker;
    private final SecureRandom random;
    private final Map<Sha256, Bound> tokens = new LinkedHashMap<>();

    DecisionTokens(Ticker ticker, SecureRandom random) {
        this.ticker = ticker;
        this.random = random;
    }

    /// What a token is for.
    ///
    /// @param digest of the arguments that the page showed
    /// @param read true where the page left nothing out
    record Bound(String visit, String ticket, String digest, boolean read, long made) {}

    /// @param ticket id of a request, or a word for a page of several
    synchronized String make(Visit visit, String ticket, String digest, boolean read) {
        long now = ticker.nanos();
        tokens.values().removeIf(bound -> now - bound.made() > LIFE.toNanos());
        if (tokens.size() >= MOST) tokens.remove(tokens.keySet().iterator().next());
        byte[] drawn = new byte[BYTES];
        random.nextBytes(drawn);
        String token = Base64.getUrlEncoder().withoutPadding().encodeToString(drawn);
        tokens.put(name(token), new Bound(visit.id(), ticket, digest, read, now));
        return token;
    }

    /// Uses a token up, whatever comes of it.
    ///
    /// @return empty where it is not for this visitor and this request, was used, or is too old
    synchronized Optional<Bound> use(Visit visit, String ticket, String token) {
        Bound bound = tokens.remove(name(token));
        return Optional.ofNullable(bound)
                .filter(found -> ticker.nanos() - found.made() <= LIFE.toNanos())
                .filter(found ->
                        found.visit().equals(visit.id()) && found.ticket().equals(ticket));
    }

    private static Sha256 name(String token) {
        return Sha256.of(token.getBytes(StandardCharsets.UTF_8));
    }
}
