package dev.guardrail.server.upstream;

import dev.guardrail.base.Sha256;
import dev.guardrail.base.Ticker;
import dev.guardrail.server.upstream.TokenEndpoint.Issued;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Tokens of one upstream, each fetched once for all who wait for it and kept until shortly before its end. Safe for
/// concurrent use.
final class Tokens {
    /// A token is not used in the last fifth of its life, or the last half minute where that is shorter.
    private static final int SHARE = 5;

    private static final Duration LAST = Duration.ofSeconds(30);

    /// Owners whose tokens are kept; a token more ends those that are over.
    static final int MOST = 10_000;

    /// Time between a refusal and the next asking for the same owner.
    private static final long REST = Duration.ofSeconds(1).toNanos();

    private final Ticker ticker;
    private final TokenGrant.Watch watch;
    private final Map<Optional<Sha256>, Slot> slots = new ConcurrentHashMap<>();

    Tokens(Ticker ticker, TokenGrant.Watch watch) {
        this.ticker = ticker;
        this.watch = watch;
    }

    private static final class Slot {
        private final ReentrantLock lock = new ReentrantLock();
        private volatile @Nullable Live live;
        private @Nullable Refused refused;
    }

    private record Live(String token, long end) {}

    private record Refused(CredentialUnavailable why, long until) {}

    /// @param owner whose token it is; empty for our own
    /// @param longest how long it may be used at most
    /// @throws CredentialUnavailable where there is none
    String token(Optional<Sha256> owner, Duration longest, Supplier<Issued> source) {
        if (slots.size() >= MOST && !slots.containsKey(owner)) makeRoom();
        var slot = slots.computeIfAbsent(owner, key -> new Slot());
        var live = slot.live;
        if (live != null && ticker.nanos() - live.end() < 0) return live.token();
        slot.lock.lock();
        try {
            live = slot.live;
            if (live != null && ticker.nanos() - live.end() < 0) return live.token();
            return fetched(slot, longest, source);
        } finally {
            slot.lock.unlock();
        }
    }

    private String fetched(Slot slot, Duration longest, Supplier<Issued> source) {
        var refused = slot.refused;
        if (refused != null && ticker.nanos() - refused.until() < 0) throw refused.why();
        try {
            Issued issued = source.get();
            watch.issued(issued.token(), issued.life());
            Duration early = issued.life().dividedBy(SHARE);
            Duration life = issued.life().minus(early.compareTo(LAST) < 0 ? early : LAST);
            Duration used = life.compareTo(longest) < 0 ? life : longest;
            slot.live = new Live(issued.token(), ticker.nanos() + used.toNanos());
            slot.refused = null;
            return issued.token();
        } catch (CredentialUnavailable why) {
            slot.refused = new Refused(why, ticker.nanos() + REST);
            throw why;
        }
    }

    private void makeRoom() {
        slots.values().removeIf(slot -> isOver(slot.live));
        if (slots.size() >= MOST) throw new CredentialUnavailable("has tokens for too many users at a time");
    }

    private boolean isOver(@Nullable Live live) {
        return live == null || ticker.nanos() - live.end() >= 0;
    }

    /// Forgets a token that the upstream refused; one that is already another stays.
    void forget(Optional<Sha256> owner, String token) {
        var slot = slots.get(owner);
        if (slot == null) return;
        slot.lock.lock();
        try {
            var live = slot.live;
            if (live != null && live.token().equals(token)) slot.live = null;
        } finally {
            slot.lock.unlock();
        }
    }
}
