package dev.guardrail.server.wiring;

import dev.guardrail.call.ToolName;
import dev.guardrail.pack.Fields;
import dev.guardrail.pack.Findings;
import dev.guardrail.pack.Yaml;
import dev.guardrail.server.wiring.Configuration.Server;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Reads `servers`.
record Servers(ConfigurationReader.Places places, Findings findings, Secrets secrets) {
    private static final List<String> FORMS = List.of("url", "command", "builtin", "caller");
    private static final List<String> KEYS = List.of(
            "url",
            "command",
            "builtin",
            "caller",
            "root",
            "credential",
            "env",
            "sandbox",
            "user",
            "tables",
            "target",
            "provider",
            "with");

    Map<String, Server> read(Fields top) {
        var servers = new LinkedHashMap<String, Server>();
        top.value("servers").ifPresent(value -> {
            if (!(value instanceof Yaml.Mapping mapping)) {
                findings.error(value.place(), "wrong-type", "`servers` is a mapping of names to servers");
                return;
            }
            mapping.entries().forEach((name, entry) -> {
                if (name.equals(ToolName.GUARD))
                    findings.error(
                            entry.key(), "wrong-name", "`" + name + "` is the guard itself; name the server otherwise");
                else if (!ToolName.isServer(name))
                    findings.error(
                            entry.key(), "wrong-name", "a server's name has 1 to 64 of a to z, 0 to 9, `-` and `_`");
                else server(top, name, entry.value()).ifPresent(server -> servers.put(name, server));
            });
        });
        return servers;
    }

    private Optional<Server> server(Fields top, String name, Yaml yaml) {
        Optional<Fields> found = Fields.of(yaml, "server `" + name + "`", KEYS, findings);
        if (found.isEmpty()) return Optional.empty();
        Fields fields = found.get();
        if (fields.has("sandbox"))
            findings.error(
                    fields.key("sandbox"), "not-built", "`sandbox` is known but not carried out by this version");
        List<String> forms = FORMS.stream()
                .filter(fields::has)
                .filter(form -> !isPartOfBuiltin(fields, form))
                .toList();
        if (forms.size() != 1) {
            findings.error(
                    fields.place(),
                    "missing-key",
                    "server `" + name + "` needs exactly one of `url`, `command`, `builtin` and `caller`");
            return Optional.empty();
        }
        String form = forms.getFirst();
        only(fields, name, form);
        return switch (form) {
            case "url" -> url(fields);
            case "command" -> command(fields);
            case "builtin" -> builtin(top, fields);
            default ->
                fields.bool("caller").orElse(false)
                        ? Optional.of(new Server.CallerRun())
                        : refused(fields, "caller", "`caller` is `true` or left out");
        };
    }

    /// What a built-in server reads has a URL, too, or is read by a command.
    private static boolean isPartOfBuiltin(Fields fields, String form) {
        return switch (form) {
            case "url" -> fields.has("builtin");
            case "command" -> fields.has("builtin") && fields.text("builtin").equals(Optional.of("command"));
            default -> false;
        };
    }

    /// Keys that another form has are no use here, and somebody expects them to be.
    private void only(Fields fields, String name, String form) {
        List<String> fit = switch (form) {
            case "url" -> List.of("url", "root", "credential", "sandbox");
            case "command" -> List.of("command", "root", "env", "sandbox");
            case "builtin" -> builtinKeys(fields);
            default -> List.of("caller");
        };
        for (String key : KEYS)
            if (fields.has(key) && !fit.contains(key))
                findings.error(
                        fields.key(key),
                        "unknown-key",
                        "`" + key + "` says nothing of server `" + name + "`, a `" + form + "`");
    }

    private static List<String> builtinKeys(Fields fields) {
        return switch (fields.text("builtin").orElse("")) {
            case "sql" -> List.of("builtin", "url", "user", "credential", "tables");
            case "http" -> List.of("builtin", "url", "credential");
            case "command" -> List.of("builtin", "command", "env", "target");
            case "java" -> List.of("builtin", "provider", "with");
            default -> List.of("builtin", "root", "sandbox");
        };
    }

