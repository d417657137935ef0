package dev.guardrail.server.identity;

import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.MalformedJson;
import dev.guardrail.base.Printable;
import dev.guardrail.base.StrictJson;
import dev.guardrail.base.Ticker;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The public keys that one issuer signs with, found by its metadata (RFC 8414; OpenID Connect Discovery 1.0). They are
/// read when first needed, again every few minutes, and at once for a key that nobody knows, but not more often than
/// anybody who makes up keys could wish. Metadata says where the keys lie, but only on an origin that the operator
/// named. Safe for concurrent use.
public final class IssuerKeys implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(IssuerKeys.class);
    private static final long FRESH = Duration.ofMinutes(10).toNanos();

    /// How long keys serve while the issuer cannot be read.
    private static final long STALE = Duration.ofHours(1).toNanos();

    /// Time between two readings for the sake of keys that nobody knows.
    private static final long PAUSE = Duration.ofSeconds(30).toNanos();

    /// Time between a reading that failed and the next one.
    private static final long REST = Duration.ofSeconds(2).toNanos();

    private static final int OK = 200;

    private final URI issuer;
    private final Set<Origin> origins;
    private final Ticker ticker;
    private final Reader reader = new Reader();
    private final ReentrantLock reading = new ReentrantLock();
    private volatile @Nullable Known known;
    private Optional<Long> sought = Optional.empty();
    private Optional<Long> failed = Optional.empty();

    /// @param issuer its identifier, also the place to look for its metadata
    /// @param origins beside its own, where its keys may lie
    public IssuerKeys(URI issuer, Set<Origin> origins, Ticker ticker) {
        this.issuer = issuer;
        var named = new java.util.HashSet<>(origins);
        named.add(Origin.of(issuer));
        this.origins = Set.copyOf(named);
        this.ticker = ticker;
    }

    private record Known(JWKSet keys, long at) {
        List<JWK> matching(JWSHeader header) {
            return new JWKSelector(JWKMatcher.forJWSHeader(header)).select(keys);
        }
    }

    /// The keys that a signature may have been made with; empty where there are none.
    ///
    /// @throws KeysUnavailable where the issuer cannot be read, and what was read of it is too old
    List<JWK> matching(JWSHeader header) {
        var now = current();
        var found = now.matching(header);
        return found.isEmpty() ? renewed(now).matching(header) : found;
    }

    private Known current() {
        var held = known;
        if (held != null && age(held.at()) < FRESH) return held;
        boolean usable = held != null && age(held.at()) < STALE;
        if (!usable) reading.lock();
        else if (!reading.tryLock()) return usable(held);
        try {
            held = known;
            if (held != null && age(held.at()) < FRESH) return held;
            boolean rests = failed.isPresent() && age(failed.get()) < REST;
            return rests ? usable(held) : read().orElseGet(() -> usable(known));
        } finally {
            reading.unlock();
        }
    }

    private Known usable(@Nullable Known held) {
        if (held == null || age(held.at()) >= STALE) throw new KeysUnavailable();
        return held;
    }

    /// Reads once more for a key that nobody knows: the issuer may have begun to use it.
    private Known renewed(Known seen) {
        reading.lock();
        try {
            var held = usable(known);
            boolean paused = sought.isPresent() && age(sought.get()) < PAUSE;
            if (held.at() != seen.at() || paused) return held;
            sought = Optional.of(ticker.nanos());
            return read().orElse(held);
        } finally {
            reading.unlock();
        }
    }

    private long age(long nanos) {
        return ticker.nanos() - nanos;
    }

    /// @return empty where it failed, which is told in the log
    private Optional<Known> read() {
        try {
            var document = reader.read(keysUrl());
            if (document.status() != OK) throw new IOException("its keys are answered with " + document.status());
            var fresh = new Known(JWKSet.parse(new String(document.body(), StandardCharsets.UTF_8)), ticker.nanos());
            known = fresh;
            failed = Optional.empty();
            return Optional.of(fresh);
        } catch (IOException | ParseException | MalformedJson unusable) {
            failed = Optional.of(ticker.nanos());
            LOG.warn("the keys of the issuer {} could not be read: {}", issuer, Printable.text(told(unusable)));
            return Optional.empty();
        }
    }

    /// Nothing that the issuer wrote is repeated.
    private static String told(Exception fault) {
        return fault instanceof IOException ? String.valueOf(fault.getMessage()) : "they are no strict JSON";
    }

    private URI keysUrl() throws IOException {
        for (URI place : places()) {
            var document = reader.read(place);
            if (document.status() == OK) return keysUrl(document.body());
        }
        throw new IOException("it has no metadata");
    }

    private URI keysUrl(byte[] metadata) throws IOException {
        if (!(StrictJson.parse(metadata) instanceof JsonObject object))
            throw new IOException("its metadata is no object");
        if (!object.text("issuer").equals(Optional.of(issuer.toString())))
            throw new IOException("its metadata names another issuer");
        return object.text("jwks_uri")
                .flatMap(Origin::url)
                .filter(url -> origins.contains(Origin.of(url)))
                .orElseThrow(() -> new IOException(
                        "its metadata does not say where its keys are, or names a place that is none of the issuer's"));
    }

    /// Where metadata may lie, in the order in which MCP clients look.
    private List<URI> places() {
        String origin = Origin.of(issuer).toString();
        String path = String.valueOf(issuer.getRawPath()).replaceFirst("/$", "");
        String oauth = origin + "/.well-known/oauth-authorization-server" + path;
        String inserted = origin + "/.well-known/openid-configuration" + path;
        String appended = origin + path + "/.well-known/openid-configuration";
        return java.util.stream.Stream.of(oauth, inserted, appended)
                .distinct()
                .map(URI::create)
                .toList();
    }

    @Override
    public void close() {
        reader.close();
    }
}
