package dev.guardrail.pack;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.base.Sha256;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.call.UndoHook;
import dev.guardrail.policy.Layer;
import dev.guardrail.policy.PolicySet;
import dev.guardrail.policy.Rule;
import dev.guardrail.sandbox.Profile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// Reads policy files: `Policy`, `Tools`, `Sandbox` and `PolicyTest`. Every fault becomes a [Diagnostic] at its
/// position and one
/// error keeps all of it from being used; reading itself fails for nothing that a file may hold, and in bounded time.
public final class PackReader {
    private static final String VERSION = "guardrail/v1";
    private static final List<String> KINDS =
            Arrays.stream(Document.Kind.values()).map(Document.Kind::text).toList();

    private final Collection<ToolDefinition> pinned;
    private final Optional<Set<String>> channels;
    private final Map<String, Profile> shipped;

    /// Checks conditions against no definitions but those that the files themselves give.
    public PackReader() {
        this(List.of());
    }

    /// @param pinned definitions of servers' tools, against whose schemas conditions are checked
    public PackReader(Collection<ToolDefinition> pinned) {
        this(pinned, Optional.empty(), Map.of());
    }

    /// @param channels that a rule can tell people through; a rule that names another is refused
    public PackReader(Collection<ToolDefinition> pinned, Set<String> channels) {
        this(pinned, Optional.of(Set.copyOf(channels)), Map.of());
    }

    private PackReader(
            Collection<ToolDefinition> pinned, Optional<Set<String>> channels, Map<String, Profile> shipped) {
        this.pinned = List.copyOf(pinned);
        this.channels = channels;
        this.shipped = Map.copyOf(shipped);
    }

    /// The same reader, whose files can name these sandbox profiles too. One of their own of the same name is meant
    /// instead.
    public PackReader knowing(Map<String, Profile> profiles) {
        return new PackReader(pinned, channels, profiles);
    }

    /// @param roots files, and directories of which all YAML files are read
    public PolicyPack read(List<Path> roots) {
        return read(new PackFiles(roots));
    }

    /// Reads files, whose texts can be kept and read again.
    public PolicyPack read(PackFiles files) {
        return read(files.sources(), files.unreadable());
    }

    /// Reads texts instead of files.
    public PolicyPack readSources(List<Source> sources) {
        return read(sources, List.of());
    }

    private PolicyPack read(List<Source> sources, List<Diagnostic> unreadable) {
        var findings = new ArrayList<Findings>();
        var documents = new ArrayList<Document>();
        for (Source source :
                sources.stream().sorted(Comparator.comparing(Source::name)).toList()) {
            var found = new Findings(source);
            findings.add(found);
            for (Yaml yaml : YamlReader.read(source, found))
                document(yaml, found).ifPresent(documents::add);
        }
        var toolsReader = new ToolsReader();
        each(documents, Document.Kind.TOOLS).forEach(toolsReader::read);
        ToolCatalogue catalogue = toolsReader.catalogue();
        var known = new KnownTools(pinned, catalogue);
        toolsReader.check(known);
        var sandboxReader = new SandboxReader();
        each(documents, Document.Kind.SANDBOX).forEach(sandboxReader::read);
        Map<String, Profile> profiles = sandboxReader.profiles();
        var named = new HashMap<>(shipped);
        named.putAll(profiles);
        var policyReader = new PolicyReader(known, channels, new TreeMap<>(named));
        each(documents, Document.Kind.POLICY).forEach(policyReader::read);
        PackLint.warn(policyReader.layers(), policyReader.placed());
        var cases = new ArrayList<PackCase>();
        for (Document document : each(documents, Document.Kind.POLICY_TEST)) cases.addAll(CaseReader.read(document));

        var diagnostics = new ArrayList<>(unreadable);
        for (Findings found : findings) diagnostics.addAll(found.all());
        diagnostics.sort(Comparator.naturalOrder());
        boolean sound = diagnostics.stream().noneMatch(Diagnostic::isError);
        List<Layer> layers = policyReader.layers();
        var policies = sound && !layers.isEmpty()
                ? new PolicySet(layers, version(layers, catalogue, profiles))
                : PolicySet.EMPTY;
        return new PolicyPack(
                policies, sound ? catalogue : ToolCatalogue.EMPTY, cases, sound ? named : Map.of(), diagnostics);
    }

