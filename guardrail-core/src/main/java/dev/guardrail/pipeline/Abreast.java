package dev.guardrail.pipeline;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Does pieces of work side by side, at most eight at a time, each piece whole on one thread.
final class Abreast {
    static final int WIDTH = 8;

    private Abreast() {}

    /// Returns once all of it is done. Where one piece breaks, no other is begun, and what broke it is thrown
    /// once those that were begun are done; so it is where the calling thread is interrupted.
    static void run(List<Runnable> pieces) {
        if (pieces.size() == 1) {
            pieces.getFirst().run();
            return;
        }
        var left = new ConcurrentLinkedQueue<>(pieces);
        try (var threads = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("guardrail-undo-", 0).factory())) {
            var working = new ArrayList<Future<?>>();
            for (int i = 0; i < Math.min(WIDTH, pieces.size()); i++) working.add(threads.submit(() -> work(left)));
            await(working, left);
        } catch (ExecutionException broken) {
            if (broken.getCause() instanceof RuntimeException fault) throw fault;
            throw new IllegalStateException(broken.getCause());
        }
    }

    private static void await(List<Future<?>> working, Queue<Runnable> left) throws ExecutionException {
        try {
            for (Future<?> worker : working) worker.get();
        } catch (InterruptedException stopped) {
            left.clear();
            Thread.currentThread().interrupt();
        }
    }

    private static void work(Queue<Runnable> left) {
        try {
            for (Runnable piece = left.poll(); piece != null; piece = left.poll()) piece.run();
        } catch (Throwable fault) {
            left.clear();
            throw fault;
        }
    }
}
