package dev.guardrail.server.wiring;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Whether files that decide what is allowed can be changed by others than their owner.
final class FileTrust {
    private static final int MAX_DEPTH = 32;

    private FileTrust() {}

    /// @return why the file is not to be relied on, with the mend; empty where it is
    static Optional<String> fault(Path path) {
        if (!Files.exists(path)) return Optional.of("there is no `" + path + "`; create it, or name another");
        try {
            if (!Files.getFileStore(path).supportsFileAttributeView("posix")) return Optional.empty();
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
        if (!Files.isDirectory(root)) return fault(root).stream().toList();
        try (Stream<Path> all = Files.walk(root, MAX_DEPTH)) {
            return all.filter(path -> Files.isDirectory(path) || isYaml(path))
                    .flatMap(path -> fault(path).stream())
                    .toList();
        } catch (IOException | java.io.UncheckedIOException unreadable) {
            return List.of("`" + root + "` cannot be listed; let the guard's user read it");
        }
    }

    private static boolean isYaml(Path path) {
        String name = String.valueOf(path.getFileName());
        return name.endsWith(".yaml") || name.endsWith(".yml");
    }
}
