package dev.guardrail.server.runner;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.guardrail.base.Sha256;
import dev.guardrail.server.runner.ConfinedTree.Refused;
import dev.guardrail.server.runner.FileState.Access;
import dev.guardrail.server.runner.FileState.Content;
import dev.guardrail.undo.Compensator.Restored;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Puts back what a plan says, by handles: what is made anew is made beside first, whole and with its modes and times,
/// so that what fails on the way has changed nothing yet. Of one thread, for one plan.
final class Restoration implements Closeable {
    private static final LinkOption NO_LINK = LinkOption.NOFOLLOW_LINKS;
    private static final String PRIVATE_FILE = "rw-------";
    private static final int CHUNK = 64 * 1024;
    private static final String PRIVATE_DIRECTORY = "rwx------";

    private final ConfinedTree tree;
    private final Kept kept;
    private final List<Staged> staged = new ArrayList<>();
    private boolean begun;

    /// Of states that are whole.
    Restoration(ConfinedTree tree) {
        this(tree, digest -> {
            throw new IllegalStateException("a digest is no file");
        });
    }

    Restoration(ConfinedTree tree, Kept kept) {
        this.tree = tree;
        this.kept = kept;
    }

    /// Bytes of files of which a state has only the digest.
    @FunctionalInterface
    interface Kept {
        ReadableByteChannel open(Sha256 digest) throws IOException;
    }

    /// Whether all is still as it was when the plan was made.
    @FunctionalInterface
    interface Still {
        boolean holds() throws IOException;
    }

    /// A crash before the first change leaves temporary files, in the directory or in the root; one after it a part
    /// of the plan. Each single change is done or not done.
    ///
    /// @throws IOException where something was done, and perhaps not all
    Restored apply(RestorePlan plan, Still still) throws IOException {
        try {
            for (Map.Entry<String, FileState> put : plan.puts().entrySet()) stage(put.getKey(), put.getValue());
            if (!staged.isEmpty() && !still.holds()) return new Restored.Changed();
            for (RestorePlan.Rename rename : plan.renames()) rename(rename);
            for (String place : plan.removals()) remove(place);
            for (Staged ready : staged) put(ready);
            for (String directory : plan.tidied()) tidy(directory);
            return new Restored.Done();
        } catch (IOException no) {
            if (begun) throw no;
            return new Restored.Refused(Workspace.reason(no));
        }
    }

    /// Something that was made beside, in the directory where a walk ends, and waits for its place.
    private static final class Staged {
        private final String place;
        private final FileState state;
        private final Path temporary;
        private final Walk holds;
        private boolean gone;

        private Staged(String place, FileState state, Path temporary, Walk holds) {
            this.place = place;
            this.state = state;
            this.temporary = temporary;
            this.holds = holds;
        }
    }

    private void stage(String place, FileState state) throws IOException {
        List<String> names = FileStates.names(place);
        // Files are made where they belong, as far as there are directories; the rest can only be made by its path.
        List<String> steps = state instanceof FileState.Regular ? names.subList(0, names.size() - 1) : List.of();
        var walk = new Walk(tree, Path.of(names.getLast()));
        var ready = new Staged(place, state, tree.temporary(), walk);
        staged.add(ready);
        for (String step : steps) if (!walk.canEnter(Path.of(step)) || !walk.enters(Path.of(step))) break;
        switch (state) {
            case FileState.Regular regular -> make(walk.end(), ready.temporary, regular);
            case FileState.Link(String text) ->
                Files.createSymbolicLink(tree.root().resolve(ready.temporary), Path.of(text));
            case FileState.Directory(Access access) -> {
                Files.createDirectory(tree.root().resolve(ready.temporary), mode(PRIVATE_DIRECTORY));
                own(walk.end(), ready.temporary, access);
            }
            case FileState.Absent absent -> throw new IllegalStateException("nothing is not put anywhere");
            case FileState.Tree tree -> throw new IllegalStateException("a tree is only renamed");
        }
    }

