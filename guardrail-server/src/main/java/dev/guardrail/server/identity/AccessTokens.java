package dev.guardrail.server.identity;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.crypto.factories.DefaultJWSVerifierFactory;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.MalformedJson;
import dev.guardrail.base.StrictJson;
import dev.guardrail.server.door.ProtectedResource;
import java.security.Key;
import java.text.ParseException;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// Verifies access tokens of one issuer: JWTs signed with one of its published keys (RFC 9068; RFC 8725). What a token
/// says of its own keys, and every algorithm but the few listed, is refused.
public final class AccessTokens {
    private static final Pattern FORM = Pattern.compile("[\\w-]{2,}\\.[\\w-]{2,}\\.[\\w-]*");
    private static final Set<JWSAlgorithm> ALGORITHMS = Set.of(
            JWSAlgorithm.RS256,
            JWSAlgorithm.RS384,
            JWSAlgorithm.RS512,
            JWSAlgorithm.PS256,
            JWSAlgorithm.PS384,
            JWSAlgorithm.PS512,
            JWSAlgorithm.ES256,
            JWSAlgorithm.ES384,
            JWSAlgorithm.ES512);
    private static final Set<String> TYPES = Set.of("jwt", "at+jwt", "application/at+jwt");
    private static final int SHORTEST_RSA = 2_048;

    /// Keys that are tried for one token without a key id.
    private static final int TRIED = 8;

    private final ProtectedResource resource;
    private final IssuerKeys keys;
    private final InstantSource clock;

    public AccessTokens(ProtectedResource resource, IssuerKeys keys, InstantSource clock) {
        this.resource = resource;
        this.keys = keys;
        this.clock = clock;
    }

    /// What was made of a token.
    sealed interface Verified {
        record Good(Claims claims) implements Verified {}

        /// @param why one lower-case clause, in ASCII
        /// @param claims where the signature is the issuer's
        record Bad(String why, Optional<Claims> claims) implements Verified {
            static Bad unsigned(String why) {
                return new Bad(why, Optional.empty());
            }
        }
    }

    /// Whether it looks like one; nothing else that is a credential here does.
    static boolean isOne(String token) {
        return FORM.matcher(token).matches();
    }

    /// @throws KeysUnavailable where nobody can say now
    Verified verify(String token) {
        try {
            String[] parts = token.split("\\.", -1);
            var headerPart = new Base64URL(parts[0]);
            Optional<String> fault = fault(object(headerPart));
            if (fault.isPresent()) return Verified.Bad.unsigned(fault.get());
            var payload = new Base64URL(parts[1]);
            var signed = new JWSObject(headerPart, payload, new Base64URL(parts[2]));
            if (!isSigned(signed)) return Verified.Bad.unsigned("the token is not signed by the issuer");
            return judged(new Claims(object(payload)));
        } catch (ParseException | MalformedJson malformed) {
            return Verified.Bad.unsigned("the token is malformed");
        }
    }

    /// What follows is read by the one strict parser, so that no name stands twice.
    private static JsonObject object(Base64URL part) {
        if (StrictJson.parse(part.decode()) instanceof JsonObject object) return object;
        throw new MalformedJson("no object");
    }

    private static Optional<String> fault(JsonObject header) {
        if (header.text("alg")
                .map(JWSAlgorithm::parse)
                .filter(ALGORITHMS::contains)
                .isEmpty()) return Optional.of("the token is signed by an algorithm that is not taken");
        Optional<String> type = header.text("typ").map(text -> text.toLowerCase(Locale.ROOT));
        if (header.has("typ") && type.filter(TYPES::contains).isEmpty())
            return Optional.of("the token is of another kind");
        return header.has("crit") || header.has("b64")
                ? Optional.of("the token asks for what is not understood")
                : Optional.empty();
    }

    private boolean isSigned(JWSObject signed) {
        return keys.matching(signed.getHeader()).stream()
                .limit(TRIED)
                .flatMap(key -> verifier(key).stream())
                .anyMatch(key -> isSigned(signed, key));
    }

    private static Optional<Key> verifier(JWK key) {
        try {
            return switch (key) {
                case RSAKey rsa when rsa.size() >= SHORTEST_RSA -> Optional.of(rsa.toRSAPublicKey());
                case ECKey curve -> Optional.of(curve.toECPublicKey());
                default -> Optional.empty();
            };
        } catch (JOSEException unusable) {
            return Optional.empty();
        }
    }

    private static boolean isSigned(JWSObject signed, Key key) {
        try {
            return signed.verify(new DefaultJWSVerifierFactory().createJWSVerifier(signed.getHeader(), key));
        } catch (JOSEException unfit) {
            return false;
        }
    }

    private Verified judged(Claims claims) {
        if (!claims.issuer().equals(Optional.of(resource.issuer())))
            return Verified.Bad.unsigned("the token is another issuer's");
        return claims.fault(clock.instant(), name -> name.equals(resource.audience()) || isDoor(name))
                .<Verified>map(why -> new Verified.Bad(why, Optional.of(claims)))
                .orElseGet(() -> new Verified.Good(claims));
    }

    private boolean isDoor(String name) {
        return name.startsWith(resource.name(""));
    }
}
