package dev.guardrail.server.runner.git;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.guardrail.undo.Unfit;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/// Files of one work tree and of its `.git`, reached by handles: no link is ever followed, so that whoever swaps a
/// directory for a link meanwhile leads nobody out. What is being written lies in `.git` until it is whole.
final class Tree implements Closeable {
    static final String GIT = ".git";

    private static final LinkOption NO_LINK = LinkOption.NOFOLLOW_LINKS;

    private final Path root;
    private final SecureDirectoryStream<Path> handle;
    private final RandomGenerator random;

    /// @param root real path
    Tree(Path root, RandomGenerator random) throws IOException {
        this.root = root;
        this.random = random;
        this.handle = secure(Files.newDirectoryStream(root));
    }

    Path root() {
        return root;
    }

    private static SecureDirectoryStream<Path> secure(DirectoryStream<Path> stream) throws IOException {
        if (stream instanceof SecureDirectoryStream<Path> secure) return secure;
        stream.close();
        throw new Unfit("this system has no directory handles");
    }

    /// @throws Unfit where this system cannot have such a name
    private static Path name(String text) throws IOException {
        try {
            return Path.of(text);
        } catch (InvalidPathException unusual) {
            throw new Unfit("a name in it cannot be used on this system");
        }
    }

    /// Handle of a directory, by its path below the root; of the root where it is empty.
    SecureDirectoryStream<Path> open(String path) throws IOException {
        var end = secure(handle.newDirectoryStream(Path.of("."), NO_LINK));
        for (String step : path.isEmpty() ? List.<String>of() : List.of(path.split("/"))) {
            var parent = end;
            try (parent) {
                end = secure(parent.newDirectoryStream(name(step), NO_LINK));
            }
        }
        return end;
    }

    /// @throws IOException where it is a link
    static SecureDirectoryStream<Path> into(SecureDirectoryStream<Path> directory, Path name) throws IOException {
        return secure(directory.newDirectoryStream(name, NO_LINK));
    }

    static String parent(String path) {
        return path.substring(0, Math.max(0, path.lastIndexOf('/')));
    }

    private static Path last(String path) throws IOException {
        return name(path.substring(path.lastIndexOf('/') + 1));
    }

    static Optional<PosixFileAttributes> attributes(SecureDirectoryStream<Path> directory, Path name)
            throws IOException {
        try {
            return Optional.of(view(directory, name).readAttributes());
        } catch (NoSuchFileException nothing) {
            return Optional.empty();
        }
    }

    private static PosixFileAttributeView view(SecureDirectoryStream<Path> directory, Path name) throws IOException {
        var view = directory.getFileAttributeView(name, PosixFileAttributeView.class, NO_LINK);
        if (view == null) throw new Unfit("its file system has no permissions");
        return view;
    }

    /// What is there; empty also where something on the way is no directory.
    Optional<PosixFileAttributes> find(String path) throws IOException {
        String parent = parent(path);
        if (!parent.isEmpty()
                && find(parent).filter(PosixFileAttributes::isDirectory).isEmpty()) return Optional.empty();
        try (var directory = open(parent)) {
            return attributes(directory, last(path));
        }
    }

    /// Bytes of a file, or where a link leads.
    byte[] read(String path, int most) throws IOException {
        try (var directory = open(parent(path))) {
            Path name = last(path);
            var found = attributes(directory, name).orElseThrow(() -> new NoSuchFileException(path));
            if (found.isSymbolicLink())
                return Files.readSymbolicLink(root.resolve(path)).toString().getBytes(UTF_8);
            if (!found.isRegularFile()) throw new Unfit("`" + path + "` is no regular file");
            if (found.size() > most) throw Unfit.large("`" + path + "` is too large");
            try (var channel = channel(directory, name)) {
                var bytes = ByteBuffer.allocate((int) found.size() + 1);
                while (bytes.hasRemaining() && channel.read(bytes) >= 0) {}
                if (bytes.position() != found.size()) throw new IOException("a file changes while it is read");
                return Arrays.copyOf(bytes.array(), bytes.position());
            }
        }
    }

