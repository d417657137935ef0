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
import java.security.Key;
import java.text.ParseException;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// Reads JWTs that are signed with one of an issuer's published keys. What a token says of its own keys, and every
/// algorithm but the few listed, is refused (RFC 8725).
final class SignedTokens {
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
    private static final int SHORTEST_RSA = 2_048;

    /// Keys that are tried for one token without a key id.
    private static final int TRIED = 8;

    private final IssuerKeys keys;
    private final Set<String> types;

    /// @param types of token that are taken where a token says its type, in lower case
    SignedTokens(IssuerKeys keys, Set<String> types) {
        this.keys = keys;
        this.types = Set.copyOf(types);
    }

    /// What a token was found to be.
    sealed interface Read {
        /// Its issuer signed it; what it says is still to be judged.
        record Signed(Claims claims) implements Read {}

        /// @param why one lower-case clause, in ASCII
        record Unsigned(String why) implements Read {}
    }

    /// Whether it looks like one; nothing else that is a credential here does.
    static boolean isOne(String token) {
        return FORM.matcher(token).matches();
    }

    /// @throws KeysUnavailable where nobody can say now
    Read read(String token) {
        if (!isOne(token)) return new Read.Unsigned("the token is malformed");
        try {
            String[] parts = token.split("\\.", -1);
            var headerPart = new Base64URL(parts[0]);
            Optional<String> fault = fault(object(headerPart));
            if (fault.isPresent()) return new Read.Unsigned(fault.get());
            var payload = new Base64URL(parts[1]);
            var signed = new JWSObject(headerPart, payload, new Base64URL(parts[2]));
            if (!isSigned(signed)) return new Read.Unsigned("the token is not signed by the issuer");
            return new Read.Signed(new Claims(object(payload)));
        } catch (ParseException | MalformedJson malformed) {
            return new Read.Unsigned("the token is malformed");
        }
    }

    /// What follows is read by the one strict parser, so that no name stands twice.
    private static JsonObject object(Base64URL part) {
        if (StrictJson.parse(part.decode()) instanceof JsonObject object) return object;
        throw new MalformedJson("no object");
    }

    private Optional<String> fault(JsonObject header) {
        if (header.text("alg")
                .map(JWSAlgorithm::parse)
                .filter(ALGORITHMS::contains)
                .isEmpty()) return Optional.of("the token is signed by an algorithm that is not taken");
        Optional<String> type = header.text("typ").map(text -> text.toLowerCase(Locale.ROOT));
        if (header.has("typ") && type.filter(types::contains).isEmpty())
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
}
