package dev.guardrail.server.crash;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/// A tool whose effect is one more line in a file that is only ever appended to: the call's id. The file outlives the
/// process, as the world does.
final class Upstream implements AutoCloseable {
    private final FileChannel channel;

    Upstream(Path file) throws IOException {
        channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /// One write of one line: it is there whole, or not at all.
    void run(String call) {
        try {
            channel.write(ByteBuffer.wrap((call + "\n").getBytes(StandardCharsets.US_ASCII)));
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    /// Calls that had their effect, in order.
    static List<String> effects(Path file) throws IOException {
        return Files.exists(file) ? Files.readAllLines(file, StandardCharsets.US_ASCII) : List.of();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
