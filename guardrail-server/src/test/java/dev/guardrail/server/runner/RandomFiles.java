package dev.guardrail.server.runner;

import dev.guardrail.base.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Predicate;

/// A directory with files of many kinds, and what an agent might do to them next; all from one seed.
final class RandomFiles {
    private static final List<String> MODES = List.of("rw-r--r--", "rwxr-x---", "r--r-----", "rw-rw-rw-");

    /// What an agent calls.
    record Deed(String tool, JsonObject arguments) {}

    private final Path root;
    private final Path place;
    private final Random random;
    private int fresh;

    /// @param root of the workspace
    /// @param name of the directory below it
    RandomFiles(Path root, String name, long seed) throws IOException {
        this.root = root;
        this.place = Files.createDirectory(root.resolve(name));
        this.random = new Random(seed);
        for (String directory : List.of("a", "a/b", "c", "empty")) Files.createDirectories(place.resolve(directory));
        for (String directory : List.of(".", "a", "a/b", "a/b", "c"))
            fill(place.resolve(directory).normalize());
        Files.createSymbolicLink(place.resolve("a/dangling"), Path.of("nowhere"));
        Files.createSymbolicLink(place.resolve("link"), Path.of("c"));
    }

    Path place() {
        return place;
    }

    private void fill(Path directory) throws IOException {
        Path file = directory.resolve("f" + fresh++);
        byte[] bytes = new byte[random.nextInt(300)];
        random.nextBytes(bytes);
        if (random.nextBoolean()) Files.write(file, bytes);
        else Files.writeString(file, "grüße\n".repeat(random.nextInt(20)));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(MODES.get(random.nextInt(MODES.size()))));
        Files.setLastModifiedTime(
                file,
                FileTime.from(Instant.ofEpochSecond(random.nextInt(1, 1_700_000_000), random.nextInt(1_000_000_000))));
    }

    /// Something that can be done now.
    Deed next() throws IOException {
        while (true) {
            Optional<Deed> deed = switch (random.nextInt(7)) {
                case 0 -> Optional.of(write(beside()));
                case 1 -> Optional.of(write(beside() + "/deep/er"));
                case 2 -> some(Files::isRegularFile).map(this::write);
                case 3 -> some(RandomFiles::isFile).map(this::move);
                case 4 -> some(RandomFiles::isDirectory).map(this::move);
                case 5 -> some(RandomFiles::isFile).map(this::delete);
                default -> some(RandomFiles::isEmpty).map(this::delete);
            };
            if (deed.isPresent()) return deed.get();
        }
    }

    private Deed write(String path) {
        return new Deed(
                "fs_write",
                JsonObject.with("path", path)
                        .with("content", "é" + random.nextLong() + "\n".repeat(random.nextInt(5)))
                        .build());
    }

    /// To a place where nothing is, in a directory that is there or one that is made for it.
    private Deed move(String from) {
        String to = random.nextBoolean() ? "/moved" + fresh++ : "/made" + fresh++ + "/moved";
        return new Deed(
                "fs_move", JsonObject.with("from", from).with("to", name() + to).build());
    }

    private Deed delete(String path) {
        return new Deed("fs_delete", JsonObject.with("path", path).build());
    }

    /// A name in one of the directories, at which nothing is.
    private String beside() throws IOException {
        return some(RandomFiles::isDirectory).orElseGet(this::name) + "/new" + fresh++;
    }

    private String name() {
        return root.relativize(place).toString();
    }

    private Optional<String> some(Predicate<Path> kind) throws IOException {
        var found = new ArrayList<String>();
        try (var walk = Files.walk(place)) {
            for (Path path : walk.sorted().toList())
                if (!path.equals(place) && kind.test(path))
                    found.add(root.relativize(path).toString());
        }
        return found.isEmpty() ? Optional.empty() : Optional.of(found.get(random.nextInt(found.size())));
    }

    private static boolean isFile(Path path) {
        return Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS);
    }

    private static boolean isDirectory(Path path) {
        return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
    }

    private static boolean isEmpty(Path path) {
        if (!isDirectory(path)) return false;
        try (var entries = Files.list(path)) {
            return entries.findAny().isEmpty();
        } catch (IOException unreadable) {
            throw new java.io.UncheckedIOException(unreadable);
        }
    }
}
