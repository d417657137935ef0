package dev.guardrail.server.runner;

import dev.guardrail.undo.Hindrance;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.random.RandomGenerator;
import java.util.stream.StreamSupport;

/// Files below one directory, reached by handles: each component is opened relative to the handle of the one
/// before and no link is ever followed, so that whoever swaps a directory for a link meanwhile leads nobody out.
/// Safe for concurrent use.
final class ConfinedTree implements Closeable {
    private static final LinkOption NO_LINK = LinkOption.NOFOLLOW_LINKS;
    private static final int ENTRIES = 1_000;

    private final Path root;
    private final SecureDirectoryStream<Path> handle;
    private final RandomGenerator random;
    private final ReadWriteLock changes = new ReentrantReadWriteLock();

    /// @throws Refused where the system has no directory handles
    ConfinedTree(Path root, RandomGenerator random) throws IOException {
        this.root = root.toRealPath();
        this.random = random;
        this.handle = secure(Files.newDirectoryStream(this.root));
    }

    Path root() {
        return root;
    }

    /// Handle of the root.
    SecureDirectoryStream<Path> handle() {
        return handle;
    }

    /// Shared by those who change something here, so that whoever compares and then changes can be alone.
    ReadWriteLock changes() {
        return changes;
    }

    /// One entry of a directory.
    ///
    /// @param kind `file`, `directory`, `link` or `other`
    record Item(String name, String kind, long bytes) {}

    /// The file system, or the confinement, says no. The message is one lower-case clause for the agent.
    static final class Refused extends IOException {
        private static final long serialVersionUID = 1L;
        private final Hindrance kind;

        Refused(String message) {
            this(Hindrance.UNFIT, message);
        }

        /// @param kind why it cannot be kept either
        Refused(Hindrance kind, String message) {
            super(message);
            this.kind = kind;
        }

        Hindrance kind() {
            return kind;
        }
    }

    static SecureDirectoryStream<Path> secure(DirectoryStream<Path> stream) throws IOException {
        if (stream instanceof SecureDirectoryStream<Path> secure) return secure;
        stream.close();
        throw new Refused("this system has no directory handles");
    }

    byte[] read(List<String> names, int most) throws IOException {
        try (var walk = to(names, false)) {
            regular(walk, walk.name());
            try (var channel = walk.end().newByteChannel(walk.name(), Set.of(StandardOpenOption.READ, NO_LINK))) {
                if (channel.size() > most) throw new Refused("it has more than " + most + " bytes");
                var bytes = ByteBuffer.allocate((int) channel.size() + 1);
                while (bytes.hasRemaining() && channel.read(bytes) >= 0) {}
                if (!bytes.hasRemaining()) throw new Refused(Hindrance.BUSY, "it grows while it is read");
                return java.util.Arrays.copyOf(bytes.array(), bytes.position());
            }
        }
    }

