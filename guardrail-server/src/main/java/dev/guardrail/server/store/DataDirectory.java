package dev.guardrail.server.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// The directory of a store, locked for this process: `journal.db` and what SQLite keeps beside it, mode 0600 in a
/// directory of mode 0700.
final class DataDirectory implements AutoCloseable {
    private static final boolean POSIX =
            FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
    private static final Set<PosixFilePermission> OTHERS_WRITE =
            Set.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);

    /// Real paths that this process has locked. Closing any channel of a file gives up the process's lock on it, so a
    /// second opener of this process must be turned away before it opens one.
    private static final Set<Path> OURS = ConcurrentHashMap.newKeySet();

    private final Path directory;
    private final FileChannel channel;
    private final @Nullable Object identity;

    private DataDirectory(Path directory, FileChannel channel) throws IOException {
        this.directory = directory;
        this.channel = channel;
        if (Files.notExists(database(), LinkOption.NOFOLLOW_LINKS)) {
            create(database());
            // A crash before this leaves a directory without the file's name, as if it had never been.
            force(directory);
        }
        identity = identity();
    }

    /// Makes the directory where there is none, and locks it.
    ///
    /// @throws UnusableData where others can write it, or another process has it
    static DataDirectory lock(Path path) throws IOException {
        Path wanted = path.toAbsolutePath().normalize();
        if (Files.notExists(wanted)) {
            Files.createDirectories(wanted, attributes("rwx------"));
            if (wanted.getParent() != null) force(wanted.getParent());
        }
        if (!Files.isDirectory(wanted)) throw new UnusableData("`" + path + "` is no directory; name one in `data`");
        Path directory = wanted.toRealPath();
        refuseWritableByOthers(directory);
        if (!OURS.add(directory)) throw inUse(path, null);
        try {
            return new DataDirectory(directory, locked(directory.resolve("lock"), path));
        } catch (IOException | RuntimeException refused) {
            OURS.remove(directory);
            throw refused;
        }
    }

    /// The lock goes when the channel is closed, or the process ends however it does.
    private static FileChannel locked(Path file, Path path) throws IOException {
        if (Files.notExists(file, LinkOption.NOFOLLOW_LINKS)) create(file);
        var channel = FileChannel.open(file, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
        try {
            if (channel.tryLock() != null) return channel;
            throw inUse(path, null);
        } catch (OverlappingFileLockException elsewhere) {
            channel.close();
            throw inUse(path, elsewhere);
        } catch (IOException refused) {
            channel.close();
            throw refused;
        }
    }

    private static UnusableData inUse(Path path, @Nullable Throwable cause) {
        return new UnusableData(
                "the data directory `" + path
                        + "` is in use by another guardrail process; stop that one, or give this one a `data` of its own",
                cause);
    }

    private static void refuseWritableByOthers(Path directory) throws IOException {
        if (!POSIX) return;
        for (var permission : Files.getPosixFilePermissions(directory))
            if (OTHERS_WRITE.contains(permission))
                throw new UnusableData(
                        "others can write the data directory `" + directory + "`; run `chmod 700 " + directory + "`");
    }

    Path path() {
        return directory;
    }

    Path database() {
        return directory.resolve("journal.db");
    }

    /// @throws UnusableData where the file that was opened at first is gone or another: what is committed to it would
    ///     be lost with the process
    void expectSameFile() throws IOException {
        if (Files.notExists(database()) || identity != null && !identity.equals(identity()))
            throw new UnusableData("`" + database() + "` was removed or replaced while in use; put it back, or stop "
                    + "guardrail and restore a backup");
    }

    /// Bytes that the file system still has for us.
    long freeBytes() throws IOException {
        return Files.getFileStore(directory).getUsableSpace();
    }

    private @Nullable Object identity() throws IOException {
        return Files.readAttributes(database(), java.nio.file.attribute.BasicFileAttributes.class)
                .fileKey();
    }

    /// Makes an empty file that only its owner reads and writes.
    static void create(Path file) throws IOException {
        Files.createFile(file, attributes("rw-------"));
    }

    private static FileAttribute<?>[] attributes(String permissions) {
        return POSIX
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
                }
                : new FileAttribute<?>[0];
    }

    /// Makes a file's bytes, or a directory's names, durable.
    static void force(Path path) throws IOException {
        if (!POSIX && Files.isDirectory(path)) return;
        try (var channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    @Override
    public void close() throws IOException {
        if (!channel.isOpen()) return;
        channel.close();
        OURS.remove(directory);
    }
}
