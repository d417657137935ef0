package dev.guardrail.server.runner;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/// Places of a workspace where somebody else did something since it was looked at, as far as a change touches them.
///
/// @param before the workspace as it was looked at
record Conflicts(Snapshot before, Transition transition, InstantSource clock) {

    /// @return by name; the workspace itself is `.`
    List<String> find() throws IOException {
        Instant at = clock.instant();
        var found = new TreeSet<String>();
        for (String place : transition.to().byPlace().keySet()) {
            if (!isStill(place, at)) found.add(place);
            for (String above = parent(place); !isRoot(above); above = parent(above))
                if (before.entries().containsKey(above) && !isStill(above, at)) found.add(above);
        }
        if (!isStill(Snapshot.ROOT, at)) found.add(".");
        return List.copyOf(found);
    }

    static String parent(String place) {
        return place.substring(0, Math.max(0, place.lastIndexOf('/')));
    }

    private static boolean isRoot(String place) {
        return place.isEmpty();
    }

    private boolean isStill(String place, Instant at) throws IOException {
        Path path = before.path(place);
        Optional<Seen> now = seen(path, at);
        Seen was = before.entries().get(place);
        if (was == null) return now.isEmpty();
        return now.isPresent() && was.isStill(now.get(), path);
    }

    private static Optional<Seen> seen(Path path, Instant at) throws IOException {
        try {
            return Seen.of(path, at);
        } catch (java.nio.file.FileSystemException below) {
            // Something on its way is no directory any more, or may not be passed.
            if (Files.exists(path, java.nio.file.LinkOption.NOFOLLOW_LINKS)) throw below;
            return Optional.empty();
        }
    }
}
