package dev.guardrail.server.upstream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class BackoffSpec {
    private final AtomicInteger made = new AtomicInteger();

    @Test
    void what_may_be_tried_again_is_until_it_need_not_or_there_were_enough() {
        var backoff = new Backoff(3, Duration.ofMillis(1));
        assertEquals(2, backoff.of(made::incrementAndGet, result -> result < 2));
        assertEquals(2, made.get());
        assertEquals(5, backoff.of(made::incrementAndGet, result -> true));
        assertEquals(6, backoff.of(made::incrementAndGet, result -> false));
        assertFalse(Thread.currentThread().isInterrupted());
    }

    @Test
    void a_fault_is_not_tried_again() {
        var backoff = new Backoff(3, Duration.ofMillis(1));
        assertThrows(
                IllegalStateException.class,
                () -> backoff.of(
                        () -> {
                            made.incrementAndGet();
                            throw new IllegalStateException("broken");
                        },
                        result -> true));
        assertEquals(1, made.get());
    }

    @Test
    void whoever_is_interrupted_waits_no_longer_and_stays_interrupted() {
        var backoff = new Backoff(3, Duration.ofDays(1));
        Thread.currentThread().interrupt();

        int result = backoff.of(made::incrementAndGet, any -> true);

        assertTrue(Thread.interrupted());
        assertEquals(1, result);
    }
}
