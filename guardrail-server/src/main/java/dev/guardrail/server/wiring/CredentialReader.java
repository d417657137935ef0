package dev.guardrail.server.wiring;

import dev.guardrail.pack.Fields;
import dev.guardrail.pack.Findings;
import dev.guardrail.pack.Yaml;
import dev.guardrail.server.identity.Origin;
import dev.guardrail.server.wiring.Configuration.Credential;
import dev.guardrail.server.wiring.Configuration.Secret;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/// Reads the `credential` of a server.
record CredentialReader(ConfigurationReader.Places places, Findings findings, Secrets secrets) {
    private static final List<String> FORMS = List.of("env", "file", "clientCredentials", "exchange");
    private static final List<String> GRANT = List.of("tokenUrl", "clientId", "secret", "scope", "resource");
    private static final List<String> EXCHANGE =
            List.of("tokenUrl", "clientId", "secret", "scope", "resource", "audience");

    Optional<Credential> read(Fields server) {
        return server.value("credential")
                .filter(this::isNoSecret)
                .flatMap(value -> Fields.of(value, "`credential`", FORMS, findings))
                .flatMap(this::credential);
    }

    private boolean isNoSecret(Yaml yaml) {
        if (!(yaml instanceof Yaml.Scalar)) return true;
        findings.error(
                yaml.place(), "inline-secret", "a secret never stands in this file; write {env: NAME} or {file: PATH}");
        return false;
    }

    private Optional<Credential> credential(Fields fields) {
        List<String> forms = FORMS.stream().filter(fields::has).toList();
        if (forms.size() != 1) {
            findings.error(
                    fields.place(),
                    "missing-key",
                    "`credential` needs exactly one of `env`, `file`, `clientCredentials` and `exchange`");
            return Optional.empty();
        }
        return switch (forms.getFirst()) {
            case "clientCredentials" ->
                inner(fields, "clientCredentials", GRANT)
                        .flatMap(grant ->
                                client(grant).map(client -> new Credential.ClientCredentials(client, target(grant))));
            case "exchange" -> inner(fields, "exchange", EXCHANGE).flatMap(this::exchange);
            default -> secret(fields).map(Credential.Fixed::new);
        };
    }

    private Optional<Fields> inner(Fields fields, String form, List<String> keys) {
        return fields.value(form).flatMap(value -> Fields.of(value, "`" + form + "`", keys, findings));
    }

    private Optional<Credential> exchange(Fields fields) {
        if (!fields.has("audience") && !fields.has("resource"))
            findings.error(
                    fields.place(),
                    "missing-key",
                    "`exchange` needs `audience` or `resource`: a token is for one server, never for any");
        return client(fields).map(client -> new Credential.Exchange(client, target(fields)));
    }

    private Optional<Credential.Client> client(Fields fields) {
        Optional<URI> url = fields.requiredText("tokenUrl").flatMap(text -> tokenUrl(fields, text));
        Optional<String> id = fields.requiredText("clientId");
        Optional<Secret> secret = required(fields, "secret");
        if (url.isEmpty() || id.isEmpty() || secret.isEmpty()) return Optional.empty();
        return Optional.of(new Credential.Client(url.get(), id.get(), secret.get()));
    }

    private Optional<URI> tokenUrl(Fields fields, String text) {
        Optional<URI> url = Origin.url(text);
        if (url.isEmpty())
            findings.error(
                    fields.value("tokenUrl").map(Yaml::place).orElse(fields.place()),
                    "wrong-url",
                    "`tokenUrl` is an https URL without user and fragment; http is taken on this machine alone");
        return url;
    }

    private Credential.Target target(Fields fields) {
        Optional<String> resource = fields.text("resource");
        resource.filter(text -> Origin.url(text).isEmpty())
                .ifPresent(text -> findings.error(
                        fields.value("resource").map(Yaml::place).orElse(fields.place()),
                        "wrong-url",
                        "`resource` is the server's own https URL, without a fragment"));
        return new Credential.Target(fields.text("scope"), resource, fields.text("audience"));
    }

    /// The secret that a key names by `{env: NAME}` or `{file: PATH}`.
    Optional<Secret> required(Fields fields, String key) {
        return fields.required(key)
                .filter(this::isNoSecret)
                .flatMap(value -> Fields.of(value, "`" + key + "`", List.of("env", "file"), findings))
                .flatMap(this::secret);
    }

    /// `{env: NAME}` or `{file: PATH}` of a secret that a header carries.
    private Optional<Secret> secret(Fields fields) {
        Optional<Secret> secret = Principals.secret(places, fields);
        if (secret.isEmpty()) findings.error(fields.place(), "missing-key", "a secret needs `env` or `file`");
        secret.map(secrets::find).ifPresent(read -> {
            switch (read) {
                case Secrets.Found.Missing(String why) -> findings.error(fields.place(), "missing-secret", why);
                case Secrets.Found.Value(String value) -> {
                    if (!Secrets.isKey(value))
                        findings.error(
                                fields.place(),
                                "wrong-key",
                                "the credential holds a space, a control or a letter beyond ASCII");
                }
            }
        });
        return secret;
    }
}
