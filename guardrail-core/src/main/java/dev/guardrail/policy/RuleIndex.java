package dev.guardrail.policy;

import dev.guardrail.call.ToolDefinition;
import dev.guardrail.call.ToolName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/// Rules by tool: what is asked of a call does not grow with rules about other tools. Rules that name their tools
/// exactly lie in a hash map; the others are matched once per tool and kept. Safe for concurrent use.
final class RuleIndex {
    /// Tools whose candidates are kept; beyond it all are forgotten and worked out again.
    static final int KEPT = 16_384;

    private final List<Shelf> shelves;
    private final Map<ToolName, Candidates> known = new ConcurrentHashMap<>();

    /// One layer's rules: by the tools that they name, and those that must be matched against each tool.
    private record Shelf(String name, boolean abstains, Map<ToolName, List<Rule>> exact, List<Rule> open) {}

    RuleIndex(PolicySet policies) {
        var byName = new TreeMap<String, List<Layer>>();
        for (Layer layer : policies.layers())
            byName.computeIfAbsent(layer.name(), unknown -> new ArrayList<>()).add(layer);
        shelves = byName.values().stream().map(RuleIndex::shelf).toList();
    }

    /// Layers of one name are one set; where they contradict each other, the stricter default holds.
    private static Shelf shelf(List<Layer> layers) {
        var exact = new HashMap<ToolName, List<Rule>>();
        var open = new ArrayList<Rule>();
        for (Layer layer : layers) {
            for (Rule rule : layer.rules()) {
                var tools = rule.match().tools();
                if (tools.isEmpty() || !tools.stream().allMatch(Glob::isLiteral)) open.add(rule);
                else
                    tools.stream()
                            .map(glob -> glob.exact().orElseThrow())
                            .distinct()
                            .forEach(tool -> exact.computeIfAbsent(tool, unknown -> new ArrayList<>())
                                    .add(rule));
            }
        }
        return new Shelf(layers.getFirst().name(), layers.stream().allMatch(Layer::abstains), exact, open);
    }

    Candidates of(ToolDefinition tool) {
        Candidates found = known.get(tool.name());
        // The operator may have relabelled a tool since: labels decide what matches.
        if (found != null && found.fit(tool.labels())) return found;
        Candidates fresh = workOut(tool);
        if (known.size() >= KEPT) known.clear();
        known.put(tool.name(), fresh);
        return fresh;
    }

    private Candidates workOut(ToolDefinition tool) {
        var layers = new ArrayList<Layer>(shelves.size());
        for (Shelf shelf : shelves) {
            var rules = new ArrayList<Rule>();
            for (Rule rule : shelf.exact().getOrDefault(tool.name(), List.of()))
                if (rule.match().matches(tool)) rules.add(rule);
            for (Rule rule : shelf.open()) if (rule.match().matches(tool)) rules.add(rule);
            layers.add(new Layer(shelf.name(), shelf.abstains(), rules));
        }
        return new Candidates(tool.labels(), layers);
    }
}
