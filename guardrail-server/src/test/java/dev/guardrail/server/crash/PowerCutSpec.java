package dev.guardrail.server.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What was not synced is lost in a power cut, and nothing that was told of is. `-Dcrash.images` and `-Dcrash.seed`
/// change number and moments (docs/reliability.md). Mounting needs root and loop devices; where the environment says
/// `CI`, their lack is a failure.
class PowerCutSpec {
    private static final int IMAGES = Integer.getInteger("crash.images", 3);
    private static final long SEED = Long.getLong("crash.seed", 1);

    /// The planted bug must show within this many cuts.
    private static final int IMAGES_TO_FIND = 10;

    @TempDir
    private Path directory;

    @BeforeEach
    void mounting() throws Exception {
        boolean possible = LoopDisk.possible(directory);
        assertTrue(possible || System.getenv("CI") == null, "power cuts need root and loop devices");
        assumeTrue(possible, "power cuts need root and loop devices");
    }

    @Test
    void a_power_cut_loses_nothing_that_was_told_of() throws Exception {
        var cuts = new PowerCuts(directory, Plant.NONE, SEED);

        List<String> faults = cuts.run(IMAGES);

        System.out.println("power cut, " + cuts);
        assertEquals(List.of(), faults);
    }

    @Test
    void a_store_that_does_not_sync_is_found() throws Exception {
        var cuts = new PowerCuts(directory, Plant.UNSYNCED, SEED);

        List<String> faults = cuts.run(IMAGES_TO_FIND);

        System.out.println(Plant.UNSYNCED + " found by " + cuts + ": "
                + faults.stream().limit(1).toList());
        assertFalse(faults.isEmpty(), "a store that does not sync was not found");
    }
}
