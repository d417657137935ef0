package dev.guardrail.server.runner.bwrap;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/// Empty files that stand where a protected name is not there while sandboxes run, since a mount needs something to be
/// mounted on. Several sandboxes may need the same one: it goes with the last of them, as a mount goes with its place.
///
/// @param state directory with the dens of all sandboxes, each of which lists its covers
record Covers(Path state) {
    static final String LIST = "covers";
    private static final String LOCK = "lock";
    private static final ReentrantLock HERE = new ReentrantLock();

    /// Does something while no other sandbox, of this process or another, comes or goes.
    <T> T alone(Callable<T> work) throws IOException {
        HERE.lock();
        try (var channel = FileChannel.open(state.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                var lock = channel.lock()) {
            return work.call();
        } catch (IOException | RuntimeException fault) {
            throw fault;
        } catch (Exception other) {
            throw new IOException("what belongs to sandboxes could not be changed", other);
        } finally {
            HERE.unlock();
        }
    }

    /// Every cover of a sandbox but this.
    Set<Path> of(String other) throws IOException {
        var covers = new HashSet<Path>();
        try (Stream<Path> dens = Files.list(state)) {
            for (Path den : dens.filter(Files::isDirectory).toList())
                if (!den.endsWith(other)) new Den(den).lines(LIST).forEach(line -> covers.add(Path.of(line)));
        }
        return covers;
    }

    /// Notes them, then makes those that are not there. A crash in between leaves a note of some that were not made;
    /// one after it leaves empty files, which [#lift] finds by the note.
    void lay(Den den, List<Path> covers) throws IOException {
        den.write(LIST, String.join("\n", covers.stream().map(Path::toString).toList()));
        for (Path cover : covers) {
            try {
                Files.createFile(cover);
            } catch (FileAlreadyExistsException another) {
                if (!isCover(cover)) throw another;
            }
        }
    }

    /// Takes away those that no other sandbox needs. What is not an empty file any more is somebody's, and stays.
    void lift(Den den, String id) throws IOException {
        Set<Path> needed = of(id);
        for (String line : den.lines(LIST)) {
            Path cover = Path.of(line);
            if (!needed.contains(cover) && isCover(cover)) Files.deleteIfExists(cover);
        }
    }

    static boolean isCover(Path path) throws IOException {
        try {
            var found = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return found.isRegularFile() && found.size() == 0;
        } catch (NoSuchFileException gone) {
            return false;
        }
    }
}
