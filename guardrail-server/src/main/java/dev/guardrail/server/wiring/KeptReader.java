package dev.guardrail.server.wiring;

import dev.guardrail.pack.Fields;
import dev.guardrail.pack.Findings;
import dev.guardrail.pack.Yaml;
import dev.guardrail.server.wiring.Configuration.Credential;
import dev.guardrail.server.wiring.Configuration.Secret;
import dev.guardrail.server.wiring.Configuration.Server;
import dev.guardrail.server.wiring.Configuration.Store;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// Reads servers of ours that read beside the tools of others, and put back.
record KeptReader(ConfigurationReader.Places places, Findings findings, Secrets secrets) {
    private static final String SQLITE = "jdbc:sqlite:";

    /// No more than that: a driver's other settings name classes and files.
    private static final Pattern POSTGRES = Pattern.compile("jdbc:postgresql://"
            + "(?:[A-Za-z0-9.-]+|\\[[0-9A-Fa-f:]+\\])(?::[0-9]{1,5})?/[A-Za-z0-9_.-]+"
            + "(?:\\?sslmode=(?:disable|require|verify-ca|verify-full))?");

    private static final Pattern TABLE = Pattern.compile("[^.\\p{Cntrl}]+(?:\\.[^.\\p{Cntrl}]+)?");

    Optional<Server> rows(Fields fields) {
        var tables = new ArrayList<String>();
        if (fields.required("tables").isPresent())
            for (Yaml.Scalar table : fields.scalars("tables")) {
                if (TABLE.matcher(table.value()).matches()) tables.add(table.value());
                else
                    findings.error(
                            table.place(), "wrong-name", "`tables` holds names such as `orders` or `sales.orders`");
            }
        Optional<Store> store = fields.requiredText("url").flatMap(url -> store(fields, url));
        return store.isEmpty() || tables.isEmpty()
                ? Optional.empty()
                : Optional.of(new Server.Rows(store.get(), tables));
    }

    Optional<Server> resources(Fields fields) {
        Optional<Credential> credential = new CredentialReader(places, findings, secrets).read(fields);
        if (credential.filter(Credential.Exchange.class::isInstance).isPresent())
            findings.error(
                    fields.value("credential").orElseThrow().place(),
                    "no-effect",
                    "`exchange` needs the token of a caller, and undo has none; use `env`, `file` or `clientCredentials`");
        return fields.requiredText("url")
                .flatMap(url -> base(fields, url))
                .map(base -> new Server.Resources(base, credential));
    }

    private Optional<URI> base(Fields fields, String text) {
        try {
            var url = new URI(text);
            boolean web = "http".equalsIgnoreCase(url.getScheme()) || "https".equalsIgnoreCase(url.getScheme());
            boolean bare = url.getRawUserInfo() == null && url.getRawQuery() == null && url.getRawFragment() == null;
            if (web && bare && url.getHost() != null && url.getRawPath().endsWith("/") && url.equals(url.normalize()))
                return Optional.of(url);
        } catch (URISyntaxException malformed) {
            // told below
        }
        findings.error(
                fields.value("url").orElseThrow().place(),
                "wrong-url",
                "`url` of an `http` is absolute, http or https, ends with `/`, and has no user, query or fragment;"
                        + " secrets go into `credential`");
        return Optional.empty();
    }

    private Optional<Store> store(Fields fields, String url) {
        if (url.startsWith(SQLITE)) return sqlite(fields, url.substring(SQLITE.length()));
        if (!POSTGRES.matcher(url).matches()) {
            findings.error(
                    fields.value("url").orElseThrow().place(),
                    "wrong-url",
                    "`url` of a `sql` is `jdbc:sqlite:PATH` or `jdbc:postgresql://HOST/NAME`, there with `?sslmode=…` alone;"
                            + " secrets go into `credential`");
            return Optional.empty();
        }
        Optional<Secret> password = fields.value("credential").flatMap(this::password);
        if (password.isPresent() && !fields.has("user"))
            findings.error(fields.key("credential"), "missing-key", "a password is of a `user`");
        return Optional.of(new Store.Postgres(url, fields.text("user"), password));
    }

    private Optional<Store> sqlite(Fields fields, String path) {
        for (String key : List.of("user", "credential"))
            if (fields.has(key))
                findings.error(fields.key(key), "no-effect", "`" + key + "` says nothing of a file of SQLite");
        if (path.isBlank() || path.startsWith(":") || path.startsWith("file:") || path.indexOf('?') >= 0) {
            findings.error(
                    fields.value("url").orElseThrow().place(), "wrong-url", "`" + SQLITE + "` is followed by a path");
            return Optional.empty();
        }
        Path file = places.resolve(path);
        places.enclosures().target(fields.value("url").orElseThrow().place(), file);
        if (Files.isDirectory(file))
            findings.error(
                    fields.value("url").orElseThrow().place(),
                    "missing-file",
                    "`" + file + "` is a directory; name a file of SQLite");
        return Optional.of(new Store.Sqlite(file));
    }

    /// `{env: NAME}` or `{file: PATH}`; what it holds may be any text.
    private Optional<Secret> password(Yaml value) {
        if (value instanceof Yaml.Scalar) {
            findings.error(
                    value.place(),
                    "inline-secret",
                    "a secret never stands in this file; write {env: NAME} or {file: PATH}");
            return Optional.empty();
        }
        Optional<Secret> secret = Fields.of(value, "`credential`", List.of("env", "file"), findings)
                .flatMap(fields -> Principals.secret(places, fields));
        if (secret.isEmpty()) findings.error(value.place(), "missing-key", "a secret needs `env` or `file`");
        secret.map(secrets::find).ifPresent(found -> {
            if (found instanceof Secrets.Found.Missing(String why))
                findings.error(value.place(), "missing-secret", why);
        });
        return secret;
    }
}
