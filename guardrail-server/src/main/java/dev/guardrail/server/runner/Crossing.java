package dev.guardrail.server.runner;

import dev.guardrail.server.runner.ConfinedTree.Refused;
import dev.guardrail.undo.Compensator.Restored;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/// One [Transition] on its way, by directory handles. Temporary files bear a mark of its own, by which they are found
/// after a crash. Of one thread.
final class Crossing implements Closeable {
    private final Transition transition;
    private final Blobs blobs;
    private final Mark mark;
    private final ConfinedTree tree;

    /// @param number that no other has
    Crossing(Transition transition, Blobs blobs, long number) throws IOException {
        this.transition = transition;
        this.blobs = blobs;
        this.mark = new Mark(number);
        this.tree = new ConfinedTree(transition.root(), mark);
    }

    ConfinedTree tree() {
        return tree;
    }

    /// Numbers that begin with the same eight bytes, and so do names made of them.
    private static final class Mark implements RandomGenerator {
        private final long number;
        private int next;

        private Mark(long number) {
            this.number = number;
        }

        @Override
        public long nextLong() {
            return number;
        }

        @Override
        public void nextBytes(byte[] bytes) {
            java.nio.ByteBuffer.wrap(bytes).putLong(number).putInt(next++);
        }

        private String prefix() {
            return ".guardrail-" + String.format("%016x", number);
        }
    }

    /// What stands at the places now.
    static FileStates states(ConfinedTree tree, Iterable<String> places) throws IOException {
        var reader = new StateReader(tree);
        var states = new TreeMap<String, FileState>();
        for (String place : places)
            states.put(place, Transition.bare(reader.read(FileStates.names(place), StateReader.Manner.ENTRY)));
        return new FileStates(states);
    }

    FileStates now() throws IOException {
        return states(tree, transition.to().byPlace().keySet());
    }

    /// What is in directories that go, and is not known to be there.
    List<String> strangers() throws IOException {
        var strangers = new ArrayList<String>();
        for (var place : transition.to().byPlace().entrySet()) {
            if (place.getValue() instanceof FileState.Directory) continue;
            try (var walk = tree.to(FileStates.names(place.getKey()), false)) {
                if (!walk.canEnter(walk.name()) || !walk.enters(walk.name())) continue;
                for (Path entry : walk.end()) {
                    String below = place.getKey() + "/" + entry.getFileName();
                    if (!transition.to().byPlace().containsKey(below)) strangers.add(below);
                }
            } catch (Refused notThere) {
                // Then there is nothing in it.
                continue;
            }
        }
        return strangers;
    }

    /// Directories in which something has to be done, and the guard may do nothing.
    List<String> closed(FileStates now) {
        var closed = new TreeSet<String>();
        for (var place : transition.to().byPlace().entrySet()) {
            if (Transition.agree(now.at(place.getKey()), place.getValue())) continue;
            String above = Conflicts.parent(place.getKey());
            Path directory = tree.root().resolve(above);
            if (Files.isDirectory(directory) && !(Files.isWritable(directory) && Files.isExecutable(directory)))
                closed.add(above.isEmpty() ? "." : above);
        }
        return List.copyOf(closed);
    }

    /// Goes the whole way from where things stand. A crash leaves part of it, which a second time completes.
    ///
    /// @throws IOException where something was done, and perhaps not all
    Restored go(FileStates now, Restoration.Still still) throws IOException {
        Restored restored;
        try (var restoration = new Restoration(tree, blobs::open)) {
            restored = restoration.apply(transition.plan(now), still);
        }
        if (restored instanceof Restored.Done) finish();
        return restored;
    }

    /// Says who may do what with directories, and when they were changed, as nothing is changed in them any more.
    private void finish() throws IOException {
        var times = new ArrayList<>(transition.toTimes().entrySet());
        times.sort(Map.Entry.comparingByKey(Transition.DEEPEST));
        for (Map.Entry<String, Instant> time : times) {
            List<String> names = time.getKey().isEmpty() ? List.of(".") : FileStates.names(time.getKey());
            try (var walk = tree.to(names, false)) {
                StateReader.view(walk.end(), walk.name()).setTimes(FileTime.from(time.getValue()), null, null);
                ConfinedTree.sync(walk.end());
            }
        }
        for (Map.Entry<String, FileState.Access> directory : transition.directories())
            open(directory.getKey(), directory.getValue());
    }

    private void open(String place, FileState.Access access) throws IOException {
        try (var walk = tree.to(FileStates.names(place), false)) {
            var found = StateReader.attributes(walk.end(), walk.name());
            if (!found.isDirectory()) throw new Refused("a directory was replaced while it was written to");
            var view = StateReader.view(walk.end(), walk.name());
            var known = FileSystems.getDefault().getUserPrincipalLookupService();
            if (!found.group().getName().equals(access.group()))
                view.setGroup(known.lookupPrincipalByGroupName(access.group()));
            if (!found.owner().getName().equals(access.owner()))
                view.setOwner(known.lookupPrincipalByName(access.owner()));
            view.setPermissions(PosixFilePermissions.fromString(access.mode()));
        }
    }

    /// Takes away temporary files that a crash left.
    void sweep() throws IOException {
        var directories = new HashSet<String>(List.of(""));
        for (String place : transition.to().byPlace().keySet())
            for (int slash = place.indexOf('/'); slash > 0; slash = place.indexOf('/', slash + 1))
                directories.add(place.substring(0, slash));
        for (String directory : directories) {
            try (var walk = tree.to(directory.isEmpty() ? List.of(".") : FileStates.names(directory), false)) {
                if (walk.enters(walk.name())) sweep(walk.end());
            } catch (Refused notThere) {
                // Then nothing of ours is in it.
                continue;
            }
        }
    }

    private void sweep(SecureDirectoryStream<Path> directory) throws IOException {
        for (Path entry : directory) {
            Path name = entry.getFileName();
            if (!name.toString().startsWith(mark.prefix())) continue;
            try {
                if (StateReader.attributes(directory, name).isDirectory()) directory.deleteDirectory(name);
                else directory.deleteFile(name);
            } catch (NoSuchFileException | DirectoryNotEmptyException others) {
                // Gone, or somebody else's by now.
                continue;
            }
        }
    }

    @Override
    public void close() throws IOException {
        tree.close();
    }
}
