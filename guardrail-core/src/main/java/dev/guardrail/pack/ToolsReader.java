package dev.guardrail.pack;

import dev.guardrail.base.JsonObject;
import dev.guardrail.call.ToolEffect;
import dev.guardrail.call.ToolName;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// Gathers all `Tools` documents into one catalogue.
final class ToolsReader {
    private static final List<String> KEYS = List.of("apiVersion", "kind", "metadata", "server", "taints", "tools");
    private static final List<String> TOOL =
            List.of("effect", "labels", "taints", "idempotent", "description", "inputSchema", "undo");
    private static final List<String> EFFECTS =
            Arrays.stream(ToolEffect.values()).map(ToolEffect::text).toList();

    private final Map<String, ToolCatalogue.Entry> entries = new TreeMap<>();
    private final Map<String, String> positions = new HashMap<>();
    private final Map<String, Set<String>> taints = new HashMap<>();

    private final HookReader hooks = new HookReader();

    void read(Document document) {
        Findings findings = document.findings();
        Fields.of(document.yaml(), "a Tools", KEYS, findings).ifPresent(fields -> {
            Optional<String> server = fields.requiredText("server").filter(name -> isServer(fields, name, findings));
            taints.computeIfAbsent(server.orElse(""), unknown -> new TreeSet<>())
                    .addAll(fields.textsOrNone("taints"));
            Optional<Yaml> tools = fields.value("tools");
            if (tools.isEmpty() || server.isEmpty()) return;
            if (!(tools.get() instanceof Yaml.Mapping mapping))
                findings.error(tools.get().place(), "wrong-type", "`tools` is a mapping from names to what they are");
            else mapping.entries().forEach((name, entry) -> tool(server.get(), name, entry, findings));
        });
    }

    private static boolean isServer(Fields fields, String name, Findings findings) {
        if (ToolName.isServer(name)) return true;
        findings.error(
                fields.value("server").orElseThrow().place(),
                "wrong-name",
                "`" + name + "` is no server; it is at most 64 of a-z 0-9 _ -");
        return false;
    }

    private void tool(String server, String name, Yaml.Entry entry, Findings findings) {
        ToolName full;
        try {
            full = new ToolName(server, name);
        } catch (IllegalArgumentException malformed) {
            findings.error(entry.key(), "wrong-name", "`" + name + "` is no name of a tool");
            return;
        }
        Fields.of(entry.value(), "a tool", TOOL, findings).ifPresent(fields -> {
            var read = new ToolCatalogue.Entry(
                    full,
                    fields.word("effect", EFFECTS)
                            .map(word -> ToolEffect.values()[EFFECTS.indexOf(word)])
                            .orElse(ToolEffect.EXTERNAL),
                    fields.textsOrNone("labels"),
                    fields.textsOrNone("taints"),
                    fields.bool("idempotent").orElse(false),
                    fields.text("description"),
                    schema(fields, findings),
                    fields.value("undo").flatMap(yaml -> hooks.read(full, yaml, findings)));
            if (entries.putIfAbsent(full.toString(), read) != null)
                findings.error(
                        entry.key(),
                        "duplicate-tool",
                        "`" + full + "` is described in " + positions.get(full.toString()) + " already");
            positions.putIfAbsent(
                    full.toString(), findings.file() + ':' + entry.key().line());
        });
    }

    private static Optional<JsonObject> schema(Fields fields, Findings findings) {
        Optional<Yaml> yaml = fields.value("inputSchema");
        if (yaml.isEmpty()) return Optional.empty();
        if (yaml.get() instanceof Yaml.Mapping mapping
                && mapping.json().text("type").filter("object"::equals).isPresent()) return Optional.of(mapping.json());
        findings.error(
                yaml.get().place(),
                "wrong-type",
                "an `inputSchema` is a JSON Schema of an object: `{type: object, …}`");
        return Optional.empty();
    }

    /// Looks for what is named, now that every file is read.
    void check(KnownTools tools) {
        hooks.check(tools, catalogue());
    }

    ToolCatalogue catalogue() {
        return new ToolCatalogue(entries, taints);
    }
}
