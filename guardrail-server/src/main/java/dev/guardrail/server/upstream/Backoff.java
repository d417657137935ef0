package dev.guardrail.server.upstream;

import dev.guardrail.pipeline.Retries;
import io.github.resilience4j.core.IntervalFunction;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.function.Predicate;
import java.util.function.Supplier;

/// A few attempts, each pause twice as long as the one before. Whoever is interrupted in a pause has what the last
/// attempt came to, and stays interrupted.
public final class Backoff implements Retries {
    private static final int ATTEMPTS = 3;
    private static final Duration PAUSE = Duration.ofMillis(100);

    private final int attempts;
    private final Retry retry;

    public Backoff() {
        this(ATTEMPTS, PAUSE);
    }

    /// @param attempts in all, the first one too
    /// @param pause before the second one
    Backoff(int attempts, Duration pause) {
        this.attempts = attempts;
        this.retry = Retry.of(
                "undo",
                RetryConfig.custom()
                        .maxAttempts(attempts)
                        .intervalFunction(IntervalFunction.ofExponentialBackoff(pause))
                        .retryExceptions(Unsettled.class)
                        .build());
    }

    /// The last attempt may be followed by another one.
    private static final class Unsettled extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private Unsettled() {
            super("to be tried again", null, false, false);
        }
    }

    @Override
    public <T> T of(Supplier<T> attempt, Predicate<? super T> again) {
        var made = new ArrayList<T>(attempts);
        try {
            return retry.executeSupplier(() -> {
                T result = attempt.get();
                made.add(result);
                if (again.test(result)) throw new Unsettled();
                return result;
            });
        } catch (Unsettled over) {
            if (made.size() < attempts) Thread.currentThread().interrupt();
            return made.getLast();
        }
    }
}
