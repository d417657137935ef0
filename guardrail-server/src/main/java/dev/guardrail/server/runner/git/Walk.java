package dev.guardrail.server.runner.git;

import dev.guardrail.undo.Unfit;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.PosixFileAttributes;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/// One look at all that lies in a work tree. Every file is read whole: what git remembers of it is not trusted.
final class Walk {
    private static final int ITEMS = 20_000;
    private static final long BYTES = 256L * 1024 * 1024;
    private static final int DEPTH = 100;
    private static final int PART = 65_536;

    private final Tree tree;
    private final ObjectFormat format;
    private final Set<String> ignored;
    private final SortedMap<String, Item> items = new TreeMap<>();
    private final SortedMap<String, Instant> times = new TreeMap<>();
    private final ByteBuffer part = ByteBuffer.allocate(PART);
    private long bytes;

    private Walk(Tree tree, ObjectFormat format, Set<String> ignored) {
        this.tree = tree;
        this.format = format;
        this.ignored = ignored;
    }

    /// What was found, by path.
    ///
    /// @param times when each file was changed last
    record Found(SortedMap<String, Item> items, SortedMap<String, Instant> times) {}

    /// @param ignored paths that are left out, of directories with `/` at their end
    /// @return all but what is neither file, link nor directory, as git does
    /// @throws Unfit where it is too much, or another repository lies within
    static Found of(Tree tree, ObjectFormat format, Set<String> ignored) throws IOException {
        return of(tree, format, ignored, "");
    }

    /// The same, below one directory of it.
    static Found of(Tree tree, ObjectFormat format, Set<String> ignored, String folder) throws IOException {
        var walk = new Walk(tree, format, ignored);
        try (var top = tree.open(folder)) {
            walk.into(top, folder.isEmpty() ? "" : folder + "/", 0);
        }
        return new Found(walk.items, walk.times);
    }

    private void into(SecureDirectoryStream<Path> directory, String prefix, int depth) throws IOException {
        if (depth > DEPTH) throw Unfit.large("its directories are nested too deep");
        for (Path entry : directory) {
            Path name = entry.getFileName();
            String path = prefix + name;
            if (path.equals(Tree.GIT) || ignored.contains(path) || ignored.contains(path + "/")) continue;
            if (name.toString().equals(Tree.GIT)) throw new Unfit("another repository lies in it: `" + prefix + "`");
            if (path.indexOf('\uFFFD') >= 0) throw new Unfit("a name in it is no text in UTF-8");
            if (items.size() >= ITEMS) throw Unfit.large("it has more than " + ITEMS + " files and directories");
            var found = Tree.attributes(directory, name);
            if (found.isPresent()) look(directory, name, path, found.get(), depth);
        }
    }

    private void look(
            SecureDirectoryStream<Path> directory, Path name, String path, PosixFileAttributes found, int depth)
            throws IOException {
        int mode = Item.mode(found.permissions());
        if (found.isSymbolicLink()) items.put(path, Item.link(format.blob(tree.read(path, PART))));
        else if (found.isRegularFile()) {
            items.put(path, Item.file(mode, oid(directory, name, found.size())));
            times.put(path, found.lastModifiedTime().toInstant());
        } else if (found.isDirectory()) {
            items.put(path, Item.folder(mode));
            try (var next = Tree.into(directory, name)) {
                into(next, path + "/", depth + 1);
            }
        }
    }

    private String oid(SecureDirectoryStream<Path> directory, Path name, long size) throws IOException {
        bytes += size;
        if (bytes > BYTES) throw Unfit.large("its files have more than " + BYTES + " bytes");
        MessageDigest digest = format.blob(size);
        long read = 0;
        try (var channel = Tree.channel(directory, name)) {
            for (int length = channel.read(part.clear()); length >= 0; length = channel.read(part.clear())) {
                digest.update(part.flip());
                read += length;
            }
        }
        if (read != size) throw new IOException("a file changes while it is read");
        return HexFormat.of().formatHex(digest.digest());
    }
}
