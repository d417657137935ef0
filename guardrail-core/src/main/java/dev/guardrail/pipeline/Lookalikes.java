package dev.guardrail.pipeline;

import dev.guardrail.call.ToolName;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// Names of one server's tools that people hardly tell apart: case, `0` and `o`, `1`, `i` and `l`, `rn` and `m`, `vv`
/// and
/// `w` are one. Nothing is matched by it; it decides only that somebody has to look.
final class Lookalikes {
    private final Map<String, Set<String>> bySkeleton;

    Lookalikes(Collection<ToolName> tools) {
        bySkeleton = tools.stream()
                .map(ToolName::name)
                .collect(Collectors.groupingBy(Lookalikes::skeleton, Collectors.toUnmodifiableSet()));
    }

    /// Other names that look like this one, in order.
    List<String> of(ToolName tool) {
        return bySkeleton.getOrDefault(skeleton(tool.name()), Set.of()).stream()
                .filter(name -> !name.equals(tool.name()))
                .sorted()
                .toList();
    }

    private static String skeleton(String name) {
        return name.toLowerCase(Locale.ROOT)
                .replace('0', 'o')
                .replace('1', 'l')
                .replace('i', 'l')
                .replace("rn", "m")
                .replace("vv", "w");
    }
}
