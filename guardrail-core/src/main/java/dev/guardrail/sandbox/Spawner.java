package dev.guardrail.sandbox;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Starts processes, all from one platform thread that never ends: on Linux a child that asked to die with its
/// parent dies with the thread that started it.
public final class Spawner {
    private static final Spawner ONLY = new Spawner();

    /// Longest wait for a process to have started.
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private final LinkedBlockingQueue<Order> orders = new LinkedBlockingQueue<>();

    private Spawner() {
        Thread.ofPlatform().daemon().name("guardrail-spawner").start(this::run);
    }

    public static Spawner only() {
        return ONLY;
    }

    /// @throws IOException as [ProcessBuilder#start], and where it takes too long
    public Process start(ProcessBuilder builder) throws IOException, InterruptedException {
        return start(builder::start, PATIENCE);
    }

    /// A process that starts after nobody waits for it any more is ended.
    public Process start(Callable<Process> work, Duration atMost) throws IOException, InterruptedException {
        var order = new Order(work, new CompletableFuture<>());
        orders.add(order);
        boolean taken = false;
        try {
            Process process = order.process().get(atMost.toNanos(), TimeUnit.NANOSECONDS);
            taken = true;
            return process;
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof IOException cause) throw cause;
            throw new IOException("the process could not be started", failed.getCause());
        } catch (TimeoutException late) {
            throw new IOException("the process did not start in time", late);
        } finally {
            if (!taken) order.process().thenAccept(Process::destroyForcibly);
        }
    }

    @SuppressWarnings("CatchThrowable") // an Error would end the thread, and with it every child
    private void run() {
        while (true) {
            try {
                var order = orders.take();
                try {
                    order.process().complete(order.work().call());
                } catch (Throwable failed) {
                    order.process().completeExceptionally(failed);
                }
            } catch (InterruptedException nobodyMay) {
                // This thread is immortal: see above.
            }
        }
    }

    private record Order(Callable<Process> work, CompletableFuture<Process> process) {}
}
