package dev.guardrail.server.crash;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// Kills a guard under load at random moments, starts it again, and looks at what is left; again and again.
final class KillRounds {
    /// Rounds on one home, before a fresh one.
    private static final int LIVES = 10;

    private final Path directory;
    private final Plant plant;
    private final Random random;
    private int rounds;
    private int calls;
    private int effects;
    private int inDoubt;
    private int expired;
    private int queued;
    private int delayed;

    /// @param seed of the moments of the kills
    KillRounds(Path directory, Plant plant, long seed) {
        this.directory = directory;
        this.plant = plant;
        this.random = new Random(seed);
    }

    /// Adds so many rounds, on fresh homes.
    ///
    /// @return broken promises of the first round that had any; empty where none did
    List<String> run(int more) throws Exception {
        int count = rounds + more;
        while (rounds < count) {
            var home = Files.createDirectories(directory.resolve("home" + rounds));
            List<Path> lives = new ArrayList<>();
            for (int life = 0; life < LIVES && rounds < count; life++) {
                rounds++;
                lives.add(home.resolve("told" + life));
                live(home, lives.getLast());
                List<String> faults = look(home, lives, life + 1 == LIVES || rounds == count);
                if (!faults.isEmpty()) return faults;
            }
        }
        return List.of();
    }

    private void live(Path home, Path told) throws Exception {
        try (var victim = new Victim(home, home.resolve("world"), plant, told)) {
            // Some die while they start or recover, the others under load.
            if (random.nextInt(5) == 0) victim.work(Duration.ofMillis(random.nextInt(1_500)));
            else {
                victim.awaitReady();
                victim.tell(20 + random.nextInt(120));
                victim.work(Duration.ofNanos(random.nextInt(3_000_000)));
            }
            victim.kill();
        }
    }

    /// Starts the guard again, in this process, and holds what it has against what was told.
    private List<String> look(Path home, List<Path> lives, boolean last) throws IOException {
        try (var guard = CrashGuard.start(home, home.resolve("world"), plant, call -> {})) {
            var told = Told.read(lives);
            var happened = Upstream.effects(home.resolve("world"));
            inDoubt += guard.settled.inDoubt();
            expired += guard.settled.expired();
            queued += guard.outbox.rearm();
            if (last) {
                calls += told.acknowledged().stream()
                        .map(Told.Acknowledged::call)
                        .distinct()
                        .count();
                effects += happened.size();
                delayed += guard.delayed(happened);
            }
            return Evidence.faults(guard, told, happened);
        }
    }

    int count() {
        return rounds;
    }

    /// True where kills found calls in the outbox, and others of it ran.
    boolean metTheOutbox() {
        return queued > 0 && delayed > 0;
    }

    @Override
    public String toString() {
        return rounds + " rounds: " + calls + " calls told of, " + effects + " effects, " + inDoubt
                + " calls in doubt after a start, " + expired + " leases lapsed, "
                + queued + " calls queued at a start, " + delayed + " delayed effects";
    }
}