    private static java.nio.file.attribute.FileAttribute<?> mode(String mode) {
        return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode));
    }

    private void make(SecureDirectoryStream<Path> directory, Path name, FileState.Regular file) throws IOException {
        var options = Set.<OpenOption>of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW, NO_LINK);
        try (var channel = directory.newByteChannel(name, options, mode(PRIVATE_FILE))) {
            fill(channel, file.content());
            own(directory, name, file.access());
            var view = StateReader.view(directory, name);
            view.setTimes(FileTime.from(file.modified()), null, null);
            view.setPermissions(PosixFilePermissions.fromString(file.access().mode()));
            // Again, for its times and its mode.
            ConfinedTree.put(channel, new byte[0]);
        }
    }

    private void fill(SeekableByteChannel channel, Content content) throws IOException {
        switch (content) {
            case Content.Text(String text) -> ConfinedTree.put(channel, text.getBytes(UTF_8));
            case Content.Base64(String base64) ->
                ConfinedTree.put(channel, Base64.getDecoder().decode(base64));
            case Content.Digest(Sha256 digest) -> {
                try (var from = kept.open(digest)) {
                    var chunk = ByteBuffer.allocate(CHUNK);
                    while (from.read(chunk.clear()) >= 0) {
                        chunk.flip();
                        while (chunk.hasRemaining()) channel.write(chunk);
                    }
                }
            }
        }
    }

    /// Gives it to whom it belonged, where that is anybody else than who made it.
    private static void own(SecureDirectoryStream<Path> directory, Path name, Access access) throws IOException {
        Access fresh = StateReader.access(StateReader.attributes(directory, name));
        var view = StateReader.view(directory, name);
        var known = FileSystems.getDefault().getUserPrincipalLookupService();
        if (!fresh.group().equals(access.group())) view.setGroup(known.lookupPrincipalByGroupName(access.group()));
        if (!fresh.owner().equals(access.owner())) view.setOwner(known.lookupPrincipalByName(access.owner()));
    }

    private void rename(RestorePlan.Rename rename) throws IOException {
        try (var source = tree.to(FileStates.names(rename.from()), false);
                var target = tree.to(FileStates.names(rename.to()), true)) {
            if (ConfinedTree.attributes(target.end(), target.name()).isPresent())
                throw new Refused("something stands where it is to be put back");
            source.end().move(source.name(), target.end(), target.name());
            begun = true;
            ConfinedTree.sync(target.end());
            ConfinedTree.sync(source.end());
        }
    }

    private void remove(String place) throws IOException {
        try (var walk = tree.to(FileStates.names(place), false)) {
            if (StateReader.attributes(walk.end(), walk.name()).isDirectory())
                walk.end().deleteDirectory(walk.name());
            else walk.end().deleteFile(walk.name());
            begun = true;
            ConfinedTree.sync(walk.end());
        }
    }

    private void put(Staged ready) throws IOException {
        try (var walk = tree.to(FileStates.names(ready.place), true)) {
            ready.holds.end().move(ready.temporary, walk.end(), walk.name());
            ready.gone = true;
            begun = true;
            // Only now: a directory that may not be written cannot be moved.
            if (ready.state instanceof FileState.Directory(Access access))
                StateReader.view(walk.end(), walk.name())
                        .setPermissions(PosixFilePermissions.fromString(access.mode()));
            ConfinedTree.sync(walk.end());
        }
    }

    /// Removes a directory that was not there before, unless there is something in it now.
    private void tidy(String directory) throws IOException {
        try (var walk = tree.to(FileStates.names(directory), false)) {
            var found = ConfinedTree.attributes(walk.end(), walk.name());
            if (found.isEmpty() || !found.get().isDirectory()) return;
            walk.end().deleteDirectory(walk.name());
            begun = true;
            ConfinedTree.sync(walk.end());
        } catch (DirectoryNotEmptyException used) {
            return;
        }
    }

    @Override
    public void close() throws IOException {
        for (Staged ready : staged) {
            if (!ready.gone) discard(ready);
            ready.holds.close();
        }
    }

    private static void discard(Staged ready) {
        try {
            if (ready.state instanceof FileState.Directory) ready.holds.end().deleteDirectory(ready.temporary);
            else ready.holds.end().deleteFile(ready.temporary);
        } catch (IOException left) {
            // It was never made, or stays as a hidden file: harmless either way.
            return;
        }
    }
}
