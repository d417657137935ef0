package dev.guardrail.server.store;

import dev.guardrail.journal.Receipt;
import dev.guardrail.journal.StoreConflict;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/// Waiting that an interrupt does not cut short: whoever waits for a commit must learn what became of it. The interrupt
/// is kept for whoever looks next.
final class Outcome {
    private Outcome() {}

    /// @param late makes the failure of one who waited longer than `patience`
    static Receipt await(CompletableFuture<Receipt> outcome, Duration patience, Supplier<IOException> late)
            throws IOException, StoreConflict {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return outcome.get(patience.toMillis(), TimeUnit.MILLISECONDS);
                } catch (InterruptedException again) {
                    interrupted = true;
                } catch (TimeoutException slow) {
                    if (!outcome.isDone()) throw late.get();
                } catch (ExecutionException failed) {
                    var cause = failed.getCause();
                    throw rethrown(cause == null ? failed : cause);
                }
            }
        } finally {
            if (interrupted) Thread.currentThread().interrupt();
        }
    }

    private static IOException rethrown(Throwable cause) throws StoreConflict {
        switch (cause) {
            case StoreConflict conflict -> throw conflict;
            case IllegalArgumentException refused -> throw refused;
            case IOException failure -> {
                return failure;
            }
            default -> {
                return new IOException(cause);
            }
        }
    }

    static void join(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException again) {
                interrupted = true;
            }
        }
        if (interrupted) Thread.currentThread().interrupt();
    }
}
