package dev.guardrail.server.bridge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.StrictJson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// A host with a bridge of its own in this process: lines in, lines out.
final class HostSide implements AutoCloseable {
    static final String KEY = "grd_host---------------------------------------";
    static final String INITIALIZE = "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":"
            + "{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{},\"clientInfo\":{\"name\":\"h\",\"version\":\"1\"}}}";
    static final String INITIALIZED = "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}";

    /// A result of `initialize`.
    static final String GREETING = "{\"protocolVersion\":\"2025-11-25\",\"capabilities\":"
            + "{\"tools\":{\"listChanged\":true},\"prompts\":{}},\"serverInfo\":{\"name\":\"s\",\"version\":\"1\"}}";

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final OutputStream in;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final List<String> words = new CopyOnWriteArrayList<>();
    private final Bridge bridge;
    private final Thread running;

    HostSide(URI guard, String server, String key) throws IOException {
        var toBridge = new PipedInputStream(1 << 16);
        in = new PipedOutputStream(toBridge);
        bridge = new Bridge(guard, server, key, toBridge, new Ear(), words::add);
        running = Thread.ofPlatform().daemon().start(() -> {
            try {
                bridge.run();
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
        });
    }

    static HostSide at(PlayedDoor door) throws IOException {
        return new HostSide(door.url(), "files", KEY);
    }

    /// Takes what the bridge writes, line by line.
    private final class Ear extends OutputStream {
        private final ByteArrayOutputStream line = new ByteArrayOutputStream();

        @Override
        public void write(int next) {
            if (next != '\n') {
                line.write(next);
                return;
            }
            lines.add(line.toString(StandardCharsets.UTF_8));
            line.reset();
        }
    }

    HostSide say(String line) {
        return write((line + "\n").getBytes(StandardCharsets.UTF_8));
    }

    HostSide write(byte[] bytes) {
        try {
            in.write(bytes);
            in.flush();
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
        return this;
    }

    String nextLine() throws InterruptedException {
        String line = lines.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertNotNull(line, () -> "no more lines; " + words);
        return line;
    }

    JsonObject next() throws InterruptedException {
        return (JsonObject) StrictJson.parse(nextLine().getBytes(StandardCharsets.UTF_8));
    }

    /// The next line, which must answer this request with a result.
    JsonObject result(String id) throws InterruptedException {
        JsonObject answer = next();
        assertEquals(id, String.valueOf(answer.get("id").orElseThrow()), answer::toString);
        return answer.object("result").orElseThrow(() -> new AssertionError(answer.toString()));
    }

    /// The next line, which must answer this request with an error.
    JsonObject error(String id) throws InterruptedException {
        JsonObject answer = next();
        assertEquals(id, String.valueOf(answer.get("id").orElseThrow()), answer::toString);
        return answer.object("error").orElseThrow(() -> new AssertionError(answer.toString()));
    }

    /// Begins a session of 2025-11-25.
    HostSide initialize() throws InterruptedException {
        say(INITIALIZE);
        result("0");
        return say(INITIALIZED);
    }

    /// What was said to people.
    String words() {
        return String.join("\n", words);
    }

    boolean hasLines() {
        return !lines.isEmpty();
    }

    /// Closes the host's side, as hosts do to end a server.
    void hangUp() throws IOException {
        in.close();
    }

    void awaitEnd() throws InterruptedException {
        assertTrue(running.join(PATIENCE), "the bridge goes on");
    }

    @Override
    public void close() throws IOException, InterruptedException {
        hangUp();
        awaitEnd();
    }
}
