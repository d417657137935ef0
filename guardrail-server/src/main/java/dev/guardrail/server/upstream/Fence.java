package dev.guardrail.server.upstream;

import dev.guardrail.base.ProblemType;
import dev.guardrail.base.Ticker;
import dev.guardrail.pipeline.Outcome;
import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.core.IntervalFunction;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryConfig;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// What keeps one server's trouble its own: at most so many calls at a time, none while it keeps failing, and
/// another try only where the tool is idempotent and certainly nothing was sent.
final class Fence {
    private static final int ATTEMPTS = 3;
    private static final Duration PAUSE = Duration.ofMillis(100);

    /// Calls that the breaker looks back on, how many it needs, and how many of a hundred must have failed.
    private static final int WINDOW = 20;

    private static final int LEAST = 10;
    private static final float FAILED_PERCENT = 50;
    private static final Duration OPEN = Duration.ofSeconds(5);
    private static final int TRIALS = 3;

    private final String name;
    private final Ticker ticker;
    private final CircuitBreaker breaker;
    private final Bulkhead bulkhead;

    Fence(String name, Bounds bounds, Ticker ticker) {
        this.name = name;
        this.ticker = ticker;
        this.breaker = CircuitBreaker.of(
                name,
                CircuitBreakerConfig.custom()
                        .slidingWindow(WINDOW, LEAST, CircuitBreakerConfig.SlidingWindowType.COUNT_BASED)
                        .failureRateThreshold(FAILED_PERCENT)
                        .waitDurationInOpenState(OPEN)
                        .permittedNumberOfCallsInHalfOpenState(TRIALS)
                        .currentTimestampFunction(clock -> ticker.nanos(), TimeUnit.NANOSECONDS)
                        .build());
        this.bulkhead = Bulkhead.of(
                name,
                BulkheadConfig.custom()
                        .maxConcurrentCalls(bounds.concurrent())
                        .maxWaitDuration(bounds.queue())
                        .build());
    }

    /// What one attempt came to, and what that says of the server.
    ///
    /// @param again true where certainly nothing was sent
    record Attempt(Outcome outcome, Health health, boolean again) {

        /// What an attempt says of the server.
        enum Health {
            SOUND,
            BROKEN,
            NEITHER
        }

        static Attempt sound(Outcome outcome) {
            return new Attempt(outcome, Health.SOUND, false);
        }

        static Attempt broken(Outcome outcome) {
            return new Attempt(outcome, Health.BROKEN, false);
        }

        static Attempt unsent(Outcome outcome) {
            return new Attempt(outcome, Health.BROKEN, true);
        }

        static Attempt neither(Outcome outcome) {
            return new Attempt(outcome, Health.NEITHER, false);
        }
    }

    Outcome run(boolean idempotent, long deadline, Supplier<Attempt> attempt) {
        if (!idempotent) return once(attempt).outcome();
        var retry = Retry.of(
                name,
                RetryConfig.<Attempt>custom()
                        .maxAttempts(ATTEMPTS)
                        .intervalFunction(IntervalFunction.ofExponentialBackoff(PAUSE))
                        .retryOnResult(made -> made.again() && deadline - ticker.nanos() > 2 * PAUSE.toNanos())
                        .build());
        return retry.executeSupplier(() -> once(attempt)).outcome();
    }

    private Attempt once(Supplier<Attempt> attempt) {
        if (!breaker.tryAcquirePermission())
            return Attempt.neither(new Outcome.NotRun(
                    ProblemType.UPSTREAM_FAILED,
                    "the server `" + name + "` keeps failing and rests for a few seconds; the call did not run"));
        if (!bulkhead.tryAcquirePermission()) {
            breaker.releasePermission();
            return Attempt.neither(new Outcome.NotRun(
                    ProblemType.OVERLOADED,
                    "the server `" + name + "` is busy; the call did not run, try again later"));
        }
        long start = breaker.getCurrentTimestamp();
        var made = Attempt.neither(new Outcome.Lost(ProblemType.INTERNAL, "the call ended in a fault of ours"));
        try {
            made = attempt.get();
            return made;
        } finally {
            bulkhead.onComplete();
            tell(made, breaker.getCurrentTimestamp() - start);
        }
    }

    private void tell(Attempt made, long nanos) {
        switch (made.health()) {
            case SOUND -> breaker.onSuccess(nanos, TimeUnit.NANOSECONDS);
            case BROKEN -> breaker.onError(nanos, TimeUnit.NANOSECONDS, new IllegalStateException("failed"));
            case NEITHER -> breaker.releasePermission();
        }
    }

    CircuitBreaker breaker() {
        return breaker;
    }

    Bulkhead bulkhead() {
        return bulkhead;
    }
}
