package dev.guardrail.server.wiring;

import dev.guardrail.pack.Findings;
import dev.guardrail.pack.Place;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The guard's own files, and the directories that tools work in. None of the former may lie in one of the latter:
/// an agent that is let into such a directory would read keys, or write policies and the log.
final class Enclosures {
    private final Map<Path, String> own = new LinkedHashMap<>();
    private final Map<Path, String> told = new LinkedHashMap<>();
    private final List<Root> roots = new ArrayList<>();
    private final List<Root> targets = new ArrayList<>();

    /// @param what it is, as a noun with its article
    void own(Path path, String what) {
        own.putIfAbsent(path, what);
    }

    /// What a program is told to read, or to work in: no tool may reach it, though what others are given may lie in it.
    void told(Path path, String what) {
        told.putIfAbsent(path, what);
    }

    void root(Place place, Path path) {
        roots.add(new Root(place, path));
    }

    /// A file that is written for others: none of the guard's own.
    void target(Place place, Path path) {
        targets.add(new Root(place, path));
    }

    /// Reports each of the guard's own files that lies in a directory that tools work in, or is written for others.
    void check(Findings findings) {
        for (Root target : targets)
            own.forEach((path, what) -> {
                if (within(target.path(), path))
                    findings.error(
                            target.place(),
                            "exposed-file",
                            "`" + target.path() + "` is or lies in " + what + "; it is nothing for others");
            });
        for (Root root : roots)
            for (var guarded : List.of(own, told))
                guarded.forEach((path, what) -> {
                    if (within(path, root.path()))
                        findings.error(
                                root.place(),
                                "exposed-file",
                                what + " `" + path + "` lies in `" + root.path()
                                        + "`, where tools reach it; move it out, or name a narrower `root`");
                });
    }

    /// Whether the path itself, or what it leads to, lies in the directory.
    static boolean within(Path path, Path directory) {
        Path root = real(directory);
        Path named = path.toAbsolutePath().normalize();
        Path parent = named.getParent();
        boolean itself =
                parent != null && real(parent).resolve(named.getFileName()).startsWith(root);
        return itself || real(named).startsWith(root);
    }

    /// The real path, or that of the nearest parent that has one, and the rest as it is written.
    private static Path real(Path path) {
        Path named = path.toAbsolutePath().normalize();
        for (Path known = named; known != null; known = known.getParent()) {
            Optional<Path> real = existing(known);
            if (real.isPresent())
                return real.get().resolve(known.relativize(named)).normalize();
        }
        return named;
    }

    private static Optional<Path> existing(Path path) {
        if (!Files.exists(path)) return Optional.empty();
        try {
            return Optional.of(path.toRealPath());
        } catch (IOException unreadable) {
            return Optional.empty();
        }
    }

    private record Root(Place place, Path path) {}
}
