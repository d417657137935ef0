package dev.guardrail.pack;

import dev.guardrail.base.JsonObject;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.call.ToolEffect;
import dev.guardrail.call.ToolName;
import dev.guardrail.call.UndoHook;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// What the operator says of tools (`kind: Tools`): laid over the definitions that servers give, and the whole
/// definition of tools that callers run themselves.
///
/// @param entries by `server.name`
/// @param taints by server: what the results of any of its tools bring into a session
public record ToolCatalogue(Map<String, Entry> entries, Map<String, Set<String>> taints) {
    public static final ToolCatalogue EMPTY = new ToolCatalogue(Map.of(), Map.of());

    /// One tool.
    ///
    /// @param taints beside those of its server
    /// @param undo how its calls are taken back
    public record Entry(
            ToolName name,
            ToolEffect effect,
            Set<String> labels,
            Set<String> taints,
            boolean idempotent,
            Optional<String> description,
            Optional<JsonObject> inputSchema,
            Optional<UndoHook> undo) {
        public Entry {
            labels = Set.copyOf(labels);
            taints = Set.copyOf(taints);
        }
    }

    public ToolCatalogue {
        entries = java.util.Collections.unmodifiableMap(new TreeMap<>(entries));
        taints = Map.copyOf(taints);
    }

    public Set<ToolName> names() {
        return entries.values().stream().map(Entry::name).collect(java.util.stream.Collectors.toUnmodifiableSet());
    }

    /// The tool as it is pinned and judged.
    ///
    /// @param served the server's own definition; empty for a tool that the caller runs
    /// @return empty where neither a server nor the catalogue knows it: such a tool is denied
    public Optional<ToolDefinition> describe(ToolName name, Optional<JsonObject> served) {
        Optional<Entry> entry = Optional.ofNullable(entries.get(name.toString()));
        if (served.isEmpty() && entry.isEmpty()) return Optional.empty();
        JsonObject definition = ToolDefinition.pinned(served.orElseGet(() -> written(entry.orElseThrow())));
        var brought = new TreeSet<>(taints.getOrDefault(name.server(), Set.of()));
        entry.ifPresent(said -> brought.addAll(said.taints()));
        return Optional.of(new ToolDefinition(
                name,
                definition,
                definition.object("inputSchema").or(() -> entry.flatMap(Entry::inputSchema)),
                entry.map(Entry::effect).orElse(ToolEffect.EXTERNAL),
                entry.map(Entry::labels).orElse(Set.of()),
                brought,
                entry.map(Entry::idempotent).orElse(false),
                served.isEmpty(),
                ToolDefinition.digest(name, definition),
                entry.flatMap(Entry::undo)));
    }

    /// The definition that the operator gives of a tool that no server lists.
    private static JsonObject written(Entry entry) {
        var definition = JsonObject.with("name", entry.name().name()).with("description", entry.description());
        entry.inputSchema().ifPresent(schema -> definition.with("inputSchema", schema));
        return definition.build();
    }
}
