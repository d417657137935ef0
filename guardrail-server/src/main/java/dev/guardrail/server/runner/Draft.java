package dev.guardrail.server.runner;

import dev.guardrail.sandbox.Change;
import dev.guardrail.sandbox.Commit;
import dev.guardrail.sandbox.Impact;
import dev.guardrail.server.runner.ConfinedTree.Refused;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// A copy of a workspace in which something is tried out, and what it takes to do the same to the workspace. Of one
/// thread at a time.
public final class Draft {
    /// Largest workspace that is copied.
    private static final Snapshot.Bounds BOUNDS = new Snapshot.Bounds(50_000, 512L << 20);

    private final DraftFiles files;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final Snapshot workspace;
    private @Nullable Snapshot copy;
    private @Nullable Diff diff;

    /// What was found to be different in the copy.
    private record Diff(Transition transition, Impact impact, List<String> obstacles) {}

    private Draft(DraftFiles files, Snapshot workspace, InstantSource clock, RandomGenerator random) {
        this.files = files;
        this.workspace = workspace;
        this.clock = clock;
        this.random = random;
    }

    /// Looks at a workspace, before it is copied.
    ///
    /// @param directory of the draft alone, private and there
    /// @throws IOException where it is too large, or changes meanwhile; the message is one lower-case clause
    public static Draft of(Path directory, Path workspace, InstantSource clock, RandomGenerator random)
            throws IOException {
        var seen = Snapshot.of(workspace.toRealPath(), clock.instant(), BOUNDS);
        return new Draft(new DraftFiles(directory), seen, clock, random);
    }

    /// Looks at the copy, before anything is done to it.
    ///
    /// @throws IOException where it is none of the workspace as it was
    public void copied(Path root) throws IOException {
        var seen = Snapshot.of(root, clock.instant(), BOUNDS);
        for (var entry : workspace.entries().entrySet()) {
            Seen there = seen.entries().get(entry.getKey());
            if (there == null || !entry.getValue().isCopiedAs(there))
                throw new Refused("`" + entry.getKey() + "` changes while it is copied, or cannot be copied");
        }
        copy = seen;
    }

    /// What was done to the copy, when nobody does anything to it any more.
    ///
    /// @param uid who did it
    public Impact impact(int uid) throws IOException {
        Snapshot before = Objects.requireNonNull(copy, "nothing was copied yet");
        Snapshot after = Snapshot.of(before.root(), clock.instant(), BOUNDS);
        SortedSet<String> places = different(before, after);
        SortedSet<String> touched = touched(before, after, places);
        places.addAll(touched);
        var obstacles = new ArrayList<String>();
        var from = new TreeMap<String, FileState>();
        var to = new TreeMap<String, FileState>();
        var changes = new ArrayList<Change>();
        try (var original = new ConfinedTree(workspace.root(), random);
                var changed = new ConfinedTree(before.root(), random)) {
            for (String place : places) {
                Optional<FileState> was = state(original, place, workspace, obstacles);
                Optional<FileState> is = state(changed, place, after, obstacles);
                if (was.isPresent() && was.equals(is) && !touched.contains(place)) continue;
                belongs(place, uid, obstacles);
                changes.add(new Change(place, Entries.of(was), Entries.of(is)));
                if (was.isEmpty() || is.isEmpty()) continue;
                from.put(place, was.get());
                to.put(place, is.get());
            }
        }
        if (places.contains(Snapshot.ROOT)) obstacles.add("it changes who may do what with the workspace itself");
        var transition = new Transition(
                workspace.root(),
                new FileStates(from),
                new FileStates(to),
                times(places, before, workspace),
                times(places, before, after));
        var found = new Diff(transition, new Impact(changes), List.copyOf(obstacles));
        diff = found;
        return found.impact();
    }

    /// Directories whose time is another, though nothing is different in them.
    private static SortedSet<String> touched(Snapshot before, Snapshot after, SortedSet<String> places) {
        var touched = new TreeSet<String>();
        for (var entry : before.entries().entrySet()) {
            Seen now = after.entries().get(entry.getKey());
            if (now != null
                    && now.isDirectory()
                    && entry.getValue().isDirectory()
                    && !now.modified().equals(entry.getValue().modified())) touched.add(entry.getKey());
        }
        for (String place : places) touched.remove(Conflicts.parent(place));
        touched.remove(Snapshot.ROOT);
        return touched;
    }

