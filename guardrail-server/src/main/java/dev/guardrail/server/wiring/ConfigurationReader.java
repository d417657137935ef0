package dev.guardrail.server.wiring;

import dev.guardrail.approval.ApprovalDesk;
import dev.guardrail.pack.Diagnostic;
import dev.guardrail.pack.Fields;
import dev.guardrail.pack.Findings;
import dev.guardrail.pack.Place;
import dev.guardrail.pack.Source;
import dev.guardrail.pack.Yaml;
import dev.guardrail.pack.YamlReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// Reads `guardrail.yaml`, strictly: whatever is unknown, missing, of the wrong type, writable by others or not carried
/// out by this version is a finding at its position, and one finding keeps all of it from being used.
public final class ConfigurationReader {
    static final List<String> KEYS = List.of(
            "listen",
            "data",
            "signingKey",
            "storage",
            "policies",
            "servers",
            "compensators",
            "agents",
            "hosts",
            "origins",
            "operators",
            "identity",
            "limits",
            "tls",
            "socket",
            "approvals",
            "telemetry");
    private static final List<String> SECRETS = List.of("inline-secret", "unknown-value");
    private static final Duration LONGEST_HOLD = Duration.ofMinutes(10);
    private static final int LARGEST = 1 << 30;
    private static final int MOST_PENDING = 10_000;

    private final Path file;
    private final Path base;
    private final Findings findings;
    private final Secrets secrets;
    private final Servers servers;
    private final Places places;

    private ConfigurationReader(Path file, Findings findings, Secrets secrets) {
        this.file = file;
        this.base = Optional.ofNullable(file.toAbsolutePath().getParent()).orElse(Path.of("/"));
        this.findings = findings;
        this.places = new Places(base, findings, new Enclosures());
        this.secrets = secrets;
        this.servers = new Servers(places, findings, secrets);
    }

    /// @throws InvalidConfiguration with every finding
    public static Configuration read(Path file, Secrets secrets) throws InvalidConfiguration {
        var source = new Source(file.toString(), text(file));
        var findings = new Findings(source);
        var documents = YamlReader.read(source, findings);
        if (documents.size() > 1)
            findings.error(documents.get(1).place(), "documents", "a configuration is one document");
        Optional<Configuration> read = documents.isEmpty()
                ? Optional.empty()
                : new ConfigurationReader(file, findings, secrets).configuration(documents.getFirst());
        List<Diagnostic> errors =
                findings.all().stream().filter(Diagnostic::isError).toList();
        if (!errors.isEmpty()) throw new InvalidConfiguration(withoutSecrets(errors));
        return read.orElseThrow(() -> InvalidConfiguration.of(file.toString(), "the file says nothing"));
    }

    /// A line that may hold a secret, where none belongs, is not shown again.
    private static List<Diagnostic> withoutSecrets(List<Diagnostic> findings) {
        var hidden = findings.stream()
                .filter(finding -> SECRETS.contains(finding.code()))
                .map(Diagnostic::line)
                .toList();
        return findings.stream()
                .map(finding -> !hidden.contains(finding.line())
                        ? finding
                        : new Diagnostic(
                                finding.severity(),
                                finding.code(),
                                finding.file(),
                                finding.line(),
                                finding.column(),
                                finding.message(),
                                ""))
                .toList();
    }

