package dev.guardrail.server.runner;

import dev.guardrail.base.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/// What the system says of one entry of a directory without its being read. Whoever changes the entry changes this.
///
/// @param mode kind and permissions, as `st_mode` of `inode(7)`
/// @param changed when it was last changed in any way, which nobody can set
/// @param content of a file that was changed so shortly before that another change need not show in its times
record Seen(
        int mode,
        int uid,
        int gid,
        long device,
        long inode,
        long bytes,
        FileTime modified,
        FileTime changed,
        Optional<Sha256> content) {
    private static final int KIND = 0170000;
    private static final int REGULAR = 0100000;
    private static final int DIRECTORY = 0040000;
    private static final int LINK = 0120000;
    private static final int PERMISSIONS = 07777;

    /// Twice as long as the longest tick of a kernel's coarse clock.
    private static final Duration TICK = Duration.ofMillis(20);

    /// @param path which is not followed where it is a link
    /// @param at a time before now; a file that was changed just before it is read
    /// @return empty where nothing is there
    static Optional<Seen> of(Path path, Instant at) throws IOException {
        Map<String, Object> said;
        try {
            said = Files.readAttributes(
                    path, "unix:mode,uid,gid,dev,ino,size,lastModifiedTime,ctime", LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException nothing) {
            return Optional.empty();
        }
        int mode = part(said, "mode", Integer.class);
        var changed = part(said, "ctime", FileTime.class);
        boolean racy = (mode & KIND) == REGULAR && changed.toInstant().isAfter(at.minus(TICK));
        return Optional.of(new Seen(
                mode,
                part(said, "uid", Integer.class),
                part(said, "gid", Integer.class),
                part(said, "dev", Long.class),
                part(said, "ino", Long.class),
                (mode & KIND) == DIRECTORY ? 0 : part(said, "size", Long.class),
                part(said, "lastModifiedTime", FileTime.class),
                changed,
                racy ? Optional.of(digest(path)) : Optional.empty()));
    }

    private static <T> T part(Map<String, Object> said, String name, Class<T> type) throws IOException {
        Object part = said.get(name);
        if (!type.isInstance(part)) throw new IOException("the system does not say `" + name + "` of files");
        return type.cast(part);
    }

    private static Sha256 digest(Path file) throws IOException {
        try (InputStream bytes = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS);
                var digested = new DigestInputStream(bytes, MessageDigest.getInstance("SHA-256"))) {
            digested.transferTo(java.io.OutputStream.nullOutputStream());
            return Sha256.wrap(digested.getMessageDigest().digest());
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java has SHA-256", impossible);
        }
    }

    boolean isFile() {
        return (mode & KIND) == REGULAR;
    }

    boolean isDirectory() {
        return (mode & KIND) == DIRECTORY;
    }

    boolean isLink() {
        return (mode & KIND) == LINK;
    }

    /// `rwx` of owner, group and others, and the three bits beyond.
    int permissions() {
        return mode & PERMISSIONS;
    }

    /// True where nothing was done to it since. What is done in a directory is not done to it.
    ///
    /// @param path where the other was seen
    boolean isStill(Seen now, Path path) throws IOException {
        boolean same = mode == now.mode
                && uid == now.uid
                && gid == now.gid
                && device == now.device
                && inode == now.inode
                && (isDirectory()
                        || (bytes == now.bytes && modified.equals(now.modified) && changed.equals(now.changed)));
        if (!same || content.isEmpty()) return same;
        return content.get().equals(now.content.isPresent() ? now.content.get() : digest(path));
    }

    /// True where the other is a copy of it, as far as it shows.
    boolean isCopiedAs(Seen copy) {
        if (isLink()) return copy.isLink() && bytes == copy.bytes;
        return mode == copy.mode && (isDirectory() || (bytes == copy.bytes && modified.equals(copy.modified)));
    }
}
