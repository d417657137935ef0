package dev.guardrail.server.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A guard that is killed at any moment loses nothing that it told of and runs nothing twice. `-Dcrash.rounds` and
/// `-Dcrash.seed` change length and moments (docs/reliability.md).
class CrashSpec {
    private static final int ROUNDS = Integer.getInteger("crash.rounds", 6);
    private static final long SEED = Long.getLong("crash.seed", 1);

    /// A planted bug, and a call in the outbox, must show within this many kills.
    private static final int ROUNDS_TO_FIND = 40;

    @TempDir
    private Path directory;

    @Test
    void a_killed_guard_loses_nothing_and_runs_nothing_twice() throws Exception {
        var rounds = new KillRounds(directory, Plant.NONE, SEED);

        List<String> faults = rounds.run(ROUNDS);
        // A kill finds the outbox where the processor happens to be: a few more homes, until one did.
        while (faults.isEmpty() && !rounds.metTheOutbox() && rounds.count() < ROUNDS_TO_FIND)
            faults = rounds.run(ROUNDS);

        System.out.println("kill -9, " + rounds);
        assertEquals(List.of(), faults);
        assertTrue(rounds.metTheOutbox(), rounds::toString);
    }

    @ParameterizedTest
    @EnumSource(
            value = Plant.class,
            names = {"EXECUTE_FIRST", "ACKNOWLEDGE_FIRST", "RERUN"})
    void a_planted_bug_is_found(Plant plant) throws Exception {
        var rounds = new KillRounds(directory, plant, SEED);

        List<String> faults = rounds.run(ROUNDS_TO_FIND);

        System.out.println(
                plant + " found by " + rounds + ": " + faults.stream().limit(1).toList());
        assertFalse(faults.isEmpty(), plant + " was not found");
        String tell = switch (plant) {
            case EXECUTE_FIRST -> "without a durable intent";
            case ACKNOWLEDGE_FIRST -> "was acknowledged";
            case RERUN -> "had its effect twice";
            case NONE, UNSYNCED -> throw new IllegalArgumentException(plant.toString());
        };
        assertTrue(faults.stream().allMatch(fault -> fault.contains(tell)), faults.toString());
    }
}
