package dev.guardrail.server.upstream;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;

/// Starts processes, all from one platform thread that never ends: on Linux a child that asked to die with its
/// parent dies with the thread that started it.
final class Spawner {
    private static final Spawner ONLY = new Spawner();

    private final LinkedBlockingQueue<Order> orders = new LinkedBlockingQueue<>();

    private Spawner() {
        Thread.ofPlatform().daemon().name("guardrail-spawner").start(this::run);
    }

    static Spawner only() {
        return ONLY;
    }

    /// @throws IOException as [ProcessBuilder#start]
    Process start(ProcessBuilder builder) throws IOException, InterruptedException {
        var order = new Order(builder, new CompletableFuture<>());
        orders.add(order);
        try {
            return order.process().get();
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof IOException cause) throw cause;
            throw new IOException("the process could not be started", failed.getCause());
        }
    }

    private void run() {
        while (true) {
            try {
                var order = orders.take();
                try {
                    order.process().complete(order.builder().start());
                } catch (IOException | RuntimeException failed) {
                    order.process().completeExceptionally(failed);
                }
            } catch (InterruptedException nobodyMay) {
                // This thread is immortal: see above.
            }
        }
    }

    private record Order(ProcessBuilder builder, CompletableFuture<Process> process) {}
}
