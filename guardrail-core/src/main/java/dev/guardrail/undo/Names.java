package dev.guardrail.undo;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// What was kept under names of resources, `/` between their parts. Two names are about the same thing where they are
/// equal or one lies below the other.
///
/// @param <T> what is kept
public final class Names<T> {
    private final TreeMap<String, T> kept = new TreeMap<>();

    /// What is kept under a name, above it and below it.
    public List<T> related(String name) {
        String clean = clean(name);
        var related = new ArrayList<T>();
        above(clean).ifPresent(related::add);
        related.addAll(below(clean).values());
        return related;
    }

    /// Keeps it under a name, in place of what was there and below.
    public void put(String name, T value) {
        String clean = clean(name);
        below(clean).clear();
        kept.put(clean, value);
    }

    private Optional<T> above(String name) {
        T found = kept.get(name);
        for (int slash = name.lastIndexOf('/'); found == null && slash >= 0; slash = name.lastIndexOf('/', slash - 1))
            found = kept.get(name.substring(0, slash));
        return Optional.ofNullable(found);
    }

    private Map<String, T> below(String name) {
        // The character behind `/`.
        return kept.subMap(name + '/', name + '0');
    }

    private static String clean(String name) {
        return name.endsWith("/") ? name.substring(0, name.length() - 1) : name;
    }
}
