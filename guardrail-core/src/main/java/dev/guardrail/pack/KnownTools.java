package dev.guardrail.pack;

import dev.guardrail.base.JsonObject;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.call.ToolName;
import dev.guardrail.policy.Glob;
import dev.guardrail.policy.Match;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// The tools that conditions are checked against: pinned ones under the operator's catalogue, and those that callers
/// run themselves.
final class KnownTools {
    private final Map<String, ToolDefinition> byName = new TreeMap<>();
    private final Set<String> served = new HashSet<>();

    KnownTools(Collection<ToolDefinition> pinned, ToolCatalogue catalogue) {
        for (ToolDefinition tool : pinned) served.add(tool.name().server());
        for (ToolDefinition tool : pinned)
            catalogue
                    .describe(tool.name(), Optional.of(tool.definition()))
                    .ifPresent(described -> byName.put(tool.name().toString(), described));
        for (ToolName name : catalogue.names())
            if (!byName.containsKey(name.toString()))
                catalogue
                        .describe(name, Optional.empty())
                        .ifPresent(described -> byName.put(name.toString(), described));
    }

    /// The tools that a rule may be asked about.
    List<ToolDefinition> matching(Match match) {
        var found = new LinkedHashSet<ToolDefinition>();
        for (Glob glob : match.tools()) {
            if (glob.server().indexOf('*') < 0 && glob.name().indexOf('*') < 0) {
                ToolDefinition tool = byName.get(glob.toString());
                if (tool != null && match.matches(tool)) found.add(tool);
            } else {
                // What only undoing reaches has arguments that no rule about agents is written for.
                for (ToolDefinition tool : byName.values())
                    if (!tool.name().isUndo() && glob.matches(tool.name()) && match.matches(tool)) found.add(tool);
            }
        }
        if (match.tools().isEmpty())
            byName.values().stream()
                    .filter(tool -> !tool.name().isUndo() && match.matches(tool))
                    .forEach(found::add);
        return List.copyOf(found);
    }

    /// The tool; one that nothing is known of counts as external and has no labels.
    ToolDefinition of(ToolName name) {
        ToolDefinition known = byName.get(name.toString());
        return known != null
                ? known
                : ToolCatalogue.EMPTY
                        .describe(
                                name,
                                Optional.of(JsonObject.with("name", name.name()).build()))
                        .orElseThrow();
    }

    /// All of them, in order of name.
    List<ToolDefinition> all() {
        return List.copyOf(byName.values());
    }

    /// Names of a server's tools; empty where nothing is known of the server.
    List<String> of(String server) {
        return byName.keySet().stream()
                .filter(name -> name.startsWith(server + "."))
                .toList();
    }

    /// True where the server itself was asked what it has.
    boolean isServed(String server) {
        return served.contains(server);
    }

    boolean has(String name) {
        return byName.containsKey(name);
    }
}
