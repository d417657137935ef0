package dev.guardrail.server.runner;

import dev.guardrail.base.Sha256;
import dev.guardrail.server.runner.ConfinedTree.Refused;
import dev.guardrail.undo.Hindrance;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Set;

/// Bytes of files in a private directory, each under its digest.
record Blobs(Path directory) {

    /// Keeps what a file of a tree holds. A crash before the rename leaves a file without a digest's name.
    ///
    /// @param content digest that the bytes must have
    /// @throws Refused where they have another by now
    void keep(ConfinedTree tree, List<String> names, Sha256 content) throws IOException {
        Path kept = directory.resolve(content.hex());
        if (Files.exists(kept)) return;
        Path half = directory.resolve("half");
        Files.deleteIfExists(half);
        try (var walk = tree.to(names, false);
                var from = walk.end()
                        .newByteChannel(walk.name(), Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
                var to = FileChannel.open(
                        half,
                        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
                var digested = new DigestOutputStream(Channels.newOutputStream(to), sha256())) {
            Channels.newInputStream(from).transferTo(digested);
            to.force(true);
            if (!Sha256.wrap(digested.getMessageDigest().digest()).equals(content))
                throw new Refused(Hindrance.BUSY, "it changes while it is read");
        }
        Files.move(half, kept, StandardCopyOption.ATOMIC_MOVE);
    }

    ReadableByteChannel open(Sha256 content) throws IOException {
        return FileChannel.open(directory.resolve(content.hex()), StandardOpenOption.READ);
    }

    /// Makes durable what is kept.
    void sync() throws IOException {
        try (var names = FileChannel.open(directory, StandardOpenOption.READ)) {
            names.force(true);
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java has SHA-256", impossible);
        }
    }
}
