package dev.guardrail.server.console.audit;

import dev.guardrail.base.JsonObject;
import dev.guardrail.server.console.Bit;
import dev.guardrail.server.sheet.Legible;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Values of one field among what was found, by how often they are there.
public record Facet(String title, List<Value> values) {
    private static final int MOST = 8;
    private static final Map<String, String> TITLES =
            Map.of("kind", "Kind", "effect", "Decision", "agent", "Agent", "tool", "Tool");

    public Facet {
        values = List.copyOf(values);
    }

    /// @param url of the search with this value, or without it where it is chosen
    public record Value(List<Bit> name, long count, String url, boolean chosen) {}

    static List<Facet> of(Search search, List<Line> lines) {
        return List.of("effect", "kind", "agent", "tool").stream()
                .map(field -> of(search, lines, field))
                .filter(facet -> !facet.values().isEmpty())
                .toList();
    }

    private static Facet of(Search search, List<Line> lines, String field) {
        Map<String, Long> counts = lines.stream()
                .map(Line::entry)
                .flatMap((JsonObject entry) -> entry.text(field).stream())
                .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
        return new Facet(
                TITLES.getOrDefault(field, field),
                counts.entrySet().stream()
                        .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
                                .thenComparing(Map.Entry.comparingByKey()))
                        .limit(MOST)
                        .map(each -> new Value(
                                Bit.of(Legible.line(each.getKey())),
                                each.getValue(),
                                search.toggled(field, each.getKey()),
                                search.has(field, each.getKey())))
                        .toList());
    }
}
