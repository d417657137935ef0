package dev.guardrail.server.runner.bwrap;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The directory of one sandbox: what its start reads, and what has to be taken away when it is over. It is written
/// before anything is made elsewhere, so that a crash leaves nothing that is not told here.
record Den(Path directory) {
    private static final Pattern EXIT = Pattern.compile("\"exit-code\"\\s*:\\s*(\\d{1,3})");

    /// Makes one below the directory of all.
    ///
    /// @param owner process whose sandbox it is, as [#owner] tells
    static Den create(Path state, String id, String owner) throws IOException {
        var den = new Den(state.resolve(id));
        // Others may pass through, for what is bound into the sandbox, and list or read nothing.
        Files.createDirectory(
                den.directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx--x--x")));
        den.write("owner", owner);
        den.write("id", id);
        return den;
    }

    /// Of a process, so that another with the same number is not taken for it.
    static String owner(ProcessHandle process) {
        return process.pid() + " "
                + process.info().startInstant().map(Object::toString).orElse("");
    }

    /// True where the process that made it still lives.
    boolean isOwned() throws IOException {
        try {
            String owner = Files.readString(file("owner"));
            Optional<ProcessHandle> process = ProcessHandle.of(Long.parseLong(owner.substring(0, owner.indexOf(' '))));
            return process.isPresent() && owner(process.get()).equals(owner);
        } catch (NoSuchFileException | NumberFormatException | StringIndexOutOfBoundsException halfMade) {
            return false;
        }
    }

    Path file(String name) {
        return directory.resolve(name);
    }

    /// Private to the guard.
    void write(String name, String text) throws IOException {
        write(name, text.getBytes(StandardCharsets.UTF_8), "rw-------");
    }

    /// For what is bound into the sandbox.
    void writeOpenly(String name, String text) throws IOException {
        write(name, text.getBytes(StandardCharsets.UTF_8), "rw-r--r--");
    }

    /// Nobody but those who may can read it at any moment.
    void write(String name, byte[] bytes, String permissions) throws IOException {
        Path file = file(name);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.write(file, bytes);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    }

    /// The lines of a file, none where it is not there.
    List<String> lines(String name) throws IOException {
        try {
            return Files.readAllLines(file(name));
        } catch (NoSuchFileException absent) {
            return List.of();
        }
    }

    /// How the command ended, as bubblewrap says it; empty where it did not come so far.
    Optional<Integer> exitCode() throws IOException {
        for (String line : lines("status")) {
            Matcher said = EXIT.matcher(line);
            if (said.find()) return Optional.of(Integer.parseInt(said.group(1)));
        }
        return Optional.empty();
    }

    /// Takes it away, the note of whose it is last.
    void remove() throws IOException {
        if (!Files.isDirectory(directory)) return;
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.sorted(Comparator.comparing(path -> path.endsWith("owner")))
                    .toList()) Files.deleteIfExists(file);
        }
        Files.deleteIfExists(directory);
    }
}
