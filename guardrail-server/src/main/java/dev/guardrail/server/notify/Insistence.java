package dev.guardrail.server.notify;

import dev.guardrail.base.Printable;
import dev.guardrail.base.Ticker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.core.functions.Either;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryConfig;
import io.github.resilience4j.timelimiter.TimeLimiter;
import io.github.resilience4j.timelimiter.TimeLimiterConfig;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How one channel is tried: each attempt under a deadline, again after a pause where it may help, and not at all while
/// the channel keeps failing.
final class Insistence implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Insistence.class);

    /// Attempts that the breaker looks back on, how many it needs, and how many of a hundred must have failed.
    private static final int WINDOW = 10;

    private static final int LEAST = 5;
    private static final float FAILED_PERCENT = 60;

    /// An attempt has this much longer than what it waits for itself.
    private static final int SPARE = 2;

    private final String name;
    private final Channel channel;
    private final Settings settings;
    private final RandomGenerator random;
    private final CircuitBreaker breaker;
    private final TimeLimiter limiter;
    private final Retry retry;
    private final ExecutorService attempts = Executors.newVirtualThreadPerTaskExecutor();

    /// @param timeout of a connection, and of an answer after that
    /// @param random spreads the attempts of many guards
    Insistence(
            String name, Channel channel, Duration timeout, Settings settings, Ticker ticker, RandomGenerator random) {
        this.name = name;
        this.channel = channel;
        this.settings = settings;
        this.random = random;
        this.breaker = CircuitBreaker.of(
                name,
                CircuitBreakerConfig.custom()
                        .slidingWindow(WINDOW, LEAST, CircuitBreakerConfig.SlidingWindowType.COUNT_BASED)
                        .failureRateThreshold(FAILED_PERCENT)
                        .waitDurationInOpenState(settings.rest())
                        .permittedNumberOfCallsInHalfOpenState(1)
                        .clock(monotonic(ticker))
                        .currentTimestampFunction(clock -> ticker.nanos(), TimeUnit.NANOSECONDS)
                        .build());
        this.limiter = TimeLimiter.of(TimeLimiterConfig.custom()
                .timeoutDuration(timeout.multipliedBy(SPARE))
                .cancelRunningFuture(true)
                .build());
        this.retry = Retry.of(
                name,
                RetryConfig.<Delivery>custom()
                        .maxAttempts(settings.attempts())
                        .intervalBiFunction(this::pause)
                        .retryOnResult(Delivery.Troubled.class::isInstance)
                        .retryOnException(fault -> false)
                        .build());
    }

    /// What the breaker's rest is measured on.
    private static Clock monotonic(Ticker ticker) {
        InstantSource source = () -> Instant.EPOCH.plusNanos(ticker.nanos());
        return source.withZone(ZoneOffset.UTC);
    }

    /// Blocks until the notice is delivered or given up; at the guard's end, throws whatever a broken sleep throws.
    Delivery deliver(Notice notice) {
        return retry.executeSupplier(() -> once(notice));
    }

    private long pause(int attempt, Either<Throwable, Delivery> made) {
        Optional<Duration> asked = made.isRight() && made.get() instanceof Delivery.Troubled(String why, var after)
                ? after
                : Optional.empty();
        return pause(attempt, asked, settings, random.nextDouble());
    }

    /// Milliseconds before the attempt after this one: doubled each time, by half more or less, at least what the
    /// receiver asked for, at most the longest.
    ///
    /// @param chance from 0 to 1
    static long pause(int attempt, Optional<Duration> asked, Settings settings, double chance) {
        double doubled = Math.scalb((double) settings.pause().toMillis(), Math.min(attempt, 30) - 1);
        long ours = (long) (doubled * (0.5 + chance));
        long longest = Math.max(1, settings.longestPause().toMillis());
        return Math.clamp(Math.max(ours, asked.map(Duration::toMillis).orElse(0L)), 1, longest);
    }

    private Delivery once(Notice notice) {
        if (!breaker.tryAcquirePermission()) return new Delivery.Refused("it keeps failing and rests for a while");
        long start = breaker.getCurrentTimestamp();
        Delivery made = limited(notice);
        long nanos = breaker.getCurrentTimestamp() - start;
        if (made instanceof Delivery.Delivered) breaker.onSuccess(nanos, TimeUnit.NANOSECONDS);
        else breaker.onError(nanos, TimeUnit.NANOSECONDS, new IllegalStateException("failed"));
        return made;
    }

    private Delivery limited(Notice notice) {
        try {
            return limiter.executeFutureSupplier(() -> attempts.submit(() -> channel.deliver(notice)));
        } catch (TimeoutException slow) {
            return new Delivery.Troubled("it did not answer in time");
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return new Delivery.Refused("the guard stopped meanwhile");
        } catch (Throwable fault) {
            // An error too, such as a class that is missing: the thread that carries notices goes on.
            LOG.error("a fault in channel `{}`: {}", name, Printable.trace(fault));
            return new Delivery.Refused("a fault of ours, see the log");
        }
    }

    /// Ends attempts under way.
    @Override
    public void close() {
        attempts.shutdownNow();
    }
}
