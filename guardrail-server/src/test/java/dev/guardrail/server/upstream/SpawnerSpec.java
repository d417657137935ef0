package dev.guardrail.server.upstream;

import static dev.guardrail.server.upstream.Fixture.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.guardrail.sandbox.Spawner;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SpawnerSpec {
    private static final Duration LONG = Duration.ofSeconds(20);

    private static void starts() throws Exception {
        assertEquals(0, Spawner.only().start(new ProcessBuilder("true")).waitFor());
    }

    @Test
    void an_error_on_the_way_fails_one_start_and_no_other() throws Exception {
        assertThrows(
                IOException.class,
                () -> Spawner.only()
                        .start(
                                () -> {
                                    throw new StackOverflowError("planted");
                                },
                                LONG));

        starts();
    }

    @Test
    void a_process_that_starts_too_late_is_ended() throws Exception {
        var gate = new CountDownLatch(1);
        var late = new AtomicReference<Process>();
        assertThrows(
                IOException.class,
                () -> Spawner.only()
                        .start(
                                () -> {
                                    gate.await();
                                    late.set(new ProcessBuilder("sleep", "600").start());
                                    return late.get();
                                },
                                Duration.ofMillis(20)));

        gate.countDown();
        await(() -> late.get() != null && !late.get().isAlive());
        starts();
    }
}
