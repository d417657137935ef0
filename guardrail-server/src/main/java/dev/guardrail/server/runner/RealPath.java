package dev.guardrail.server.runner;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Where a path leads: each component is looked at, links are followed (`path_resolution(7)`), and what does not
/// exist is kept as written.
final class RealPath {
    /// As Linux (`MAXSYMLINKS`).
    private static final int LINKS = 40;

    private static final int COMPONENTS = 1_024;

    /// As most file systems (`NAME_MAX`).
    private static final int NAME_BYTES = 255;

    private static final boolean FOLDS_CASE =
            System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("mac");

    private final Deque<String> rest = new ArrayDeque<>();
    private Path current;
    private int links;

    private RealPath(Path start) {
        this.current = start;
    }

    /// @param base real path that a relative text is taken from
    /// @return empty where the text cannot be resolved: too long, a loop, no permission, a file taken for a
    ///     directory
    static Optional<Path> of(Path base, String text) {
        try {
            var walk = new RealPath(base);
            walk.push(text);
            return Optional.of(FOLDS_CASE ? folded(walk.end()) : walk.end());
        } catch (IOException | InvalidPathException unresolvable) {
            return Optional.empty();
        }
    }

    private void push(String text) throws IOException {
        if (text.startsWith("/")) current = current.getRoot();
        for (String name : List.of(text.split("/", -1)).reversed()) rest.push(name);
        if (rest.size() > COMPONENTS) throw new IOException("too many components");
    }

    private Path end() throws IOException {
        while (!rest.isEmpty()) {
            String name = rest.pop();
            switch (name) {
                case "", "." -> {}
                case ".." -> {
                    var parent = current.getParent();
                    if (parent != null) current = parent;
                }
                default -> step(name);
            }
        }
        return current;
    }

    private void step(String name) throws IOException {
        if (name.getBytes(UTF_8).length > NAME_BYTES) throw new IOException("a component is too long");
        var next = current.resolve(name);
        if (!isLink(next)) {
            current = next;
            return;
        }
        if (++links > LINKS) throw new IOException("too many links");
        push(Files.readSymbolicLink(next).toString());
    }

    private static boolean isLink(Path path) throws IOException {
        try {
            return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                    .isSymbolicLink();
        } catch (NoSuchFileException missing) {
            return false;
        }
    }

    /// The path with the case that its existing part really has.
    private static Path folded(Path path) throws IOException {
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) return path.toRealPath();
        var parent = path.getParent();
        return parent == null ? path : folded(parent).resolve(path.getFileName());
    }
}