    static SeekableByteChannel channel(SecureDirectoryStream<Path> directory, Path name) throws IOException {
        return directory.newByteChannel(name, Set.of(StandardOpenOption.READ, NO_LINK));
    }

    /// Replaces a file or makes it, in a directory that is there. A crash leaves the old one or the new one, and
    /// perhaps a part of the new one in `.git`. It is not forced to the disk, as git itself does not.
    ///
    /// @param time when it was changed last; now, where it is empty
    void write(String path, byte[] bytes, int mode, Optional<Instant> time) throws IOException {
        Path temporary = temporary();
        try (var store = open(GIT);
                var directory = open(parent(path))) {
            var options = Set.<OpenOption>of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW, NO_LINK);
            try (var channel = store.newByteChannel(temporary, options)) {
                var left = ByteBuffer.wrap(bytes);
                while (left.hasRemaining()) channel.write(left);
            }
            date(view(store, temporary), time);
            view(store, temporary).setPermissions(Item.permissions(mode));
            place(store, temporary, directory, last(path));
        }
    }

    /// Replaces a file by a link, or makes one. The link is made by its path, where nobody within should write:
    /// there is no call that makes one by handle.
    void link(String path, String to) throws IOException {
        Path temporary = temporary();
        try (var store = open(GIT);
                var directory = open(parent(path))) {
            Files.createSymbolicLink(root.resolve(GIT).resolve(temporary), name(to));
            place(store, temporary, directory, last(path));
        }
    }

    /// Makes a directory where there is none; made like a link.
    void folder(String path) throws IOException {
        if (find(path).isPresent()) return;
        Path temporary = temporary();
        try (var store = open(GIT);
                var directory = open(parent(path))) {
            Files.createDirectory(root.resolve(GIT).resolve(temporary));
            place(store, temporary, directory, last(path));
        }
    }

    /// Makes the directories that a path lies in.
    void parents(String path) throws IOException {
        String parent = parent(path);
        if (parent.isEmpty()) return;
        parents(parent);
        folder(parent);
    }

    private void place(SecureDirectoryStream<Path> store, Path temporary, SecureDirectoryStream<Path> to, Path name)
            throws IOException {
        boolean done = false;
        try {
            store.move(temporary, to, name);
            done = true;
        } finally {
            if (!done) Files.deleteIfExists(root.resolve(GIT).resolve(temporary));
        }
    }

    void permit(String path, int mode, Optional<Instant> time) throws IOException {
        try (var directory = open(parent(path))) {
            date(view(directory, last(path)), time);
            view(directory, last(path)).setPermissions(Item.permissions(mode));
        }
    }

    private static void date(PosixFileAttributeView view, Optional<Instant> time) throws IOException {
        if (time.isPresent()) view.setTimes(FileTime.from(time.get()), null, null);
    }

    /// Removes a file, a link or an empty directory; nothing where there is none.
    ///
    /// @return false where it is a directory that is not empty
    boolean remove(String path) throws IOException {
        var found = find(path);
        if (found.isEmpty()) return true;
        try (var directory = open(parent(path))) {
            if (found.get().isDirectory()) directory.deleteDirectory(last(path));
            else directory.deleteFile(last(path));
            return true;
        } catch (DirectoryNotEmptyException full) {
            return false;
        }
    }

    /// Makes a file that was not there.
    ///
    /// @return false where there is one
    boolean claim(String path, byte[] bytes) throws IOException {
        try (var directory = open(parent(path));
                var channel = directory.newByteChannel(
                        last(path), Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW, NO_LINK))) {
            channel.write(ByteBuffer.wrap(bytes));
            return true;
        } catch (FileAlreadyExistsException taken) {
            return false;
        }
    }

    private Path temporary() {
        byte[] bytes = new byte[12];
        random.nextBytes(bytes);
        return Path.of("guardrail-" + HexFormat.of().formatHex(bytes) + ".tmp");
    }

    @Override
    public void close() throws IOException {
        handle.close();
    }
}
