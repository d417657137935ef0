package dev.guardrail.server.identity;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;

/// Verifies ID tokens that one issuer gave one client: signed by the issuer, for this client, for one attempt to sign
/// in, and now. An access token is none.
final class IdTokens {
    private static final Set<String> TYPES = Set.of("jwt");

    private final String issuer;
    private final String clientId;
    private final SignedTokens tokens;
    private final InstantSource clock;

    IdTokens(String issuer, String clientId, IssuerKeys keys, InstantSource clock) {
        this.issuer = issuer;
        this.clientId = clientId;
        this.tokens = new SignedTokens(keys, TYPES);
        this.clock = clock;
    }

    /// What was made of a token.
    sealed interface Verified {
        record Good(Claims claims) implements Verified {}

        /// @param why one lower-case clause, in ASCII
        record Bad(String why) implements Verified {}
    }

    /// @param nonce of the attempt
    /// @throws KeysUnavailable where nobody can say now
    Verified verify(String token, String nonce) {
        return switch (tokens.read(token)) {
            case SignedTokens.Read.Unsigned(String why) -> new Verified.Bad(why);
            case SignedTokens.Read.Signed(Claims claims) ->
                fault(claims, nonce).<Verified>map(Verified.Bad::new).orElseGet(() -> new Verified.Good(claims));
        };
    }

    /// What keeps a token of the provider's from being this person's, here and now (OpenID Connect Core 1.0, section
    /// 3.1.3.7).
    private Optional<String> fault(Claims claims, String nonce) {
        if (!claims.issuer().equals(Optional.of(issuer))) return Optional.of("the token is another issuer's");
        boolean azp = claims.json().has("azp");
        boolean alone = claims.audiences().equals(Set.of(clientId));
        if (!claims.audiences().contains(clientId)
                || (azp || !alone) && !claims.name("azp").equals(Optional.of(clientId)))
            return Optional.of("the token is for another audience");
        Optional<String> untimely = claims.untimely(clock.instant());
        if (untimely.isPresent()) return untimely;
        if (!claims.json().has("iat")) return Optional.of("the token does not say when it was issued");
        if (!isEqual(nonce, claims.json().text("nonce").orElse("")))
            return Optional.of("the token was issued for another attempt to sign in");
        return claims.name("sub").isEmpty() ? Optional.of("the token does not say whose it is") : Optional.empty();
    }

    /// Compared in constant time.
    static boolean isEqual(String ours, String theirs) {
        return MessageDigest.isEqual(ours.getBytes(UTF_8), theirs.getBytes(UTF_8));
    }
}
