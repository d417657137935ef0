package dev.guardrail.server.console;

import dev.guardrail.base.Sha256;
import dev.guardrail.base.Ticker;
import dev.guardrail.call.Caller;
import io.micronaut.context.annotation.Requires;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// Who is signed in. A browser holds a secret of 256 bits, and here is its digest, in memory alone: a restart signs
/// everybody out, and with it whoever's key was taken away. Safe for concurrent use.
@Singleton
@Requires(beans = KeyRing.class)
public final class Visits {
    /// A visit without a request ends after this.
    public static final Duration IDLE = Duration.ofHours(1);

    /// Every visit ends after this.
    public static final Duration LONGEST = Duration.ofHours(12);

    /// Beyond so many, the oldest ends.
    private static final int MOST = 1_000;

    private final Ticker ticker;
    private final SecureRandom random;
    private final Map<Sha256, Open> open = new LinkedHashMap<>();
    private final Map<String, String> words = new HashMap<>();

    public Visits(Ticker ticker, SecureRandom random) {
        this.ticker = ticker;
        this.random = random;
    }

    /// @param secret what the browser keeps
    public record Begun(Visit visit, String secret) {
        @Override
        public String toString() {
            return visit.toString();
        }
    }

    private record Open(Visit visit, Duration longest, long begun, long seen) {
        boolean isOver(long now) {
            return now - begun > longest.toNanos() || now - seen > IDLE.toNanos();
        }
    }

    public Begun begin(Caller caller) {
        return begin(caller, LONGEST, false);
    }

    /// @param longest how long it lasts; never longer than any visit
    /// @param vouched whether an identity provider said who it is
    public synchronized Begun begin(Caller caller, Duration longest, boolean vouched) {
        Duration life = longest.compareTo(LONGEST) < 0 ? longest : LONGEST;
        long now = ticker.nanos();
        open.values().removeIf(each -> each.isOver(now));
        if (open.size() >= MOST) open.remove(open.keySet().iterator().next());
        String secret = Chance.secret(random);
        var visit = new Visit("vis_" + Chance.text(random, 12), caller, Chance.secret(random), vouched);
        open.put(digest(secret), new Open(visit, life, now, now));
        return new Begun(visit, secret);
    }

    /// Whose secret it is, and that they are here.
    public synchronized Optional<Visit> find(String secret) {
        Sha256 digest = digest(secret);
        long now = ticker.nanos();
        Open found = open.get(digest);
        if (found == null) return Optional.empty();
        if (found.isOver(now)) {
            open.remove(digest);
            return Optional.empty();
        }
        open.put(digest, new Open(found.visit(), found.longest(), found.begun(), now));
        return Optional.of(found.visit());
    }

    /// True until the visit ends. An open page alone does not keep it going.
    public synchronized boolean isOpen(Visit visit) {
        long now = ticker.nanos();
        return open.values().stream().anyMatch(each -> each.visit().id().equals(visit.id()) && !each.isOver(now));
    }

    public synchronized void end(Visit visit) {
        open.values().removeIf(each -> each.visit().id().equals(visit.id()));
        words.remove(visit.id());
    }

    /// Something that the next page confirms, once.
    ///
    /// @param word one sentence of ours
    synchronized void say(Visit visit, String word) {
        words.keySet()
                .retainAll(open.values().stream().map(each -> each.visit().id()).toList());
        words.put(visit.id(), word);
    }

    /// What was to be confirmed; empty for nothing.
    synchronized String said(Visit visit) {
        String word = words.remove(visit.id());
        return word == null ? "" : word;
    }

    private static Sha256 digest(String secret) {
        return Sha256.of(secret.getBytes(StandardCharsets.UTF_8));
    }
}
