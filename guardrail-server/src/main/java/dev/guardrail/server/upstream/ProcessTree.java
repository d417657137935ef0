package dev.guardrail.server.upstream;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// A process and what it started.
final class ProcessTree {
    private static final Duration GRACE = Duration.ofSeconds(2);

    private ProcessTree() {}

    /// Waits a while for a process whose input was closed; then asks what is left of the tree to end, then kills
    /// it. Descendants are noted first: those of a dead process cannot be found.
    ///
    /// @return true where nothing had to be killed
    static boolean end(Process process) {
        Set<ProcessHandle> tree = new LinkedHashSet<>();
        note(process, tree);
        await(tree.stream().map(ProcessHandle::onExit));
        note(process, tree);
        boolean clean = tree.stream().noneMatch(ProcessHandle::isAlive);
        tree.forEach(ProcessHandle::destroy);
        await(tree.stream().map(ProcessHandle::onExit));
        note(process, tree);
        tree.forEach(ProcessHandle::destroyForcibly);
        return clean;
    }

    /// Kills all of the tree at once. Nothing where the process has ended: what it left behind cannot be found.
    static void kill(Process process) {
        Set<ProcessHandle> tree = new LinkedHashSet<>();
        note(process, tree);
        tree.forEach(ProcessHandle::destroyForcibly);
        note(process, tree);
        tree.forEach(ProcessHandle::destroyForcibly);
    }

    private static void note(Process process, Set<ProcessHandle> tree) {
        tree.add(process.toHandle());
        for (ProcessHandle known : Set.copyOf(tree)) known.descendants().forEach(tree::add);
    }

    private static void await(java.util.stream.Stream<CompletableFuture<ProcessHandle>> exits) {
        try {
            CompletableFuture.allOf(exits.toArray(CompletableFuture[]::new))
                    .get(GRACE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException alive) {
            return;
        } catch (InterruptedException hurried) {
            Thread.currentThread().interrupt();
        }
    }
}
