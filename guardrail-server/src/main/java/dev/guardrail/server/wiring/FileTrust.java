package dev.guardrail.server.wiring;

import com.sun.security.auth.module.UnixSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// Whether files that decide what is allowed can be changed by others than their owner.
final class FileTrust {
    private static final int MAX_DEPTH = 32;

    private static final int STICKY = 01000;
    private static final int OTHERS_WRITE = 0022;

    private FileTrust() {}

    /// @return why the file is not to be relied on, with the mend; empty where it is
    static Optional<String> fault(Path path) {
        return itself(path).or(() -> above(path));
    }

    /// Who may write a directory may put another file in the place of one in it, unless it is sticky.
    private static Optional<String> above(Path path) {
        try {
            Path parent = path.toRealPath().getParent();
            if (parent == null || !Files.getFileStore(parent).supportsFileAttributeView("unix"))
                return Optional.empty();
            int mode = (int) Files.getAttribute(parent, "unix:mode");
            return (mode & OTHERS_WRITE) == 0 || (mode & STICKY) != 0
                    ? Optional.empty()
                    : Optional.of("`" + parent + "` can be written by others, who may replace what lies in it; run:"
                            + " chmod go-w " + parent);
        } catch (IOException unreadable) {
            return Optional.of("the directory of `" + path + "` cannot be looked at; let the guard's user read it");
        }
    }

    private static Optional<String> itself(Path path) {
        if (!Files.exists(path)) return Optional.of("there is no `" + path + "`; create it, or name another");
        try {
            if (!Files.getFileStore(path).supportsFileAttributeView("posix")) return Optional.empty();
            if (!isOurs(path))
                return Optional.of("`" + path + "` belongs to somebody else; let root or the guard's user own it");
            var permissions = Files.getPosixFilePermissions(path);
            boolean others = permissions.contains(PosixFilePermission.GROUP_WRITE)
                    || permissions.contains(PosixFilePermission.OTHERS_WRITE);
            return others
                    ? Optional.of("`" + path + "` can be written by others; run: chmod go-w " + path)
                    : Optional.empty();
        } catch (IOException unreadable) {
            return Optional.of("`" + path + "` cannot be looked at; let the guard's user read it");
        }
    }

    /// Faults of a file, or of a directory and everything under it that is read as policy.
    static List<String> faults(Path root) {
        return faults(root, FileTrust::isYaml);
    }

    /// @param isRead true of files that are read
    static List<String> faults(Path root, Predicate<Path> isRead) {
        if (!Files.isDirectory(root)) return fault(root).stream().toList();
        try (Stream<Path> all = Files.walk(root, MAX_DEPTH)) {
            Stream<String> inside = all.filter(path -> Files.isDirectory(path) || isRead.test(path))
                    .flatMap(path -> itself(path).stream());
            return Stream.concat(above(root).stream(), inside).toList();
        } catch (IOException | java.io.UncheckedIOException unreadable) {
            return List.of("`" + root + "` cannot be listed; let the guard's user read it");
        }
    }

    private static boolean isOurs(Path path) throws IOException {
        int owner = (int) Files.getAttribute(path, "unix:uid");
        return owner == 0 || owner == new UnixSystem().getUid();
    }

    private static boolean isYaml(Path path) {
        String name = String.valueOf(path.getFileName());
        return name.endsWith(".yaml") || name.endsWith(".yml");
    }
}