    /// Replaces the whole file or makes it, and the directories on the way. A crash before the rename leaves the
    /// old file and a temporary one beside it; a crash after it the new one.
    ///
    /// @return true where the file was new
    boolean write(List<String> names, byte[] bytes) throws IOException {
        try (var beside = beside();
                var walk = to(names, true)) {
            var before = attributes(walk.end(), walk.name());
            if (before.isPresent() && !before.get().isRegularFile()) throw new Refused("it is no regular file");
            var temporary = temporary();
            var options = Set.<OpenOption>of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW, NO_LINK);
            boolean done = false;
            try (var channel = walk.end().newByteChannel(temporary, options)) {
                put(channel, bytes);
                if (before.isPresent()) keepPermissions(walk, temporary);
                walk.end().move(temporary, walk.end(), walk.name());
                done = true;
            } finally {
                if (!done) removeQuietly(walk.end(), temporary);
            }
            return before.isEmpty();
        }
    }

    static void put(SeekableByteChannel channel, byte[] bytes) throws IOException {
        var left = ByteBuffer.wrap(bytes);
        while (left.hasRemaining()) channel.write(left);
        if (channel instanceof FileChannel file) file.force(true);
    }

    private static void keepPermissions(Walk walk, Path temporary) throws IOException {
        var from = walk.end().getFileAttributeView(walk.name(), PosixFileAttributeView.class, NO_LINK);
        var to = walk.end().getFileAttributeView(temporary, PosixFileAttributeView.class, NO_LINK);
        if (from != null && to != null) to.setPermissions(from.readAttributes().permissions());
    }

    static void removeQuietly(SecureDirectoryStream<Path> directory, Path name) {
        try {
            directory.deleteFile(name);
        } catch (IOException left) {
            // It was never made, or stays as a hidden file beside the target: harmless either way.
        }
    }

    /// @return at most 1,000 entries, by name
    List<Item> list(List<String> names) throws IOException {
        try (var walk = into(names)) {
            var items = new ArrayList<Item>();
            for (Path entry : walk.end()) {
                if (items.size() == ENTRIES) throw new Refused("it has more than " + ENTRIES + " entries");
                var name = entry.getFileName();
                attributes(walk.end(), name).ifPresent(found -> items.add(item(name.toString(), found)));
            }
            items.sort(java.util.Comparator.comparing(Item::name));
            return items;
        }
    }

    private static Item item(String name, BasicFileAttributes found) {
        String kind = found.isRegularFile()
                ? "file"
                : found.isDirectory() ? "directory" : found.isSymbolicLink() ? "link" : "other";
        return new Item(name, kind, found.isRegularFile() ? found.size() : 0);
    }

    /// Removes a file or an empty directory.
    void delete(List<String> names) throws IOException {
        try (var beside = beside();
                var walk = to(names, false)) {
            if (present(walk.end(), walk.name()).isDirectory()) walk.end().deleteDirectory(walk.name());
            else walk.end().deleteFile(walk.name());
        }
    }

    /// Renames a file or a directory to a place where nothing is, and makes the directories on the way.
    void move(List<String> from, List<String> to) throws IOException {
        try (var beside = beside();
                var source = to(from, false);
                var target = to(to, true)) {
            present(source.end(), source.name());
            if (attributes(target.end(), target.name()).isPresent()) throw new Refused("the target exists already");
            source.end().move(source.name(), target.end(), target.name());
        }
    }

    /// Text of a link. There is no call that reads it by handle: it is read by its path, which led to the link that was
    /// found by handle before and after.
    ///
    /// @param key identity of the link that was found
    String link(List<String> names, Object key) throws IOException {
        Path path = path(names);
        keyed(path, key);
        Path leads = Files.readSymbolicLink(path);
        keyed(path, key);
        if (!Path.of(leads.toString()).equals(leads))
            throw new Refused("it is a link whose text cannot be written as it is");
        return leads.toString();
    }

    private static void keyed(Path path, Object key) throws IOException {
        if (!key.equals(
                Files.readAttributes(path, BasicFileAttributes.class, NO_LINK).fileKey()))
            throw new Refused(Hindrance.BUSY, "it changes while it is read");
    }

    /// Components below the root of a real path; none for the root itself.
    ///
    /// @throws Refused where it leads out
    List<String> below(Path real) throws Refused {
        if (!real.startsWith(root)) throw new Refused("it leads out of the workspace");
        var below = root.relativize(real);
        if (below.toString().isEmpty()) return List.of();
        var names = StreamSupport.stream(below.spliterator(), false)
                .map(Path::toString)
                .toList();
        if (names.contains("..") || names.contains(".")) throw new Refused("it leads out of the workspace");
        return names;
    }

    /// Where something lies; others may lead it elsewhere at any time.
    Path path(List<String> names) {
        return root.resolve(String.join("/", names));
    }

    /// Makes names durable that were changed in a directory.
    static void sync(SecureDirectoryStream<Path> directory) throws IOException {
        try (var channel = directory.newByteChannel(Path.of("."), Set.of(StandardOpenOption.READ, NO_LINK))) {
            if (channel instanceof FileChannel file) file.force(true);
        }
    }

    private static void regular(Walk walk, Path name) throws IOException {
        // Looked at before it is opened: opening a pipe would wait for its writer.
        if (!present(walk.end(), name).isRegularFile()) throw new Refused("it is no regular file");
    }

    private static BasicFileAttributes present(SecureDirectoryStream<Path> directory, Path name) throws IOException {
        return attributes(directory, name).orElseThrow(() -> new Refused("it does not exist"));
    }

    static Optional<BasicFileAttributes> attributes(SecureDirectoryStream<Path> directory, Path name)
            throws IOException {
        try {
            return Optional.of(directory
                    .getFileAttributeView(name, BasicFileAttributeView.class, NO_LINK)
                    .readAttributes());
        } catch (NoSuchFileException missing) {
            return Optional.empty();
        }
    }

    /// Walks to the directory that holds the last component.
    Walk to(List<String> names, boolean make) throws IOException {
        if (names.isEmpty()) throw new Refused("it is the root itself");
        return new Walk(this, Path.of(names.getLast())).through(names.subList(0, names.size() - 1), make);
    }

    private Walk into(List<String> names) throws IOException {
        return new Walk(this, Path.of("")).through(names, false);
    }

    /// Others may change something meanwhile, but nobody who has to be alone.
    private Held beside() {
        changes.readLock().lock();
        return changes.readLock()::unlock;
    }

    /// A lock that is held until it is closed.
    private interface Held extends AutoCloseable {
        @Override
        void close();
    }

    /// Name of a file that nobody else makes, beside its target.
    Path temporary() {
        byte[] bytes = new byte[12];
        random.nextBytes(bytes);
        return Path.of(".guardrail-" + HexFormat.of().formatHex(bytes) + ".tmp");
    }

    @Override
    public void close() throws IOException {
        handle.close();
    }
}
