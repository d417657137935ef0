package dev.guardrail.server.crash;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;

/// Cuts the power of a guard under load at random moments: takes what its disk holds at that moment, without anything
/// that was not synced, starts the guard on it, and looks at what is left.
final class PowerCuts {
    /// Cuts of one life; then another process on a fresh disk.
    private static final int CUTS = 5;

    private final Path directory;
    private final Plant plant;
    private final Random random;
    private int images;
    private int calls;
    private int effects;
    private int inDoubt;

    PowerCuts(Path directory, Plant plant, long seed) {
        this.directory = directory;
        this.plant = plant;
        this.random = new Random(seed);
    }

    /// @return broken promises of the first image that had any; empty where none of `count` images did
    List<String> run(int count) throws Exception {
        for (int life = 0; images < count; life++) {
            Path place = Files.createDirectories(directory.resolve("life" + life));
            List<String> faults = live(place, Math.min(CUTS, count - images));
            if (!faults.isEmpty()) return faults;
        }
        return List.of();
    }

    private List<String> live(Path place, int cuts) throws Exception {
        Path image = place.resolve("disk.img");
        Path told = place.resolve("told");
        Path world = place.resolve("world");
        try (var disk = LoopDisk.fresh(image, place.resolve("disk"));
                var victim = new Victim(disk.path().resolve("home"), world, plant, told)) {
            victim.awaitReady();
            for (int cut = 0; cut < cuts; cut++) {
                victim.tell(random.nextInt(80));
                victim.work(Duration.ofNanos(random.nextInt(3_000_000)));
                images++;
                victim.pause();
                Path left = place.resolve("left.img");
                disk.copy(left);
                // Held: all that was told and all that happened, it was before the cut.
                var before = Told.read(List.of(told));
                var happened = Upstream.effects(world);
                victim.resume();
                List<String> faults = look(left, place.resolve("left"), before, happened);
                if (!faults.isEmpty()) return faults;
            }
            return List.of();
        } finally {
            Files.deleteIfExists(image);
        }
    }

    private List<String> look(Path image, Path mount, Told told, List<String> happened) throws Exception {
        calls += told.acknowledged().size();
        effects += happened.size();
        try (var disk = LoopDisk.mounted(image, mount)) {
            return restarted(disk.path().resolve("home"), mount.resolveSibling("nowhere"), told, happened);
        } finally {
            Files.delete(image);
        }
    }

    private List<String> restarted(Path home, Path nowhere, Told told, List<String> happened) throws IOException {
        try (var guard = CrashGuard.start(home, nowhere, Plant.NONE, call -> {})) {
            inDoubt += guard.settled.inDoubt();
            return Evidence.faults(guard, told, happened);
        } catch (IOException | RuntimeException refused) {
            return List.of("the guard does not start: " + refused);
        }
    }

    @Override
    public String toString() {
        return images + " images: " + calls + " answers told before, " + effects + " effects before, " + inDoubt
                + " calls in doubt after a start";
    }
}
