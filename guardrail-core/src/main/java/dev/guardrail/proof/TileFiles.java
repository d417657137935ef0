package dev.guardrail.proof;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/// The files of a log in the layout of c2sp.org/tlog-tiles, by their relative paths, wherever they lie: a directory, an
/// object store.
public interface TileFiles {
    /// @return the file's bytes; empty where there is none
    Optional<byte[]> read(String path) throws IOException;

    /// Writes a file, whole; one that is there is replaced.
    void write(String path, byte[] bytes) throws IOException;

    /// Files below a directory.
    static TileFiles in(Path directory) {
        return new TileFiles() {
            /// More than the largest bundle: 256 entries of 65,535 bytes.
            private static final long MAX_BYTES = 32L << 20;

            @Override
            public Optional<byte[]> read(String path) throws IOException {
                Path file = directory.resolve(path);
                if (Files.notExists(file)) return Optional.empty();
                if (Files.size(file) > MAX_BYTES) throw new IOException("`" + file + "` is too large to be of a log");
                return Optional.of(Files.readAllBytes(file));
            }

            @Override
            public void write(String path, byte[] bytes) throws IOException {
                Path file = directory.resolve(path);
                Path parent = file.getParent();
                if (parent != null) Files.createDirectories(parent);
                Path part = file.resolveSibling(file.getFileName() + ".part");
                Files.write(part, bytes);
                Files.move(part, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            }
        };
    }
}
