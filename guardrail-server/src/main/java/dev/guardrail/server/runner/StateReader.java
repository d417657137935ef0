package dev.guardrail.server.runner;

import dev.guardrail.server.runner.ConfinedTree.Refused;
import dev.guardrail.server.runner.FileState.Access;
import dev.guardrail.server.runner.FileState.Content;
import dev.guardrail.undo.ExactText;
import dev.guardrail.undo.Hindrance;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Reads what stands at a place of a tree, by handles. What it could not put back exactly it refuses.
final class StateReader {
    private static final LinkOption NO_LINK = LinkOption.NOFOLLOW_LINKS;

    /// Largest file that is kept, in bytes.
    static final int KEPT = 700 * 1024;

    /// `S_ISUID`, `S_ISGID` and `S_ISVTX` of `inode(7)`: there is no way to set them by handle.
    private static final int SPECIAL = 07000;

    private final ConfinedTree tree;

    StateReader(ConfinedTree tree) {
        this.tree = tree;
    }

    /// How closely something is looked at.
    enum Manner {
        /// All that it takes to make it again.
        WHOLE,
        /// What tells it from everything else: it is only ever renamed.
        IDENTITY,
        /// The entry itself: of a file what its bytes are, of a directory nothing of what is in it. What is not where
        /// a directory would have to be is absent.
        ENTRY
    }

    /// @throws Refused where what stands there cannot be put back; the message is one lower-case clause
    FileState read(List<String> names, Manner manner) throws IOException {
        if (names.isEmpty()) throw new Refused("it is the root itself");
        try (var walk = new Walk(tree, Path.of(names.getLast()))) {
            for (int i = 0; i < names.size() - 1; i++) {
                Path step = Path.of(names.get(i));
                if (manner == Manner.ENTRY && !walk.canEnter(step)) return new FileState.Absent(List.of());
                if (!walk.enters(step)) return new FileState.Absent(missing(names, i));
            }
            if (ConfinedTree.attributes(walk.end(), walk.name()).isEmpty()) return new FileState.Absent(List.of());
            var found = attributes(walk.end(), walk.name());
            if (found.isRegularFile()) return regular(walk, names, found, manner);
            if (found.isSymbolicLink()) return new FileState.Link(tree.link(names, found.fileKey()));
            if (found.isDirectory())
                return manner == Manner.ENTRY
                        ? new FileState.Directory(access(found))
                        : directory(walk, names, found, manner);
            throw new Refused("it is neither a file nor a directory nor a link");
        }
    }

    /// Directories that do not exist, where the one with that number is the first.
    private static List<String> missing(List<String> names, int first) {
        var missing = new ArrayList<String>();
        for (int i = first; i < names.size() - 1; i++) missing.add(String.join("/", names.subList(0, i + 1)));
        return missing;
    }

    static PosixFileAttributes attributes(SecureDirectoryStream<Path> directory, Path name) throws IOException {
        return view(directory, name).readAttributes();
    }

    static PosixFileAttributeView view(SecureDirectoryStream<Path> directory, Path name) throws IOException {
        var view = directory.getFileAttributeView(name, PosixFileAttributeView.class, NO_LINK);
        if (view == null) throw new Refused("this file system has no owners and modes");
        return view;
    }

    static Access access(PosixFileAttributes found) {
        return new Access(
                PosixFilePermissions.toString(found.permissions()),
                found.owner().getName(),
                found.group().getName());
    }

    private FileState regular(Walk walk, List<String> names, PosixFileAttributes found, Manner manner)
            throws IOException {
        if (manner == Manner.WHOLE) {
            if (found.size() > KEPT)
                throw new Refused(Hindrance.TOO_LARGE, "it is larger than " + KEPT / 1024 + " KiB");
            if (number(names, found.fileKey(), "nlink") != 1)
                throw new Refused("it has more than one name (hard links)");
            ours(names, found);
        }
        Content content = manner == Manner.WHOLE
                ? content(bytes(walk, found))
                : new Content.Digest(new TreeListing(tree).digest(walk.end(), walk.name()));
        var after = attributes(walk.end(), walk.name());
        if (!same(found, after)) throw changing();
        return new FileState.Regular(access(after), after.lastModifiedTime().toInstant(), after.size(), content);
    }

    private static boolean same(PosixFileAttributes before, PosixFileAttributes after) {
        return before.fileKey().equals(after.fileKey())
                && before.size() == after.size()
                && before.lastModifiedTime().equals(after.lastModifiedTime())
                && access(before).equals(access(after));
    }

    private static Refused changing() {
        return new Refused(Hindrance.BUSY, "it changes while it is read");
    }

    private static byte[] bytes(Walk walk, PosixFileAttributes found) throws IOException {
        try (var channel = walk.end().newByteChannel(walk.name(), Set.of(StandardOpenOption.READ, NO_LINK))) {
            var bytes = ByteBuffer.allocate((int) found.size() + 1);
            while (bytes.hasRemaining() && channel.read(bytes) >= 0) {}
            if (bytes.position() != found.size()) throw changing();
            return Arrays.copyOf(bytes.array(), bytes.position());
        }
    }

    private static Content content(byte[] bytes) {
        return ExactText.of(bytes)
                .<Content>map(Content.Text::new)
                .orElseGet(() -> new Content.Base64(Base64.getEncoder().encodeToString(bytes)));
    }

    private FileState directory(Walk walk, List<String> names, PosixFileAttributes found, Manner manner)
            throws IOException {
        try (var inside = ConfinedTree.secure(walk.end().newDirectoryStream(walk.name(), NO_LINK))) {
            var listing = new TreeListing(tree);
            if (manner == Manner.IDENTITY) {
                listing.list(inside, names);
                if (listing.entries() > 0)
                    return new FileState.Tree(access(found), listing.entries(), listing.digest());
                return new FileState.Directory(access(found));
            }
            if (inside.iterator().hasNext()) throw new Refused("it is a directory that is not empty");
        }
        ours(names, found);
        return new FileState.Directory(access(found));
    }

    /// Refuses what a process of ours could not give back.
    private void ours(List<String> names, PosixFileAttributes found) throws IOException {
        if ((number(names, found.fileKey(), "mode") & SPECIAL) != 0)
            throw new Refused("it has a mode beyond read, write and execute");
        String we = we();
        if (!we.equals("root") && !we.equals(found.owner().getName()))
            throw new Refused("it belongs to another user of the system");
    }

    /// Name of the user that the guard runs as.
    private static String we() throws IOException {
        Path self = Path.of("/proc/self");
        if (Files.exists(self)) return Files.getOwner(self).getName();
        return FileSystems.getDefault()
                .getUserPrincipalLookupService()
                .lookupPrincipalByName(System.getProperty("user.name"))
                .getName();
    }

    /// What the system says of a file by its path, and only where that is still the file that was found by handle.
    private int number(List<String> names, Object key, String attribute) throws IOException {
        Map<String, Object> said =
                Files.readAttributes(tree.path(names), "unix:fileKey," + attribute, LinkOption.NOFOLLOW_LINKS);
        if (!key.equals(said.get("fileKey")) || !(said.get(attribute) instanceof Integer number)) throw changing();
        return number;
    }
}
