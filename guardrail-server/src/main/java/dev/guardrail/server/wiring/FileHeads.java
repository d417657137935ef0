package dev.guardrail.server.wiring;

import dev.guardrail.journal.Heads;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// The head signed last, in a file that is replaced whole.
record FileHeads(Path file) implements Heads {

    @Override
    public Optional<byte[]> last() throws IOException {
        return Files.exists(file) ? Optional.of(Files.readAllBytes(file)) : Optional.empty();
    }

    @Override
    public void keep(byte[] note) throws IOException {
        KeyFiles.write(file, new String(note, StandardCharsets.UTF_8));
    }
}
