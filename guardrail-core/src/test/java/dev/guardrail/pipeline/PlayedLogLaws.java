package dev.guardrail.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.journal.AesSeal;
import dev.guardrail.proof.AuditReport;
import dev.guardrail.proof.LogAudit;
import dev.guardrail.testing.HeldLog;
import dev.guardrail.testing.StoredCalls;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What the path writes, the auditor understands: every log of a thousand lives is sound, documents and bodies
/// included.
class PlayedLogLaws {
    private static final int LIVES = 1_000;
    private static final int STEPS = 40;

    @Test
    void every_life_leaves_a_sound_log() throws IOException {
        long runs = 0;
        long grants = 0;
        long outcomes = 0;
        for (long seed = 0; seed < LIVES; seed++) {
            var store = Played.of(seed, Played.Planted.NOTHING, STEPS).remains().reopen();
            AuditReport report = LogAudit.of(
                    HeldLog.of(store),
                    List.of(),
                    Optional.of(new StoredCalls(store, new AesSeal(new byte[32], new SecureRandom()))),
                    read -> {});
            assertEquals(Optional.empty(), report.fault(), "seed " + seed);
            runs += report.counts().runs();
            grants += report.counts().grants();
            outcomes += report.counts().outcomes();
        }
        assertTrue(
                runs > LIVES && grants > 100 && outcomes > LIVES,
                "too little happened: " + List.of(runs, grants, outcomes));
    }
}
