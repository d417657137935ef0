package dev.guardrail.server.runner;

import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Sha256;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// What stands at some places of a tree.
///
/// @param byPlace by the place's path from the root, `/` between its parts
record FileStates(SortedMap<String, FileState> byPlace) {
    FileStates {
        byPlace = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(byPlace));
    }

    /// Components of a place.
    static List<String> names(String place) {
        return List.of(place.split("/", -1));
    }

    /// What stands at a place that is among them.
    FileState at(String place) {
        return Objects.requireNonNull(byPlace.get(place));
    }

    JsonObject json() {
        return JsonObject.with(
                        "places",
                        new JsonArray(byPlace.entrySet().stream()
                                .<dev.guardrail.base.Json>map(
                                        entry -> entry.getValue().json(entry.getKey()))
                                .toList()))
                .build();
    }

    /// @return empty where something in it is not known to this program
    static Optional<FileStates> of(JsonObject json) {
        var states = new TreeMap<String, FileState>();
        for (JsonObject place : json.array("places").orElse(JsonArray.EMPTY).objects()) {
            Optional<String> at = place.text("at").filter(FileStates::isPlace);
            Optional<FileState> state = FileState.of(place);
            if (at.isEmpty() || state.isEmpty()) return Optional.empty();
            states.put(at.get(), state.get());
        }
        return states.isEmpty() ? Optional.empty() : Optional.of(new FileStates(states));
    }

    private static boolean isPlace(String at) {
        return names(at).stream().noneMatch(name -> name.isEmpty() || name.equals(".") || name.equals(".."));
    }

    String version() {
        return Sha256.of(json()).toString();
    }

    /// Real paths that it is about. Where directories were made on the way, the outermost of them is touched too: it
    /// goes again with the last that was put there.
    List<String> touches(Path root) {
        return byPlace.entrySet().stream()
                .map(entry -> root.resolve(outermost(entry)).toString())
                .distinct()
                .toList();
    }

    private static String outermost(Map.Entry<String, FileState> entry) {
        return entry.getValue() instanceof FileState.Absent(List<String> missing) && !missing.isEmpty()
                ? missing.getFirst()
                : entry.getKey();
    }
}
