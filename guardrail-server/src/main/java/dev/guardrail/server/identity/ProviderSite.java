package dev.guardrail.server.identity;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.MalformedJson;
import dev.guardrail.base.Printable;
import dev.guardrail.base.StrictJson;
import dev.guardrail.base.Ticker;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where an identity provider's pages and endpoints are, as its own document says (OpenID Connect Discovery 1.0,
/// section 4). It is read when first needed and every few minutes from then on. No address counts but on the provider's
/// own origin, or one that the operator named. Safe for concurrent use.
final class ProviderSite {
    private static final Logger LOG = LoggerFactory.getLogger(ProviderSite.class);
    private static final long FRESH = Duration.ofMinutes(10).toNanos();
    private static final String DOCUMENT = "/.well-known/openid-configuration";
    private static final int OK = 200;

    private final URI issuer;
    private final Set<Origin> origins;
    private final Reader reader;
    private final Ticker ticker;
    private @Nullable Known known;

    ProviderSite(URI issuer, Set<Origin> origins, Reader reader, Ticker ticker) {
        this.issuer = issuer;
        var named = new HashSet<>(origins);
        named.add(Origin.of(issuer));
        this.origins = Set.copyOf(named);
        this.reader = reader;
        this.ticker = ticker;
    }

    /// @param authorization where people sign in
    /// @param token where a code is turned into tokens
    /// @param farewell where people sign out; empty where there is no such place
    /// @param namesItself true where whoever is sent back always brings the issuer's name (RFC 9207)
    record Places(URI authorization, URI token, Optional<URI> farewell, boolean namesItself) {}

    private record Known(Places places, long at) {}

    /// @return empty where nobody can say now, which is told in the log
    synchronized Optional<Places> places() {
        long now = ticker.nanos();
        if (known != null && now - known.at() < FRESH) return Optional.of(known.places());
        try {
            Places places = read();
            known = new Known(places, now);
            return Optional.of(places);
        } catch (IOException | MalformedJson unusable) {
            String told =
                    unusable instanceof IOException ? String.valueOf(unusable.getMessage()) : "it is no strict JSON";
            LOG.warn("the document of the issuer {} could not be used: {}", issuer, Printable.text(told));
            return Optional.empty();
        }
    }

    private Places read() throws IOException {
        var document = reader.read(URI.create(issuer.toString().replaceFirst("/$", "") + DOCUMENT));
        if (document.status() != OK) throw new IOException("it is answered with " + document.status());
        if (!(StrictJson.parse(document.body()) instanceof JsonObject object)) throw new IOException("it is no object");
        if (!object.text("issuer").equals(Optional.of(issuer.toString())))
            throw new IOException("it names another issuer");
        return new Places(
                place(object, "authorization_endpoint").orElseThrow(() -> missing("authorization_endpoint")),
                place(object, "token_endpoint").orElseThrow(() -> missing("token_endpoint")),
                place(object, "end_session_endpoint"),
                object.isTrue("authorization_response_iss_parameter_supported"));
    }

    private Optional<URI> place(JsonObject object, String name) {
        return object.text(name).flatMap(Origin::url).filter(url -> origins.contains(Origin.of(url)));
    }

    private static IOException missing(String name) {
        return new IOException("its `" + name + "` is missing, or on an origin that is none of the issuer's");
    }
}
