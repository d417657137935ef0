package dev.guardrail.server.runner;

import dev.guardrail.server.runner.ConfinedTree.Refused;
import dev.guardrail.undo.Hindrance;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.SortedMap;
import java.util.TreeMap;

/// All entries below a directory at one time, and the directory itself under the empty place.
record Snapshot(Path root, SortedMap<String, Seen> entries) {
    static final String ROOT = "";

    /// How much is looked at.
    record Bounds(int entries, long bytes) {}

    /// @param at a time before now
    /// @throws Refused where there is more, or it changes meanwhile
    static Snapshot of(Path root, Instant at, Bounds bounds) throws IOException {
        var walk = new Walking(root, at, bounds);
        try {
            walk.add(ROOT, root);
        } catch (NoSuchFileException | NotDirectoryException gone) {
            throw new Refused(Hindrance.BUSY, "it changes while it is looked at");
        }
        return new Snapshot(root, java.util.Collections.unmodifiableSortedMap(walk.entries));
    }

    Path path(String place) {
        return root.resolve(place);
    }

    private static final class Walking {
        private final Path root;
        private final Instant at;
        private final Bounds bounds;
        private final SortedMap<String, Seen> entries = new TreeMap<>();
        private long bytes;

        private Walking(Path root, Instant at, Bounds bounds) {
            this.root = root;
            this.at = at;
            this.bounds = bounds;
        }

        private void add(String place, Path path) throws IOException {
            Seen seen = Seen.of(path, at).orElseThrow(() -> new NoSuchFileException(place));
            entries.put(place, seen);
            if (seen.isFile()) bytes += seen.bytes();
            if (entries.size() > bounds.entries())
                throw new Refused(
                        Hindrance.TOO_LARGE, "it holds more than " + bounds.entries() + " files and directories");
            if (bytes > bounds.bytes())
                throw new Refused(Hindrance.TOO_LARGE, "it holds more than " + (bounds.bytes() >> 20) + " MiB");
            if (!seen.isDirectory()) return;
            try (DirectoryStream<Path> below = Files.newDirectoryStream(path)) {
                for (Path entry : below) add(named(place, entry), entry);
            }
        }

        private String named(String place, Path entry) throws IOException {
            String name = String.valueOf(entry.getFileName());
            String below = place.isEmpty() ? name : place + "/" + name;
            if (!root.resolve(below).equals(entry)) throw new Refused("a name in it cannot be written as it is");
            return below;
        }
    }
}
