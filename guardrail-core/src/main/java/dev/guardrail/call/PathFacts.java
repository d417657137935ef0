package dev.guardrail.call;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Path facts by the argument's exact text. A text without a fact is an error in a condition, never false.
public record PathFacts(Map<String, PathFact> byText) {
    public static final PathFacts NONE = new PathFacts(Map.of());

    public PathFacts {
        byText = java.util.Collections.unmodifiableMap(new TreeMap<>(byText));
    }

    public Optional<PathFact> of(String text) {
        return Optional.ofNullable(byText.get(text));
    }
}
