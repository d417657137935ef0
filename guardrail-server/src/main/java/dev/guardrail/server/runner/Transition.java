package dev.guardrail.server.runner;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// A change of some places of a directory, with all that it takes to make it and to take it back but the bytes of
/// files.
///
/// @param root real path of the directory
/// @param from what stood at the places
/// @param to what is to stand there
/// @param fromTimes of directories in which something is changed, by place, as they were
/// @param toTimes of those that are there afterwards
record Transition(
        Path root,
        FileStates from,
        FileStates to,
        SortedMap<String, Instant> fromTimes,
        SortedMap<String, Instant> toTimes) {
    private static final FileState NOTHING = new FileState.Absent(List.of());

    /// Who may go into a directory while it is being filled.
    private static final String OPEN = "rwx------";

    Transition {
        fromTimes = Collections.unmodifiableSortedMap(new TreeMap<>(fromTimes));
        toTimes = Collections.unmodifiableSortedMap(new TreeMap<>(toTimes));
    }

    Transition reversed() {
        return new Transition(root, to, from, toTimes, fromTimes);
    }

    /// What it takes where this stands there now.
    RestorePlan plan(FileStates now) {
        var removals = new ArrayList<String>();
        var puts = new TreeMap<String, FileState>();
        to.byPlace().forEach((place, wanted) -> {
            FileState is = now.at(place);
            if (agree(is, wanted)) return;
            if (isInTheWay(is, wanted)) removals.add(place);
            switch (wanted) {
                case FileState.Absent absent -> {}
                case FileState.Directory(FileState.Access access) ->
                    puts.put(
                            place, new FileState.Directory(new FileState.Access(OPEN, access.owner(), access.group())));
                case FileState.Regular regular -> puts.put(place, regular);
                case FileState.Link link -> puts.put(place, link);
                case FileState.Tree tree -> throw new IllegalStateException("places are looked at one by one");
            }
        });
        removals.sort(DEEPEST);
        return new RestorePlan(List.of(), removals, puts, List.of());
    }

    static final Comparator<String> DEEPEST = Comparator.<String>comparingInt(
                    place -> FileStates.names(place).size())
            .reversed()
            .thenComparing(Comparator.naturalOrder());

    /// True where both are the same, or directories: who may do what with those is said last.
    static boolean agree(FileState is, FileState wanted) {
        if (is instanceof FileState.Absent && wanted instanceof FileState.Absent) return true;
        if (is instanceof FileState.Directory && wanted instanceof FileState.Directory) return true;
        return is.equals(wanted);
    }

    private static boolean isInTheWay(FileState is, FileState wanted) {
        if (is instanceof FileState.Absent) return false;
        return wanted instanceof FileState.Absent
                || wanted instanceof FileState.Directory
                || is instanceof FileState.Directory;
    }

    /// Places at which neither of both ends stands, nor anything on the way from one to the other.
    List<String> strange(FileStates now) {
        return to.byPlace().keySet().stream()
                .filter(place -> !(now.at(place) instanceof FileState.Absent))
                .filter(place -> !agree(now.at(place), from.at(place)) && !agree(now.at(place), to.at(place)))
                .toList();
    }

    /// Places at which something else stands than at the beginning.
    List<String> changed(FileStates now) {
        return from.byPlace().keySet().stream()
                .filter(place -> !now.at(place).equals(from.at(place)))
                .toList();
    }

    /// Leaves out of an absence what else is missing.
    static FileState bare(FileState state) {
        return state instanceof FileState.Absent ? NOTHING : state;
    }

    JsonObject json() {
        return JsonObject.with("root", root.toString())
                .with("from", from.json())
                .with("to", to.json())
                .with("fromTimes", json(fromTimes))
                .with("toTimes", json(toTimes))
                .build();
    }

    private static JsonArray json(SortedMap<String, Instant> times) {
        return new JsonArray(times.entrySet().stream()
                .<Json>map(time -> JsonObject.with("at", time.getKey())
                        .with("modified", time.getValue().toString())
                        .build())
                .toList());
    }

    /// @return empty where it is none that this program wrote
    static Optional<Transition> of(JsonObject json) {
        Optional<FileStates> from = json.object("from").flatMap(FileStates::of);
        Optional<FileStates> to = json.object("to").flatMap(FileStates::of);
        Optional<Path> root = json.text("root").map(Path::of);
        if (from.isEmpty() || to.isEmpty() || root.isEmpty()) return Optional.empty();
        if (!from.get().byPlace().keySet().equals(to.get().byPlace().keySet())) return Optional.empty();
        return Optional.of(
                new Transition(root.get(), from.get(), to.get(), times(json, "fromTimes"), times(json, "toTimes")));
    }

    private static SortedMap<String, Instant> times(JsonObject json, String name) {
        var times = new TreeMap<String, Instant>();
        for (JsonObject time : json.array(name).orElse(JsonArray.EMPTY).objects())
            times.put(
                    time.text("at").orElseThrow(),
                    Instant.parse(time.text("modified").orElseThrow()));
        return times;
    }

    /// Directories whose access is said last, the deepest first.
    List<Map.Entry<String, FileState.Access>> directories() {
        var directories = new ArrayList<Map.Entry<String, FileState.Access>>();
        to.byPlace().forEach((place, state) -> {
            if (state instanceof FileState.Directory(FileState.Access access))
                directories.add(Map.entry(place, access));
        });
        directories.sort(Map.Entry.comparingByKey(DEEPEST));
        return directories;
    }
}