    static String text(Path file) throws InvalidConfiguration {
        Optional<String> fault = FileTrust.fault(file);
        if (fault.isPresent()) throw InvalidConfiguration.of(file.toString(), fault.get());
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(Files.readAllBytes(file)))
                    .toString();
        } catch (java.nio.charset.CharacterCodingException malformed) {
            throw InvalidConfiguration.of(file.toString(), "the file is not UTF-8");
        } catch (IOException unreadable) {
            throw InvalidConfiguration.of(file.toString(), "the file cannot be read; let the guard's user read it");
        }
    }

    private Optional<Configuration> configuration(Yaml yaml) {
        Optional<Fields> mapping = Fields.of(yaml, "a configuration", KEYS, findings);
        if (mapping.isEmpty()) return Optional.empty();
        Fields top = mapping.get();
        notBuilt(top, "storage", "url");
        Set<String> origins = origins(top);
        var identity = new IdentityReader(places, findings, secrets, origins).read(top);
        Optional<Fields> approvals = top.value("approvals")
                .flatMap(value ->
                        Fields.of(value, "`approvals`", List.of("hold", "pending", "notify", "canaries"), findings));
        var principals = new Principals(places, findings, secrets, identity).read(top);
        var read = new Configuration(
                Optional.of(file),
                new ListenReader(places, findings).read(top),
                places.path(top, "data").orElse(base.resolve("data")),
                top.value("signingKey").flatMap(value -> places.keyFile(value, "signingKey")),
                policies(top),
                servers.read(top),
                principals,
                origins,
                limits(top),
                approvals
                        .flatMap(fields -> fields.duration("hold", LONGEST_HOLD))
                        .orElse(Duration.ofSeconds(20)),
                approvals
                        .flatMap(fields -> fields.integer("pending", 1, MOST_PENDING))
                        .orElse(ApprovalDesk.SHARE),
                identity.oauth(),
                identity.signIn(),
                new TelemetryReader(findings).read(top),
                approvals
                        .map(new ChannelReader(places, findings, secrets)::read)
                        .orElse(Map.of()),
                approvals.flatMap(new CanaryReader(places, findings, principals, identity.signIn())::read));
        new ProviderReader(places, findings).jars(top);
        places.enclosures().own(file, "the configuration");
        places.enclosures().own(read.data(), "the data directory");
        for (Path policy : read.policies()) places.enclosures().own(policy, "the policies");
        places.enclosures().check(findings);
        return Optional.of(read);
    }

    private void notBuilt(Fields top, String key, String inner) {
        top.value(key)
                .ifPresent(value -> Fields.of(value, "`" + key + "`", Set.of(inner), findings)
                        .ifPresent(fields -> findings.error(
                                fields.key(inner),
                                "not-built",
                                "`" + key + "." + inner + "` is known but not carried out by this version")));
    }

    private List<Path> policies(Fields top) {
        return top.scalars("policies").stream()
                .flatMap(scalar -> {
                    Path path = places.resolve(scalar.value());
                    for (String fault : FileTrust.faults(path)) findings.error(scalar.place(), "untrusted-file", fault);
                    return java.util.stream.Stream.of(path);
                })
                .toList();
    }

    private Set<String> origins(Fields top) {
        var origins = new TreeSet<String>();
        for (Yaml.Scalar scalar : top.scalars("origins")) {
            String origin = scalar.value().toLowerCase(java.util.Locale.ROOT);
            if (origin.matches("https?://[a-z0-9.\\-\\[\\]:]+")) origins.add(origin);
            else
                findings.error(
                        scalar.place(),
                        "wrong-origin",
                        "`" + scalar.value()
                                + "` is no origin; write scheme and host, as in https://guardrail.example");
        }
        return origins;
    }

    private Configuration.Limits limits(Fields top) {
        var standard = Configuration.Limits.DEFAULT;
        return top.value("limits")
                .flatMap(value -> Fields.of(value, "`limits`", List.of("message", "arguments", "result"), findings))
                .map(fields -> new Configuration.Limits(
                        bytes(fields, "message").orElse(standard.message()),
                        bytes(fields, "arguments").orElse(standard.arguments()),
                        bytes(fields, "result").orElse(standard.result())))
                .orElse(standard);
    }

    private static Optional<Integer> bytes(Fields fields, String key) {
        return fields.size(key, LARGEST).map(Math::toIntExact);
    }

    /// Resolves what a file names, against the directory that it lies in.
    record Places(Path base, Findings findings, Enclosures enclosures) {
        Path resolve(String path) {
            return base.resolve(path).normalize();
        }

        Optional<Path> path(Fields fields, String key) {
            return fields.text(key).map(this::resolve);
        }

        /// `{file: PATH}` of a private file.
        Optional<Path> keyFile(Yaml value, String what) {
            Optional<Fields> fields = Fields.of(value, "`" + what + "`", List.of("file"), findings);
            Optional<Path> path =
                    fields.flatMap(found -> found.requiredText("file")).map(this::resolve);
            path.ifPresent(file -> enclosures.own(file, "the file of `" + what + "`"));
            path.filter(Files::exists)
                    .flatMap(FileTrust::fault)
                    .ifPresent(fault -> findings.error(value.place(), "untrusted-file", fault));
            return path;
        }

        void error(Place place, String code, String message) {
            findings.error(place, code, message);
        }
    }
}
