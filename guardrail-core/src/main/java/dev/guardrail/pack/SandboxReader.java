package dev.guardrail.pack;

import dev.guardrail.sandbox.Profile;
import dev.guardrail.sandbox.Property;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// Gathers all `Sandbox` documents. What a profile leaves out is narrow: no files but those it names, no network, no
/// variables, and limits that suit a short command.
final class SandboxReader {
    private static final List<String> KEYS =
            List.of("apiVersion", "kind", "metadata", "fs", "net", "limits", "env", "require");
    private static final List<String> LIMITS = List.of("cpu", "wall", "memory", "pids", "file", "output", "openFiles");
    private static final List<String> PROPERTIES =
            Arrays.stream(Property.values()).map(Property::text).toList();
    private static final String NAME = "[a-z0-9][a-z0-9-]{0,63}";
    private static final String VARIABLE = "[A-Za-z_][A-Za-z0-9_]{0,127}";

    private static final Duration LONGEST = Duration.ofDays(7);
    private static final long LARGEST = 1L << 40;
    private static final int MOST_PIDS = 65_536;
    private static final int MOST_FILES = 1_048_576;
    private static final long TMP = 64L << 20;
    private static final Profile.Limits STANDARD = new Profile.Limits(
            Duration.ofSeconds(60), Duration.ofSeconds(120), 512L << 20, 128, 100L << 20, 1L << 20, 1_024);

    private final Map<String, Profile> profiles = new TreeMap<>();
    private final Map<String, String> positions = new HashMap<>();

    void read(Document document) {
        Findings findings = document.findings();
        Fields.of(document.yaml(), "a Sandbox", KEYS, findings).ifPresent(fields -> {
            Optional<Yaml> name = name(fields, findings);
            var profile = new Profile(
                    name.map(SandboxReader::text).orElse(""),
                    new SandboxFilesReader(findings).read(fields, TMP),
                    network(fields, findings),
                    limits(fields, findings),
                    environment(fields, findings),
                    required(fields, findings));
            name.ifPresent(place -> add(profile, place, findings));
        });
    }

    private void add(Profile profile, Yaml name, Findings findings) {
        if (profiles.putIfAbsent(profile.name(), profile) != null)
            findings.error(
                    name.place(),
                    "duplicate-profile",
                    "`" + profile.name() + "` is a profile in " + positions.get(profile.name()) + " already");
        positions.putIfAbsent(
                profile.name(), findings.file() + ':' + name.place().line());
    }

    /// The scalar that names the profile.
    private static Optional<Yaml> name(Fields fields, Findings findings) {
        Optional<Fields> metadata = fields.required("metadata")
                .flatMap(value -> Fields.of(value, "`metadata`", List.of("name", "owner"), findings));
        metadata.ifPresent(said -> said.text("owner"));
        Optional<String> name = metadata.flatMap(said -> said.requiredText("name"));
        if (name.isEmpty()) return Optional.empty();
        Yaml place = metadata.flatMap(said -> said.value("name")).orElseThrow();
        if (name.get().matches(NAME)) return Optional.of(place);
        findings.error(
                place.place(),
                "wrong-name",
                "a profile's name is at most 64 of a-z 0-9 - and begins with a letter or digit");
        return Optional.empty();
    }

    private static String text(Yaml name) {
        return name instanceof Yaml.Scalar scalar ? scalar.value() : "";
    }

    private static Profile.Network network(Fields fields, Findings findings) {
        boolean unix = fields.value("net")
                .flatMap(value ->
                        Fields.of(value, "`net`", List.of("mode", "unix"), List.of("allow", "bytesOut"), findings))
                .map(net -> {
                    if (net.word("mode", List.of("none", "proxy"))
                            .filter("proxy"::equals)
                            .isPresent())
                        findings.error(
                                net.value("mode").orElseThrow().place(), "not-built", Fields.notBuilt("mode: proxy"));
                    return net.bool("unix").orElse(false);
                })
                .orElse(false);
        return new Profile.Network(unix);
    }

    private static Profile.Limits limits(Fields fields, Findings findings) {
        return fields.value("limits")
                .flatMap(value -> Fields.of(value, "`limits`", LIMITS, findings))
                .map(limits -> new Profile.Limits(
                        limits.duration("cpu", LONGEST).orElse(STANDARD.cpu()),
                        limits.duration("wall", LONGEST).orElse(STANDARD.wall()),
                        limits.size("memory", LARGEST).orElse(STANDARD.memoryBytes()),
                        limits.integer("pids", 1, MOST_PIDS).orElse(STANDARD.pids()),
                        limits.size("file", LARGEST).orElse(STANDARD.fileBytes()),
                        limits.size("output", LARGEST).orElse(STANDARD.outputBytes()),
                        limits.integer("openFiles", 16, MOST_FILES).orElse(STANDARD.openFiles())))
                .orElse(STANDARD);
    }

    private static Profile.Environment environment(Fields fields, Findings findings) {
        Optional<Fields> env =
                fields.value("env").flatMap(value -> Fields.of(value, "`env`", List.of("pass", "set"), findings));
        if (env.isEmpty()) return new Profile.Environment(Set.of(), Map.of());
        Set<String> pass = env.get().texts("pass");
        for (Yaml.Scalar name : env.get().scalars("pass"))
            if (!name.value().matches(VARIABLE)) findings.error(name.place(), "wrong-name", noVariable(name.value()));
        var set = new TreeMap<String, String>();
        Optional<Yaml> values = env.get().value("set");
        if (values.isPresent() && !(values.get() instanceof Yaml.Mapping))
            findings.error(values.get().place(), "wrong-type", "`set` is a mapping of variables to texts");
        if (values.orElse(null) instanceof Yaml.Mapping mapping)
            mapping.entries().forEach((name, entry) -> {
                if (!name.matches(VARIABLE)) findings.error(entry.key(), "wrong-name", noVariable(name));
                else if (pass.contains(name))
                    findings.error(entry.key(), "wrong-name", "`" + name + "` is both in `pass` and in `set`");
                else if (entry.value() instanceof Yaml.Scalar scalar
                        && scalar.isText()
                        && scalar.value().indexOf('\0') < 0) set.put(name, scalar.value());
                else
                    findings.error(
                            entry.value().place(),
                            "wrong-type",
                            "`" + name + "` is a text, not " + Fields.kind(entry.value()));
            });
        return new Profile.Environment(pass, set);
    }

    private static String noVariable(String name) {
        return "`" + name + "` is no name of a variable; it is at most 128 of A-Z a-z 0-9 _";
    }

    private static Set<Property> required(Fields fields, Findings findings) {
        var required = EnumSet.noneOf(Property.class);
        for (Yaml.Scalar word : fields.scalars("require"))
            Property.of(word.value())
                    .ifPresentOrElse(
                            required::add,
                            () -> findings.error(
                                    word.place(),
                                    "unknown-value",
                                    "`" + word.value() + "` is nothing that can be required; it is one of "
                                            + String.join(", ", PROPERTIES) + Suggestion.of(word.value(), PROPERTIES)));
        return required;
    }

    Map<String, Profile> profiles() {
        return profiles;
    }
}
