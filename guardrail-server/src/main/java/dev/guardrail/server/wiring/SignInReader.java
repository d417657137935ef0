package dev.guardrail.server.wiring;

import dev.guardrail.pack.Fields;
import dev.guardrail.pack.Findings;
import dev.guardrail.pack.Yaml;
import dev.guardrail.server.console.Visits;
import dev.guardrail.server.identity.Neighbours;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Reads `identity.signIn`: where operators sign in, and which of their groups there open what here.
///
/// @param origins that this guard answers to beside loopback
record SignInReader(ConfigurationReader.Places places, Findings findings, Secrets secrets, Set<String> origins) {
    private static final List<String> KEYS =
            List.of("issuer", "clientId", "secret", "url", "name", "groups", "scopes", "roles", "visit", "origins");
    private static final Duration VISIT = Duration.ofHours(8);
    private static final Duration SHORTEST = Duration.ofMinutes(5);

    Optional<Configuration.SignIn> read(Fields identity) {
        return identity.value("signIn")
                .flatMap(value -> Fields.of(value, "`signIn`", KEYS, findings))
                .flatMap(this::signIn);
    }

    private Optional<Configuration.SignIn> signIn(Fields fields) {
        var issuers = new IssuerReader(findings);
        Optional<String> issuer = issuers.issuer(fields);
        Optional<String> client = fields.requiredText("clientId");
        Optional<String> base = base(fields);
        Optional<Configuration.Secret> secret = fields.has("secret")
                ? new CredentialReader(places, findings, secrets).required(fields, "secret")
                : Optional.empty();
        var read = new Configuration.SignIn(
                URI.create(issuer.orElse("")),
                client.orElse(""),
                secret,
                base.orElse(""),
                fields.text("name").orElse("sub"),
                fields.text("groups").orElse("groups"),
                scopes(fields),
                roles(fields),
                visit(fields),
                issuers.origins(fields, "origins", "the issuer's endpoints and keys"));
        return issuer.isEmpty() || client.isEmpty() || base.isEmpty() ? Optional.empty() : Optional.of(read);
    }

    /// Where browsers reach this guard: somewhere that it answers to.
    private Optional<String> base(Fields fields) {
        Optional<String> named = fields.requiredText("url");
        Optional<String> base = named.flatMap(IssuerReader::base);
        if (named.isPresent() && base.isEmpty())
            findings.error(
                    IssuerReader.place(fields, "url"),
                    "wrong-url",
                    "`url` is where browsers reach this guard: an https URL without a path; http is taken on this"
                            + " machine alone");
        if (base.filter(url -> !new Neighbours(origins).isOwn(url)).isPresent())
            findings.error(
                    IssuerReader.place(fields, "url"),
                    "wrong-origin",
                    "this guard does not answer to `" + base.get() + "`; add it to `origins`");
        return base;
    }

    private List<String> scopes(Fields fields) {
        var scopes = fields.scalars("scopes");
        for (Yaml.Scalar scope : scopes)
            if (!Secrets.isKey(scope.value()))
                findings.error(scope.place(), "unknown-value", "a scope is one word of visible ASCII");
        return scopes.stream().map(Yaml.Scalar::value).toList();
    }

    /// Roles by group; written by role, as they are thought of.
    private Map<String, Set<String>> roles(Fields fields) {
        var roles = new HashMap<String, Set<String>>();
        Optional<Fields> mapped = fields.value("roles")
                .flatMap(value -> Fields.of(value, "`roles`", Principals.OPERATOR_ROLES, findings));
        mapped.ifPresent(found -> {
            for (String role : Principals.OPERATOR_ROLES)
                for (Yaml.Scalar group : found.scalars(role))
                    roles.computeIfAbsent(group.value(), first -> new HashSet<>())
                            .add(role);
        });
        return roles;
    }

    private Duration visit(Fields fields) {
        Duration visit = fields.duration("visit", Visits.LONGEST).orElse(VISIT);
        if (visit.compareTo(SHORTEST) < 0)
            findings.error(IssuerReader.place(fields, "visit"), "wrong-duration", "`visit` is at least `5m`");
        return visit;
    }
}
