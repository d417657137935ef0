package dev.guardrail.server.runner.bwrap;

import dev.guardrail.sandbox.Profile;
import dev.guardrail.sandbox.Sandbox.Refusal;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// How protected names of a directory are kept. Each part of a name that is there is made a mount point, which can be
/// neither moved nor removed; the last one is read-only; and the first part that is not there is covered, so that
/// nothing can be made in its place.
final class Protection {
    private Protection() {}

    sealed interface Measure {
        Path path();

        /// Stays where it is, and is written below.
        record Pin(Path path) implements Measure {}

        /// Is only read, with all below it.
        record Freeze(Path path) implements Measure {}

        /// Is not there, and is not made.
        record Cover(Path path) implements Measure {}
    }

    sealed interface Planned {
        /// @param measures in the order in which they have to be taken
        record Measures(List<Measure> measures) implements Planned {
            public Measures {
                measures = List.copyOf(measures);
            }
        }

        record Refused(Refusal refusal) implements Planned {}
    }

    /// @param directory which is written in; a real path
    /// @param covered names that another sandbox covers at present: what is there stands for nothing
    static Planned plan(Path directory, Profile.Write write, Set<Path> covered) {
        var measures = new ArrayList<Measure>();
        var pinned = new HashSet<Path>();
        var closed = new HashSet<Path>();
        List<Path> names = write.protect().stream()
                .map(Path::of)
                .sorted(Comparator.comparing(Path::getNameCount))
                .toList();
        for (Path name : names) {
            Path at = directory;
            for (int i = 0; i < name.getNameCount() && !closed.contains(at); i++) {
                at = at.resolve(name.getName(i));
                boolean last = i == name.getNameCount() - 1;
                if (closed.contains(at)) continue;
                if (Files.isSymbolicLink(at))
                    return new Planned.Refused(new Refusal(
                            "`" + at + "` is protected and a link, which cannot be kept in its place",
                            "replace it by what it leads to"));
                if (covered.contains(at) || !Files.exists(at, LinkOption.NOFOLLOW_LINKS)) {
                    measures.add(new Measure.Cover(at));
                    closed.add(at);
                } else if (last) {
                    measures.add(new Measure.Freeze(at));
                    closed.add(at);
                } else if (!Files.isDirectory(at, LinkOption.NOFOLLOW_LINKS)) {
                    // Below a file there is nothing to protect, as long as it stays one.
                    measures.add(new Measure.Freeze(at));
                    closed.add(at);
                } else if (pinned.add(at)) {
                    measures.add(new Measure.Pin(at));
                }
            }
        }
        return new Planned.Measures(measures);
    }
}
