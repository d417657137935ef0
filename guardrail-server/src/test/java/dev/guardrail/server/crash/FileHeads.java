package dev.guardrail.server.crash;

import dev.guardrail.journal.Heads;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/// The latest head in a file of its own, replaced whole and synced.
record FileHeads(Path file) implements Heads {
    @Override
    public Optional<byte[]> last() throws IOException {
        return Files.exists(file) ? Optional.of(Files.readAllBytes(file)) : Optional.empty();
    }

    @Override
    public void keep(byte[] note) throws IOException {
        Path part = file.resolveSibling(file.getFileName() + ".part");
        Files.write(part, note);
        force(part);
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        force(file.toAbsolutePath().getParent());
    }

    private static void force(Path path) throws IOException {
        try (var channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
