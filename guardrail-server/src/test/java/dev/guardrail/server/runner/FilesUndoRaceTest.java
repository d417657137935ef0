package dev.guardrail.server.runner;

import static dev.guardrail.server.runner.FilesRig.move;
import static dev.guardrail.server.runner.FilesRig.path;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.call.DecisionRequest;
import dev.guardrail.call.PathFacts;
import dev.guardrail.undo.Compensator.Look;
import dev.guardrail.undo.Compensator.Restored;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Somebody swaps a directory for a link that leads out, and back, while files in it are looked at, changed and put
/// back. `-Dguardrail.race.seconds=60` is the long run.
class FilesUndoRaceTest {
    private static final Duration LENGTH = Duration.ofSeconds(Long.getLong("guardrail.race.seconds", 3));

    /// How long it goes on at most, until enough was put back.
    private static final Duration PATIENCE = LENGTH.plusSeconds(30);

    private static final long ENOUGH = 20;
    private static final String OUTSIDE = "what lies outside";

    @TempDir
    private Path directory;

    private long refused;
    private long done;

    @Test
    void nothing_escapes() throws Exception {
        Path root = Files.createDirectories(directory.toRealPath().resolve("ws"));
        Path out = Files.createDirectories(directory.toRealPath().resolve("out"));
        Files.createDirectory(root.resolve("d"));
        Files.writeString(root.resolve("d/f"), "inside");
        Files.writeString(out.resolve("f"), OUTSIDE);
        Files.createSymbolicLink(root.resolve("link"), out);
        Object before;
        try (var outside = new FilesRig(out)) {
            before = outside.tree();
        }
        var stop = new AtomicBoolean();
        var swapper = new Swapper(root, stop);
        try (var rig = new FilesRig(root);
                var workspace = new WorkspaceRig(root)) {
            var rounds = List.of(
                    round(rig, workspace, path("d/f"), "fs_write", "path", "d/f", "content", "new"),
                    round(rig, workspace, path("d/g"), "fs_write", "path", "d/g", "content", "new"),
                    round(rig, workspace, move("d/f", "h"), "fs_move", "from", "d/f", "to", "h"),
                    round(rig, workspace, path("d/f"), "fs_delete", "path", "d/f"));
            var racer = Thread.ofPlatform().start(swapper);
            long start = System.nanoTime();
            while (System.nanoTime() - start < LENGTH.toNanos()
                    || done < ENOUGH && System.nanoTime() - start < PATIENCE.toNanos()) rounds.forEach(Runnable::run);
            stop.set(true);
            racer.join();
        } finally {
            stop.set(true);
        }

        try (var outside = new FilesRig(out)) {
            assertEquals(before, outside.tree(), "what was done outside");
        }
        assertTrue(swapper.swaps() > 100, () -> "the racer swapped only " + swapper.swaps() + " times");
        assertTrue(done >= ENOUGH, () -> "only " + done + " states were put back");
        assertTrue(refused > 0, "nothing was ever refused, so the racer proves nothing");
        try (var left = Files.walk(root)) {
            assertEquals(
                    List.of(),
                    left.filter(path -> path.toString().endsWith(".tmp")).toList());
        }
    }

    /// Looks, does something, looks again and puts back; where everything leads was judged before anybody swapped.
    private Runnable round(FilesRig rig, WorkspaceRig workspace, JsonObject target, String tool, String... pairs) {
        PathFacts facts = rig.facts(target);
        DecisionRequest request = workspace.request(tool, pairs);
        return () -> {
            if (!(look(rig, target, facts) instanceof Look.Seen before)) return;
            workspace.run(request);
            if (!(look(rig, target, facts) instanceof Look.Seen left) || left.equals(before)) return;
            try {
                if (rig.restore(target, before.state(), left.version(), facts) instanceof Restored.Done) done++;
                else refused++;
            } catch (IOException swapped) {
                // Somebody moved the directory away in the middle: what came of it is not known, and is all inside.
                refused++;
            }
        };
    }

    private Look look(FilesRig rig, JsonObject target, PathFacts facts) {
        try {
            Look look = rig.look(target, facts);
            if (look instanceof Look.Seen seen)
                assertFalse(seen.state().toString().contains(OUTSIDE), "a state that came out");
            else refused++;
            return look;
        } catch (IOException swapped) {
            refused++;
            return new Look.Unfit("it was swapped");
        }
    }
}
