package dev.guardrail.server.wiring;

import dev.guardrail.call.Caller;
import dev.guardrail.pack.Diagnostic;
import dev.guardrail.pack.Fields;
import dev.guardrail.pack.Findings;
import dev.guardrail.pack.Source;
import dev.guardrail.pack.Surroundings.ServerKind;
import dev.guardrail.pack.Yaml;
import dev.guardrail.pack.YamlReader;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// What `guardrail.yaml` says of policies, servers and operators, for whoever reviews them without running a guard:
/// nothing else of the file is judged, and no secret has to be there.
///
/// @param policies files and directories of policy files
/// @param servers by name
/// @param operators with roles and groups
public record ReviewSettings(List<Path> policies, Map<String, ServerKind> servers, List<Caller> operators) {

    public ReviewSettings {
        policies = List.copyOf(policies);
        servers = Map.copyOf(servers);
        operators = List.copyOf(operators);
    }

    /// @throws InvalidConfiguration where the file cannot be read, or says of these what cannot be used
    public static ReviewSettings read(Path file) throws InvalidConfiguration {
        var source = new Source(file.toString(), ConfigurationReader.text(file));
        var findings = new Findings(source);
        Path base = Optional.ofNullable(file.toAbsolutePath().getParent()).orElse(Path.of("/"));
        var places = new ConfigurationReader.Places(base, findings, new Enclosures());
        Optional<Fields> top = YamlReader.read(source, findings).stream()
                .findFirst()
                .flatMap(yaml -> Fields.of(yaml, "a configuration", ConfigurationReader.KEYS, findings));
        var settings = new ReviewSettings(
                top.map(fields -> fields.scalars("policies")).orElse(List.of()).stream()
                        .map(Yaml.Scalar::value)
                        .map(places::resolve)
                        .toList(),
                servers(top),
                top.map(fields -> fields.listOrNone("operators")).orElse(List.of()).stream()
                        .flatMap(yaml -> operator(yaml, findings).stream())
                        .toList());
        List<Diagnostic> errors =
                findings.all().stream().filter(Diagnostic::isError).toList();
        if (!errors.isEmpty()) throw new InvalidConfiguration(errors);
        if (top.isEmpty()) throw InvalidConfiguration.of(file.toString(), "the file says nothing");
        return settings;
    }

    private static Map<String, Yaml.Entry> entries(Optional<Fields> top) {
        return top.flatMap(fields -> fields.value("servers")).orElse(null) instanceof Yaml.Mapping mapping
                ? mapping.entries()
                : Map.of();
    }

    private static Map<String, ServerKind> servers(Optional<Fields> top) {
        var servers = new TreeMap<String, ServerKind>();
        entries(top).forEach((name, entry) -> servers.put(name, kind(entry.value())));
        return servers;
    }

    private static ServerKind kind(Yaml server) {
        if (server instanceof Yaml.Mapping mapping && mapping.entries().containsKey("caller"))
            return ServerKind.CALLER_RUN;
        return builtin(server)
                .map(name -> name.equals("workspace") ? ServerKind.WORKSPACE : ServerKind.RESTORING)
                .orElse(ServerKind.GUARDED);
    }

    private static Optional<String> builtin(Yaml server) {
        Yaml.Entry entry =
                server instanceof Yaml.Mapping mapping ? mapping.entries().get("builtin") : null;
        return entry != null && entry.value() instanceof Yaml.Scalar scalar
                ? Optional.of(scalar.value())
                : Optional.empty();
    }

    private static Optional<Caller> operator(Yaml yaml, Findings findings) {
        return Fields.of(yaml, "an operator", List.of("name", "key", "roles", "groups", "subject"), findings)
                .flatMap(fields -> fields.requiredText("name")
                        .map(name -> new Caller(
                                Caller.Kind.OPERATOR,
                                name,
                                fields.textsOrNone("roles"),
                                fields.textsOrNone("groups"),
                                Set.of(),
                                Optional.empty())));
    }
}
