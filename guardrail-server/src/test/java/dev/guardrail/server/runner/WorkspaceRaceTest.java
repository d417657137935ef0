package dev.guardrail.server.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.pipeline.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Somebody swaps a directory for a link that leads out, and back, as fast as the file system can, while the
/// workspace works in it. `-Dguardrail.race.seconds=60` is the long run.
class WorkspaceRaceTest {
    private static final Duration LENGTH = Duration.ofSeconds(Long.getLong("guardrail.race.seconds", 3));

    @TempDir
    private Path directory;

    private Path root;
    private Path out;

    @Test
    void nothing_escapes() throws Exception {
        root = Files.createDirectories(directory.toRealPath().resolve("ws"));
        out = Files.createDirectories(directory.toRealPath().resolve("out"));
        Files.createDirectory(root.resolve("d"));
        Files.writeString(root.resolve("d/f"), "inside");
        Files.writeString(out.resolve("f"), "outside");
        Files.createSymbolicLink(root.resolve("link"), out);
        var stop = new AtomicBoolean();
        var swapper = new Swapper(root, stop);
        var racer = Thread.ofPlatform().start(swapper);

        long naive = naive();
        long escapes = 0;
        long worked = 0;
        try (var rig = new WorkspaceRig(root)) {
            var writer = Thread.ofPlatform().start(() -> {
                while (!stop.get()) change(rig);
            });
            long end = System.nanoTime() + LENGTH.toNanos();
            while (System.nanoTime() < end) {
                var read = rig.run("fs_read", "path", "d/f");
                if (read instanceof Outcome.Answered answered && answered.ok()) worked++;
                if (rig.text(read).equals("outside")) escapes++;
            }
            stop.set(true);
            writer.join();
        } finally {
            stop.set(true);
            racer.join();
        }

        assertEquals(0, escapes, "reads that came out");
        try (var entries = Files.list(out)) {
            assertEquals(
                    List.of("f"),
                    entries.map(entry -> entry.getFileName().toString()).toList(),
                    "writes that came out");
        }
        assertEquals("outside", Files.readString(out.resolve("f")));
        assertTrue(swapper.swaps() > 100, () -> "the racer swapped only " + swapper.swaps() + " times");
        assertTrue(worked > 10, "the workspace read only " + worked + " times");
        assertTrue(naive > 0, "the racer never led the naive reader out, so it proves nothing");
    }

    private static void change(WorkspaceRig rig) {
        rig.run("fs_write", "path", "d/g", "content", "x");
        rig.run("fs_move", "from", "d/g", "to", "d/m");
        rig.run("fs_delete", "path", "d/m");
        rig.run("fs_write", "path", "d/new/h", "content", "x");
        rig.run("fs_delete", "path", "d/new/h");
    }

    /// The positive control: a reader that checks the path and then opens it by name, as often as it takes to be
    /// led out.
    ///
    /// @return how often it was
    private long naive() throws IOException {
        long led = 0;
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (led < 3 && System.nanoTime() < end) {
            try {
                var path = root.resolve("d/f");
                if (path.toRealPath().startsWith(root) && Files.readString(path).equals("outside")) led++;
            } catch (IOException between) {
                continue;
            }
        }
        return led;
    }
}
