package dev.guardrail.server.runner;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Sha256;
import dev.guardrail.server.runner.ConfinedTree.Refused;
import dev.guardrail.undo.Hindrance;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// What lies below a directory, in one digest: paths, kinds, owners, modes, sizes, times of files, and what is in them;
/// read by handles, following no link, and bounded. Of one thread.
final class TreeListing {
    static final int ENTRIES = 10_000;
    static final long BYTES = 128L * 1024 * 1024;
    private static final int DEPTH = 64;
    private static final int CHUNK = 64 * 1024;

    private final ConfinedTree tree;
    private final List<Json> lines = new ArrayList<>();
    private long bytes;

    TreeListing(ConfinedTree tree) {
        this.tree = tree;
    }

    /// How many entries were found.
    int entries() {
        return lines.size();
    }

    Sha256 digest() {
        return Sha256.of(new JsonArray(lines));
    }

    /// @param names components of the directory's path
    void list(SecureDirectoryStream<Path> directory, List<String> names) throws IOException {
        list(directory, names, "", 0);
    }

    private void list(SecureDirectoryStream<Path> directory, List<String> names, String below, int depth)
            throws IOException {
        if (depth == DEPTH) throw new Refused(Hindrance.TOO_LARGE, "it is deeper than " + DEPTH + " directories");
        var entries = new ArrayList<String>();
        for (Path entry : directory) {
            if (lines.size() + entries.size() == ENTRIES)
                throw new Refused(Hindrance.TOO_LARGE, "it holds more than " + ENTRIES + " files and directories");
            entries.add(entry.getFileName().toString());
        }
        entries.sort(null);
        for (String entry : entries) {
            var deeper = new ArrayList<>(names);
            deeper.add(entry);
            line(directory, deeper, below + entry, depth);
        }
    }

    private void line(SecureDirectoryStream<Path> directory, List<String> names, String below, int depth)
            throws IOException {
        Path name = Path.of(names.getLast());
        var found = StateReader.attributes(directory, name);
        var line = JsonObject.with("path", below);
        var access = StateReader.access(found);
        line.with("mode", access.mode()).with("owner", access.owner()).with("group", access.group());
        if (found.isSymbolicLink()) {
            lines.add(line.with("link", tree.link(names, found.fileKey())).build());
        } else if (found.isDirectory()) {
            lines.add(line.with("kind", "directory").build());
            try (var inside = ConfinedTree.secure(directory.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS))) {
                list(inside, names, below + "/", depth + 1);
            }
        } else {
            lines.add(file(directory, name, found, line).build());
        }
    }

    private JsonObject.Builder file(
            SecureDirectoryStream<Path> directory, Path name, PosixFileAttributes found, JsonObject.Builder line)
            throws IOException {
        if (!found.isRegularFile()) return line.with("kind", "other");
        return line.with("kind", "file")
                .with("bytes", found.size())
                .with("modified", found.lastModifiedTime().toInstant().toString())
                .with("sha256", digest(directory, name).hex());
    }

    /// Digest of the bytes of a regular file.
    Sha256 digest(SecureDirectoryStream<Path> directory, Path name) throws IOException {
        var digest = sha256();
        var chunk = ByteBuffer.allocate(CHUNK);
        try (var channel = directory.newByteChannel(name, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))) {
            while (channel.read(chunk.clear()) >= 0) {
                bytes += chunk.position();
                if (bytes > BYTES)
                    throw new Refused(Hindrance.TOO_LARGE, "it holds more than " + BYTES / 1024 / 1024 + " MiB");
                digest.update(chunk.flip());
            }
        }
        return Sha256.wrap(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java has SHA-256", impossible);
        }
    }
}