    private static List<Document> each(List<Document> documents, Document.Kind kind) {
        return documents.stream().filter(document -> document.kind() == kind).toList();
    }

    /// Checks the header. A document that does not say its kind is judged as a `Policy`, so that its other faults are
    /// named in the same run.
    private static Optional<Document> document(Yaml yaml, Findings findings) {
        if (yaml instanceof Yaml.Scalar scalar && scalar.isNull()) return Optional.empty();
        if (!(yaml instanceof Yaml.Mapping mapping)) {
            findings.error(yaml.place(), "wrong-type", "a document is a mapping, not " + Fields.kind(yaml));
            return Optional.empty();
        }
        // Each kind checks its own keys; here everything is let pass.
        Fields header = Fields.of(mapping, "a document", mapping.entries().keySet(), findings)
                .orElseThrow();
        if (header.required("apiVersion").isPresent()) header.word("apiVersion", List.of(VERSION));
        if (header.required("kind").isEmpty()) return Optional.of(new Document(Document.Kind.POLICY, yaml, findings));
        Optional<Document.Kind> kind =
                header.word("kind", KINDS).map(word -> Document.Kind.values()[KINDS.indexOf(word)]);
        if (kind.isPresent() && !kind.get().built()) {
            findings.error(
                    header.key("kind"),
                    "not-built",
                    Fields.notBuilt("kind: " + kind.get().text()));
            return Optional.empty();
        }
        return kind.map(known -> new Document(known, yaml, findings));
    }

    /// Digest of everything that the files say, whichever file says it and in whichever order.
    private static Sha256 version(List<Layer> layers, ToolCatalogue catalogue, Map<String, Profile> profiles) {
        var said = new ArrayList<Json>();
        for (Layer layer : layers)
            said.add(JsonObject.with("layer", layer.name())
                    .with("abstains", layer.abstains())
                    .with(
                            "rules",
                            new JsonArray(layer.rules().stream()
                                    .sorted(Comparator.comparing(Rule::id))
                                    .<Json>map(Rule::source)
                                    .toList()))
                    .build());
        var version = JsonObject.with("layers", new JsonArray(said)).with("tools", source(catalogue));
        if (!profiles.isEmpty())
            version.with(
                    "sandboxes",
                    new JsonArray(profiles.values().stream()
                            .<Json>map(Profile::source)
                            .toList()));
        return Sha256.of(version.build());
    }

    private static JsonObject source(UndoHook hook) {
        var source = JsonObject.with("keep", Durations.text(hook.keep())).with("cannot", hook.cannot());
        hook.before().ifPresent(look -> source.with("before", source(look)));
        hook.check().ifPresent(look -> source.with("check", source(look)));
        hook.compensate().ifPresent(act -> source.with("compensate", source(act)));
        hook.whenAbsent().ifPresent(act -> source.with("whenAbsent", source(act)));
        hook.correction().ifPresent(act -> source.with("correction", source(act)));
        return source.build();
    }

    private static JsonObject source(UndoHook.Look look) {
        return JsonObject.with("tool", look.tool().toString())
                .with("args", look.args().source())
                .with("absentWhen", look.absentWhen().map(UndoHook.Absence::words))
                .build();
    }

    private static JsonObject source(UndoHook.Act act) {
        return JsonObject.with("tool", act.tool().toString())
                .with("args", act.args().source())
                .build();
    }

    private static JsonObject source(ToolCatalogue catalogue) {
        var source = JsonObject.builder();
        catalogue.entries().forEach((name, entry) -> {
            var tool = JsonObject.with("effect", entry.effect().text())
                    .with(
                            "labels",
                            JsonArray.ofTexts(entry.labels().stream().sorted().toList()))
                    .with(
                            "taints",
                            JsonArray.ofTexts(entry.taints().stream().sorted().toList()))
                    .with("idempotent", entry.idempotent())
                    .with("description", entry.description());
            entry.inputSchema().ifPresent(schema -> tool.with("inputSchema", schema));
            entry.undo().ifPresent(hook -> tool.with("undo", source(hook)));
            source.with(name, tool.build());
        });
        catalogue
                .taints()
                .forEach((server, taints) -> source.with(
                        server,
                        new JsonArray(taints.stream()
                                .sorted()
                                .<Json>map(JsonText::new)
                                .toList())));
        return source.build();
    }
}
