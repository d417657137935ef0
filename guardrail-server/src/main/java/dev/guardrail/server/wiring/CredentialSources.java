package dev.guardrail.server.wiring;

import dev.guardrail.server.identity.SecretMask;
import dev.guardrail.server.upstream.CredentialSource;
import dev.guardrail.server.upstream.Secret;
import dev.guardrail.server.upstream.TokenEndpoint;
import dev.guardrail.server.upstream.TokenGrant;
import dev.guardrail.server.wiring.Configuration.Credential;
import java.time.Duration;
import java.time.Instant;

/// Makes of configured credentials what upstreams are shown. Every token that is fetched is known to the mask before
/// it is used.
record CredentialSources(Secrets secrets, Clocks clocks, SecretMask mask) {

    CredentialSource of(Credential credential) {
        return switch (credential) {
            case Credential.Fixed(Configuration.Secret secret) -> secret(secret);
            case Credential.ClientCredentials(Credential.Client client, Credential.Target target) ->
                TokenGrant.ofClient(endpoint(client), target(target), clocks.wall(), clocks.ticker(), this::issued);
            case Credential.Exchange(Credential.Client client, Credential.Target target) ->
                TokenGrant.ofUsers(endpoint(client), target(target), clocks.wall(), clocks.ticker(), this::issued);
        };
    }

    private Secret secret(Configuration.Secret secret) {
        return new Secret(() -> secrets.read(secret));
    }

    private TokenEndpoint endpoint(Credential.Client client) {
        return new TokenEndpoint(client.tokenUrl(), client.id(), secret(client.secret()));
    }

    private static TokenGrant.Target target(Credential.Target target) {
        return new TokenGrant.Target(target.scope(), target.resource(), target.audience());
    }

    private void issued(String token, Duration life) {
        Instant now = clocks.wall().instant();
        mask.learn(token, now, now.plus(life));
    }
}