    /// Places at which both are not the same. Times of directories tell nothing.
    private static SortedSet<String> different(Snapshot before, Snapshot after) throws IOException {
        var places = new TreeSet<String>();
        for (var entry : before.entries().entrySet()) {
            Seen now = after.entries().get(entry.getKey());
            if (now == null || !entry.getValue().isStill(now, after.path(entry.getKey()))) places.add(entry.getKey());
        }
        after.entries().keySet().stream()
                .filter(place -> !before.entries().containsKey(place))
                .forEach(places::add);
        return places;
    }

    /// @return empty where it cannot be put anywhere, and why is among the obstacles
    private static Optional<FileState> state(ConfinedTree tree, String place, Snapshot seen, List<String> obstacles)
            throws IOException {
        if (place.equals(Snapshot.ROOT)) return Optional.empty();
        Seen there = seen.entries().get(place);
        if (there != null && !there.isLink() && (there.permissions() & 07000) != 0)
            obstacles.add("`" + place + "` has a mode beyond read, write and execute");
        try {
            return Optional.of(
                    Transition.bare(new StateReader(tree).read(FileStates.names(place), StateReader.Manner.ENTRY)));
        } catch (Refused unfit) {
            obstacles.add("`" + place + "`: " + Workspace.reason(unfit));
            return Optional.empty();
        }
    }

    private void belongs(String place, int uid, List<String> obstacles) {
        Seen there = workspace.entries().get(place);
        if (there != null && there.uid() != uid && !there.isLink())
            obstacles.add("`" + place + "` belongs to another user of the system");
    }

    /// Of directories in which a place changes, as far as they are there; and of the workspace itself, in which things
    /// are made before they go where they belong.
    private SortedMap<String, Instant> times(SortedSet<String> places, Snapshot before, Snapshot seen) {
        var times = new TreeMap<String, Instant>();
        boolean same = modified(before, Snapshot.ROOT).equals(modified(seen, Snapshot.ROOT));
        times.put(Snapshot.ROOT, modified(same ? workspace : seen, Snapshot.ROOT));
        for (String place : places)
            for (String directory : List.of(place, Conflicts.parent(place))) {
                Seen there = seen.entries().get(directory);
                if (there != null && there.isDirectory()) times.put(directory, modified(seen, directory));
            }
        return times;
    }

    private static Instant modified(Snapshot seen, String directory) {
        return Objects.requireNonNull(seen.entries().get(directory)).modified().toInstant();
    }

    /// Does to the workspace what was done to the copy, if it is as it was wherever that touches it.
    ///
    /// A crash before the plan is written has done nothing; one after it leaves a part, and [#resume] does the
    /// rest.
    ///
    /// @param shown what is to be done; nothing else is
    public Commit commit(Impact shown) throws IOException {
        Diff found = Objects.requireNonNull(diff, "nothing was looked at yet");
        if (!found.impact().equals(shown)) return new Commit.Refused(List.of("it is not what was shown"));
        if (!found.obstacles().isEmpty()) return new Commit.Refused(found.obstacles());
        if (found.transition().to().byPlace().isEmpty()) return new Commit.Done();
        var conflicts = new Conflicts(workspace, found.transition(), clock);
        List<String> changed = conflicts.find();
        if (!changed.isEmpty()) return new Commit.Conflict(changed);
        try {
            keep(found.transition());
            return files.carryOut(new DraftFiles.Plan(found.transition(), random.nextLong()), conflicts::find);
        } catch (Refused changing) {
            return new Commit.Refused(List.of(Workspace.reason(changing)));
        }
    }

    private void keep(Transition transition) throws IOException {
        Snapshot changed = Objects.requireNonNull(copy);
        try (var original = new ConfinedTree(workspace.root(), random);
                var tree = new ConfinedTree(changed.root(), random)) {
            files.keep(original, transition.from());
            files.keep(tree, transition.to());
        }
    }

    /// True where something of a draft is in the workspace, and can be taken back.
    public static boolean isCommitted(Path directory) {
        return new DraftFiles(directory).has(DraftFiles.Phase.COMMITTED);
    }

    /// Takes back what was committed.
    ///
    /// @param directory of the draft, which has nothing to take back afterwards
    public static Commit undo(Path directory) throws IOException {
        var files = new DraftFiles(directory);
        var plan = files.read(DraftFiles.Phase.COMMITTED);
        if (plan.isEmpty()) return new Commit.Refused(List.of("there is nothing of it to take back"));
        return files.takeBack(plan.get());
    }

    /// Completes a commit, or its being taken back, that a crash has cut short.
    ///
    /// @return places that somebody else changed since, because of which it stays half done
    public static List<String> resume(Path directory) throws IOException {
        return new DraftFiles(directory).resume();
    }
}
