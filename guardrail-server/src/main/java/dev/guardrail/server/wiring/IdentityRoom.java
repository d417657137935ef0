package dev.guardrail.server.wiring;

import dev.guardrail.call.Caller;
import dev.guardrail.pipeline.Agents;
import dev.guardrail.registry.SessionRegistry;
import dev.guardrail.server.console.Visits;
import dev.guardrail.server.door.IssuerSignIn;
import dev.guardrail.server.door.ProtectedResource;
import dev.guardrail.server.identity.AccessTokens;
import dev.guardrail.server.identity.Credentials;
import dev.guardrail.server.identity.IssuerKeys;
import dev.guardrail.server.identity.Neighbours;
import dev.guardrail.server.identity.OpenIdSignIn;
import dev.guardrail.server.identity.Roll;
import dev.guardrail.server.identity.SecretMask;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Who may come in, as configured, and what must never be written down.
final class IdentityRoom implements AutoCloseable {
    private final Credentials credentials;
    private final Neighbours neighbours;
    private final ProtectedResource.Configured resource;
    private final Optional<IssuerKeys> issuer;
    private final Roll roll;
    private final Optional<OpenIdSignIn> signIn;
    private final SecretMask mask = new SecretMask(Set.of());

    private IdentityRoom(
            Credentials credentials,
            Neighbours neighbours,
            Optional<ProtectedResource> resource,
            Optional<IssuerKeys> issuer,
            Roll roll,
            Optional<OpenIdSignIn> signIn) {
        this.credentials = credentials;
        this.neighbours = neighbours;
        this.resource = new ProtectedResource.Configured(resource);
        this.issuer = issuer;
        this.roll = roll;
        this.signIn = signIn;
    }

    /// Nobody is asked anything before the first token comes, or the first person wishes to sign in.
    static IdentityRoom open(Configuration configuration, Secrets secrets, Clocks clocks, SessionRegistry sessions) {
        Optional<ProtectedResource> resource = configuration.oauth().map(IdentityRoom::resource);
        Optional<IssuerKeys> issuer = configuration
                .oauth()
                .map(oauth -> new IssuerKeys(URI.create(oauth.issuer()), oauth.keyOrigins(), clocks.ticker()));
        Optional<AccessTokens> tokens =
                resource.flatMap(named -> issuer.map(keys -> new AccessTokens(named, keys, clocks.wall())));
        var roll = new Roll(operators(configuration), subjects(configuration), Visits.LONGEST, clocks.ticker());
        var room = new IdentityRoom(
                new Credentials(keys(configuration), clients(configuration), tokens, sessions),
                new Neighbours(configuration.origins()),
                resource,
                issuer,
                roll,
                configuration
                        .signIn()
                        .map(settings -> new OpenIdSignIn(
                                settings(settings, secrets), roll, clocks.wall(), clocks.ticker(), clocks.random())));
        secrets.tell(room.mask::learn);
        return room;
    }

    private static ProtectedResource resource(Configuration.OAuth oauth) {
        return new ProtectedResource(oauth.issuer(), oauth.audience(), oauth.base());
    }

    /// Agents by the id under which the authorization server knows them.
    private static Map<String, Caller> clients(Configuration configuration) {
        var clients = new HashMap<String, Caller>();
        for (var principal : configuration.principals())
            principal.client().ifPresent(client -> clients.put(client, caller(principal)));
        return clients;
    }

    private static List<Credentials.Key> keys(Configuration configuration) {
        return configuration.principals().stream()
                .flatMap(principal -> {
                    Caller owner = caller(principal);
                    return principal.keys().stream().map(digest -> new Credentials.Key(digest, owner));
                })
                .toList();
    }

    private static List<Caller> operators(Configuration configuration) {
        return configuration.principals().stream()
                .filter(principal -> principal.kind() == Configuration.Principal.Kind.OPERATOR)
                .map(IdentityRoom::caller)
                .toList();
    }

    /// Names of operators, by the subject under which the identity provider knows them.
    private static Map<String, String> subjects(Configuration configuration) {
        var subjects = new HashMap<String, String>();
        for (var principal : configuration.principals())
            principal.subject().ifPresent(subject -> subjects.put(subject, principal.name()));
        return subjects;
    }

    private static OpenIdSignIn.Settings settings(Configuration.SignIn signIn, Secrets secrets) {
        return new OpenIdSignIn.Settings(
                signIn.issuer(),
                signIn.clientId(),
                signIn.secret().map(secret -> () -> secrets.read(secret)),
                signIn.base(),
                signIn.name(),
                signIn.groups(),
                signIn.scopes(),
                signIn.roles(),
                signIn.visit(),
                signIn.origins());
    }

    private static Caller caller(Configuration.Principal principal) {
        return new Caller(
                switch (principal.kind()) {
                    case AGENT -> Caller.Kind.AGENT;
                    case HOST -> Caller.Kind.HOST;
                    case OPERATOR -> Caller.Kind.OPERATOR;
                },
                principal.name(),
                principal.roles(),
                principal.groups(),
                principal.agents(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                principal.subject().map(Set::of).orElse(Set.of()));
    }

    /// The agents, as the path asks for them.
    Agents agents() {
        return new Agents() {
            @Override
            public Set<String> roles(String agent) {
                return credentials.roles(agent);
            }

            @Override
            public boolean isKnown(String agent) {
                return credentials.isAgent(agent);
            }
        };
    }

    Credentials credentials() {
        return credentials;
    }

    /// Every operator.
    Roll roll() {
        return roll;
    }

    IssuerSignIn.Configured signIn() {
        return new IssuerSignIn.Configured(signIn.map(provider -> provider));
    }

    Neighbours neighbours() {
        return neighbours;
    }

    ProtectedResource.Configured resource() {
        return resource;
    }

    SecretMask mask() {
        return mask;
    }

    @Override
    public void close() {
        issuer.ifPresent(IssuerKeys::close);
        signIn.ifPresent(OpenIdSignIn::close);
    }
}