    private Optional<Server> builtin(Fields top, Fields fields) {
        return switch (fields.text("builtin").orElse("")) {
            case "workspace" -> directory(fields).map(Server.Workspace::new);
            case "git" -> directory(fields).map(Server.Git::new);
            case "sql" -> new KeptReader(places, findings, secrets).rows(fields);
            case "http" -> new KeptReader(places, findings, secrets).resources(fields);
            case "command" -> program(fields);
            case "java" -> new ProviderReader(places, findings).read(top, fields);
            default ->
                refused(
                        fields,
                        "builtin",
                        "built-in servers are `workspace`, `git`, `sql`, `http`, `command` and `java`");
        };
    }

    private Optional<Server> url(Fields fields) {
        Optional<String> text = fields.text("url");
        if (text.isEmpty()) return Optional.empty();
        try {
            var url = new URI(text.get());
            boolean web = "http".equalsIgnoreCase(url.getScheme()) || "https".equalsIgnoreCase(url.getScheme());
            if (web && url.getHost() != null && url.getRawUserInfo() == null)
                return Optional.of(new Server.Http(
                        url, new CredentialReader(places, findings, secrets).read(fields), root(fields)));
        } catch (URISyntaxException malformed) {
            // told below
        }
        return refused(
                fields, "url", "`url` is absolute, http or https, and names no user; secrets go into `credential`");
    }

    private Optional<Server> command(Fields fields) {
        var command = new ArrayList<String>();
        for (Yaml item : fields.list("command")) {
            if (item instanceof Yaml.Scalar scalar && !scalar.isNull()) command.add(scalar.value());
            else findings.error(item.place(), "wrong-type", "`command` holds the program and its arguments, as texts");
        }
        return command.isEmpty()
                ? Optional.empty()
                : Optional.of(new Server.Stdio(command, environment(fields), root(fields)));
    }

    private Optional<Server> program(Fields fields) {
        if (fields.required("command").isEmpty()) return Optional.empty();
        return command(fields)
                .filter(Server.Stdio.class::isInstance)
                .map(Server.Stdio.class::cast)
                .flatMap(stdio -> new ProgramReader(places, findings).read(fields, stdio));
    }

    private Map<String, String> environment(Fields fields) {
        var environment = new LinkedHashMap<String, String>();
        Optional<Yaml> value = fields.value("env");
        if (value.isPresent() && value.get() instanceof Yaml.Mapping mapping) {
            mapping.entries()
                    .forEach((name, entry) ->
                            variable(name, entry.value()).ifPresent(text -> environment.put(name, text)));
        } else
            value.ifPresent(other -> findings.error(
                    other.place(),
                    "wrong-type",
                    "`env` is a mapping of variables to texts, {env: NAME} or {file: PATH}"));
        return environment;
    }

    private Optional<String> variable(String name, Yaml value) {
        if (value instanceof Yaml.Scalar scalar) return Optional.of(scalar.value());
        Optional<Configuration.Secret> source = Fields.of(value, "`" + name + "`", List.of("env", "file"), findings)
                .flatMap(fields -> Principals.secret(places, fields));
        if (source.isEmpty()) return Optional.empty();
        return switch (secrets.find(source.get())) {
            case Secrets.Found.Value(String text) -> Optional.of(text);
            case Secrets.Found.Missing(String why) -> {
                findings.error(value.place(), "missing-secret", why);
                yield Optional.empty();
            }
        };
    }

    private Optional<Path> directory(Fields fields) {
        if (fields.required("root").isEmpty()) return Optional.empty();
        Optional<Path> root = root(fields);
        if (root.filter(path -> Files.exists(path) && !Files.isDirectory(path)).isPresent())
            findings.error(
                    fields.key("root"), "missing-file", "`" + root.get() + "` is no directory; name one in `root`");
        return root;
    }

    private Optional<Path> root(Fields fields) {
        Optional<Path> root = places.path(fields, "root");
        root.ifPresent(path -> places.enclosures().root(fields.key("root"), path));
        return root;
    }

    private Optional<Server> refused(Fields fields, String key, String message) {
        findings.error(fields.value(key).map(Yaml::place).orElse(fields.place()), "unknown-value", message);
        return Optional.empty();
    }
}
