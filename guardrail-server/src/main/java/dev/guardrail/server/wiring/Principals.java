package dev.guardrail.server.wiring;

import dev.guardrail.base.Sha256;
import dev.guardrail.pack.Fields;
import dev.guardrail.pack.Findings;
import dev.guardrail.pack.Yaml;
import dev.guardrail.server.wiring.Configuration.Principal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// Reads `agents`, `hosts` and `operators`, with the digests of their keys.
final class Principals {
    /// Roles that open routes to operators.
    static final List<String> OPERATOR_ROLES = List.of("approver", "auditor", "admin");

    private static final int LIVE_KEYS = 2;

    private final ConfigurationReader.Places places;
    private final Findings findings;
    private final Secrets secrets;
    private final IdentityReader.Identity identity;
    private final Map<Sha256, String> owners = new HashMap<>();
    private final Set<String> ids = new TreeSet<>();

    /// @param identity who may know agents and operators beside keys
    Principals(
            ConfigurationReader.Places places, Findings findings, Secrets secrets, IdentityReader.Identity identity) {
        this.places = places;
        this.findings = findings;
        this.secrets = secrets;
        this.identity = identity;
    }

    List<Principal> read(Fields top) {
        var all = new ArrayList<Principal>();
        all.addAll(read(top, "agents", "an agent", Principal.Kind.AGENT, List.of("name", "key", "roles", "client")));
        all.addAll(read(top, "hosts", "a host", Principal.Kind.HOST, List.of("name", "key", "agents")));
        all.addAll(read(
                top,
                "operators",
                "an operator",
                Principal.Kind.OPERATOR,
                List.of("name", "key", "roles", "groups", "subject")));
        return all;
    }

    private List<Principal> read(Fields top, String key, String what, Principal.Kind kind, List<String> keys) {
        var found = new ArrayList<Principal>();
        var names = new TreeSet<String>();
        for (Yaml yaml : top.listOrNone(key)) {
            Optional<Fields> fields = Fields.of(yaml, what, keys, findings);
            if (fields.isEmpty()) continue;
            Optional<String> name = fields.get().requiredText("name");
            Optional<String> client = kind == Principal.Kind.AGENT ? client(fields.get()) : Optional.empty();
            Optional<String> subject = kind == Principal.Kind.OPERATOR ? subject(fields.get()) : Optional.empty();
            List<Sha256> digests =
                    (client.isPresent() || subject.isPresent()) && !fields.get().has("key")
                            ? List.of()
                            : keys(fields.get(), what, name.orElse("?"));
            if (name.isEmpty()) continue;
            if (!names.add(name.get()))
                findings.error(
                        fields.get().key("name"),
                        "repeated",
                        "`" + name.get() + "` stands in `" + key
                                + "` already; two live keys go into one entry's `key`");
            found.add(new Principal(
                    kind,
                    name.get(),
                    roles(fields.get(), kind),
                    kind == Principal.Kind.OPERATOR ? fields.get().textsOrNone("groups") : Set.of(),
                    kind == Principal.Kind.HOST ? fields.get().texts("agents") : Set.of(),
                    digests,
                    client,
                    subject));
        }
        return found;
    }

    /// The agent's id at the authorization server; no two agents have one.
    private Optional<String> client(Fields fields) {
        if (fields.has("client") && !identity.agents())
            findings.error(
                    fields.key("client"),
                    "missing-key",
                    "`client` is an agent's id at an authorization server, and `identity.oauth` names none");
        return id(fields, "client", "agent");
    }

    /// Who the operator is at the identity provider; no two operators are one.
    private Optional<String> subject(Fields fields) {
        if (fields.has("subject") && !identity.operators())
            findings.error(
                    fields.key("subject"),
                    "missing-key",
                    "`subject` is an operator's `sub` at an identity provider, and `identity.signIn` names none");
        return id(fields, "subject", "operator");
    }

    private Optional<String> id(Fields fields, String key, String whose) {
        Optional<String> id = fields.text(key);
        if (id.isPresent() && !ids.add(key + ":" + id.get()))
            findings.error(
                    fields.key(key),
                    "repeated",
                    "`" + id.get() + "` is the `" + key + "` of another " + whose + " already");
        return id;
    }

