package dev.guardrail.undo;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// Parts calls into rows that have nothing to do with each other, and can be taken back side by side. Takes n log n
/// steps.
public final class Lanes {
    private final int[] parents;

    private Lanes(int calls) {
        parents = new int[calls];
        for (int i = 0; i < calls; i++) parents[i] = i;
    }

    /// @return rows in the order of their first calls, each in the order that was given
    public static <C> List<List<C>> of(List<C> calls, Function<C, Extent> extents) {
        var lanes = new Lanes(calls.size());
        lanes.join(calls.stream().map(extents).toList());
        var rows = new LinkedHashMap<Integer, List<C>>();
        for (int i = 0; i < calls.size(); i++)
            rows.computeIfAbsent(lanes.root(i), first -> new ArrayList<>()).add(calls.get(i));
        return List.copyOf(rows.values());
    }

    private void join(List<Extent> extents) {
        var whole = new HashMap<String, Boolean>();
        for (Extent extent : extents)
            whole.merge(extent.server(), extent.touches().isEmpty(), Boolean::logicalOr);
        Map<String, Integer> servers = new HashMap<>();
        var names = new Names<Integer>();
        for (int i = 0; i < extents.size(); i++) {
            Extent extent = extents.get(i);
            if (whole.getOrDefault(extent.server(), true)) unite(servers.computeIfAbsent(extent.server(), at(i)), i);
            for (String name : extent.touches()) {
                for (int other : names.related(name)) unite(other, i);
                names.put(name, i);
            }
        }
    }

    private static Function<String, Integer> at(int call) {
        return server -> call;
    }

    private void unite(int one, int other) {
        int first = root(one);
        int second = root(other);
        parents[Math.max(first, second)] = Math.min(first, second);
    }

    private int root(int call) {
        int at = call;
        while (parents[at] != at) {
            parents[at] = parents[parents[at]];
            at = parents[at];
        }
        return at;
    }
}
