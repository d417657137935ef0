package dev.guardrail.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The queue of deadlines and the thread that keeps it.
@Timeout(20)
class DeadlinesSpec {
    private final AtomicLong nanos = new AtomicLong(1_000);
    private final Deadlines<String> deadlines = new Deadlines<>(nanos::get);
    private final AtomicInteger runs = new AtomicInteger();

    @Test
    void what_is_due_is_listed_earliest_first_and_stays_until_it_is_settled() {
        deadlines.arm("apr_b", "voting", Duration.ofNanos(20));
        deadlines.arm("apr_a", "voting", Duration.ofNanos(30));
        deadlines.arm("apr_c", "voting", Duration.ofNanos(31));
        assertEquals(List.of(), deadlines.due());
        nanos.addAndGet(30);
        assertEquals(List.of("apr_b", "apr_a"), deadlines.due());
        assertEquals(List.of("apr_b", "apr_a"), deadlines.due());
        deadlines.disarm("apr_b");
        assertEquals(List.of("apr_a"), deadlines.due());
        assertEquals(2, deadlines.size());
    }

    @Test
    void a_new_deadline_takes_the_place_of_the_old() {
        assertEquals(20, deadlines.arm("apr_a", "voting", Duration.ofNanos(20)));
        deadlines.arm("apr_a", "use", Duration.ofNanos(50));
        assertEquals(OptionalLong.empty(), deadlines.left("apr_a", "voting"));
        assertEquals(OptionalLong.of(50), deadlines.left("apr_a", "use"));
        nanos.addAndGet(49);
        assertEquals(List.of(), deadlines.due());
        nanos.addAndGet(1);
        assertEquals(List.of("apr_a"), deadlines.due());
        assertEquals(1, deadlines.size());
    }

    @Test
    void the_keeper_is_not_awake_before_a_deadline_has_come() throws Exception {
        deadlines.arm("apr_a", "voting", Duration.ofHours(1));
        var keeper = keeper(runs::incrementAndGet);
        asleep(keeper);
        assertEquals(0, runs.get());
        end(keeper);
        assertEquals(0, runs.get());
    }

    @Test
    void the_keeper_is_awake_the_very_nanosecond_that_a_deadline_comes() throws Exception {
        deadlines.arm("apr_a", "voting", Duration.ZERO);
        var keeper = keeper(() -> {
            runs.incrementAndGet();
            deadlines.disarm("apr_a");
        });
        asleep(keeper);
        assertEquals(1, runs.get());
        end(keeper);
    }

    @Test
    void the_keeper_carries_on_at_once_while_it_gets_on() throws Exception {
        for (String ticket : List.of("apr_a", "apr_b", "apr_c")) deadlines.arm(ticket, "voting", Duration.ZERO);
        var keeper = keeper(() -> {
            runs.incrementAndGet();
            deadlines.disarm(deadlines.due().getFirst());
        });
        asleep(keeper);
        assertEquals(3, runs.get());
        end(keeper);
    }

    @Test
    void the_keeper_rests_after_a_fault_and_then_tries_again() throws Exception {
        deadlines.arm("apr_a", "voting", Duration.ZERO);
        var keeper = keeper(() -> {
            if (runs.incrementAndGet() == 1) throw new IllegalStateException("the disk is full");
            deadlines.disarm("apr_a");
        });
        while (runs.get() == 0) Thread.onSpinWait();
        asleep(keeper);
        assertEquals(1, runs.get());
        while (runs.get() < 2) Thread.onSpinWait();
        end(keeper);
    }

    @Test
    void the_keeper_ends_with_the_desk_also_from_its_rest() throws Exception {
        deadlines.arm("apr_a", "voting", Duration.ZERO);
        var keeper = keeper(() -> {
            deadlines.close();
            throw new IllegalStateException("the disk is full");
        });
        keeper.join();
        assertEquals(List.of("apr_a"), deadlines.due(), "what is due stays due");
    }

    @Test
    void the_keeper_ends_where_its_thread_is_stopped() throws Exception {
        var interrupted = new AtomicInteger();
        var keeper = Thread.ofPlatform().daemon().start(() -> {
            deadlines.keep(runs::incrementAndGet);
            if (Thread.currentThread().isInterrupted()) interrupted.incrementAndGet();
        });
        asleep(keeper);
        keeper.interrupt();
        keeper.join();
        assertEquals(1, interrupted.get());
    }

    private Thread keeper(Runnable due) {
        return Thread.ofPlatform().daemon().start(() -> deadlines.keep(due));
    }

    private static void asleep(Thread keeper) {
        while (keeper.getState() != Thread.State.WAITING && keeper.getState() != Thread.State.TIMED_WAITING) {
            assertTrue(keeper.isAlive());
            Thread.onSpinWait();
        }
    }

    private void end(Thread keeper) throws InterruptedException {
        deadlines.close();
        keeper.join();
    }
}
