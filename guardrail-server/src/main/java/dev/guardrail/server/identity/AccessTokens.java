package dev.guardrail.server.identity;

import dev.guardrail.server.door.ProtectedResource;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;

/// Verifies access tokens of one issuer: JWTs signed with one of its published keys (RFC 9068; RFC 8725).
public final class AccessTokens {
    private static final Set<String> TYPES = Set.of("jwt", "at+jwt", "application/at+jwt");

    private final ProtectedResource resource;
    private final SignedTokens tokens;
    private final InstantSource clock;

    public AccessTokens(ProtectedResource resource, IssuerKeys keys, InstantSource clock) {
        this.resource = resource;
        this.tokens = new SignedTokens(keys, TYPES);
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

    /// @throws KeysUnavailable where nobody can say now
    Verified verify(String token) {
        return switch (tokens.read(token)) {
            case SignedTokens.Read.Unsigned(String why) -> Verified.Bad.unsigned(why);
            case SignedTokens.Read.Signed(Claims claims) -> judged(claims);
        };
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