    private Set<String> roles(Fields fields, Principal.Kind kind) {
        if (kind == Principal.Kind.HOST) return Set.of();
        if (kind == Principal.Kind.AGENT) return fields.textsOrNone("roles");
        var roles = new TreeSet<String>();
        for (Yaml.Scalar scalar : fields.scalars("roles")) {
            if (OPERATOR_ROLES.contains(scalar.value())) roles.add(scalar.value());
            else
                findings.error(
                        scalar.place(),
                        "unknown-value",
                        "`" + scalar.value() + "` is no role of an operator; it is one of "
                                + String.join(", ", OPERATOR_ROLES) + "; groups go into `groups`");
        }
        return roles;
    }

    /// One key, or a list of two while one takes over from the other.
    private List<Sha256> keys(Fields fields, String what, String owner) {
        Optional<Yaml> value = fields.required("key");
        if (value.isEmpty()) return List.of();
        if (!(value.get() instanceof Yaml.Sequence sequence))
            return key(value.get(), what, owner).stream().toList();
        if (sequence.items().isEmpty() || sequence.items().size() > LIVE_KEYS)
            findings.error(
                    sequence.place(),
                    "wrong-type",
                    what + " has one live key, or two while one takes over from the other");
        return sequence.items().stream()
                .flatMap(item -> key(item, what, owner).stream())
                .toList();
    }

    private Optional<Sha256> key(Yaml yaml, String what, String owner) {
        if (yaml instanceof Yaml.Scalar) {
            findings.error(
                    yaml.place(),
                    "inline-secret",
                    "a key never stands in this file; write {env: NAME}, {file: PATH} or {hash: \"sha256:…\"}");
            return Optional.empty();
        }
        Optional<Fields> fields = Fields.of(yaml, "`key`", List.of("env", "file", "hash"), findings);
        if (fields.isEmpty()) return Optional.empty();
        if (List.of("env", "file", "hash").stream().filter(fields.get()::has).count() != 1) {
            findings.error(yaml.place(), "missing-key", "`key` needs exactly one of `env`, `file` and `hash`");
            return Optional.empty();
        }
        Optional<Sha256> digest = fields.get().has("hash") ? hash(fields.get()) : secret(fields.get());
        digest.ifPresent(known -> {
            String other = owners.putIfAbsent(known, what + " `" + owner + "`");
            if (other != null)
                findings.error(yaml.place(), "repeated", "this is the key of " + other + " already; make another");
        });
        return digest;
    }

    private Optional<Sha256> hash(Fields fields) {
        return fields.text("hash").flatMap(text -> {
            try {
                return Optional.of(Sha256.parse(text));
            } catch (IllegalArgumentException malformed) {
                findings.error(
                        fields.key("hash"),
                        "wrong-type",
                        "`hash` is `sha256:` and 64 lower-case hex digits of the key");
                return Optional.empty();
            }
        });
    }

    private Optional<Sha256> secret(Fields fields) {
        Optional<Configuration.Secret> source = secret(places, fields);
        if (source.isEmpty()) return Optional.empty();
        return switch (secrets.find(source.get())) {
            case Secrets.Found.Missing(String why) -> {
                findings.error(fields.place(), "missing-secret", why);
                yield Optional.empty();
            }
            case Secrets.Found.Value(String value) -> {
                boolean clean = Secrets.isKey(value);
                if (!clean)
                    findings.error(
                            fields.place(),
                            "wrong-key",
                            "the key holds a space, a control or a letter beyond ASCII; make one with: ./guardrail keys");
                if (!clean) yield Optional.empty();
                if (value.length() >= Secrets.MIN_KEY) yield Optional.of(Secrets.digest(value));
                findings.error(
                        fields.place(),
                        "short-key",
                        "the key is shorter than " + Secrets.MIN_KEY + " characters; make one with: ./guardrail keys");
                yield Optional.empty();
            }
        };
    }

    /// `{env: NAME}` or `{file: PATH}`.
    static Optional<Configuration.Secret> secret(ConfigurationReader.Places places, Fields fields) {
        Optional<Configuration.Secret> variable = fields.text("env").map(Configuration.Secret.Environment::new);
        if (variable.isPresent()) return variable;
        Optional<Path> file = places.path(fields, "file");
        file.ifPresent(path -> places.enclosures().own(path, "the secret"));
        return file.map(Configuration.Secret.File::new);
    }
}
