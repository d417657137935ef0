package dev.guardrail.server.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.pipeline.Attendance;
import dev.guardrail.pipeline.Outcome;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What becomes of work on files whose client leaves, or that is stopped.
@Timeout(60)
class WorkspaceStopSpec {
    private static final Outcome DONE = new Outcome.Answered(JsonObject.EMPTY, true);

    private final CompletableFuture<String> left = new CompletableFuture<>();
    private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();

    private Outcome awaited(Thread working) {
        var attendance = new Attendance(Optional.empty(), Duration.ofSeconds(50), left);
        return Workspace.awaited("the workspace", working, outcome, attendance);
    }

    @Test
    void what_ends_by_itself_is_heard_though_nobody_waits_any_more() {
        left.complete("stopped");
        var working = Thread.ofVirtual().start(() -> {
            outcome.complete(DONE);
        });

        assertEquals(DONE, awaited(working));
    }

    @Test
    void what_goes_on_is_interrupted() {
        var never = new CountDownLatch(1);
        var working = Thread.ofVirtual().start(() -> {
            try {
                never.await();
            } catch (InterruptedException told) {
                outcome.complete(DONE);
            }
        });
        left.complete("stopped");

        assertEquals(DONE, awaited(working));
    }

    @Test
    void what_does_not_even_heed_that_is_left_alone_and_nobody_knows_how_far_it_came() {
        var end = new CountDownLatch(1);
        var working = Thread.ofPlatform().daemon().start(() -> {
            while (end.getCount() > 0) Thread.onSpinWait();
        });
        left.complete("stopped");

        assertInstanceOf(Outcome.Lost.class, awaited(working));

        assertTrue(working.isInterrupted());
        end.countDown();
    }

    @Test
    void nothing_is_interrupted_while_somebody_waits() {
        var working = Thread.ofVirtual().start(() -> outcome.complete(DONE));

        assertEquals(DONE, awaited(working));
        assertTrue(!working.isInterrupted());
    }
}
