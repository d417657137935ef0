package dev.guardrail.server.wiring;

import dev.guardrail.base.Printable;
import dev.guardrail.pack.Diagnostic;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads the policies again when their files change, or on SIGHUP. What is broken changes nothing but a counter. Where
/// a directory cannot be watched, that is tried again and again, and the files are read each time meanwhile.
final class PolicyWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PolicyWatch.class);

    /// An editor's save is several events; they are one change.
    private static final Duration CALM = Duration.ofMillis(200);

    /// Longest time between two attempts to watch what could not be watched; the files are read again at each.
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    private final Assembly assembly;
    private final List<Path> roots;
    private final WatchService watcher;
    private final Registration registration;
    private final Thread thread;
    private volatile boolean lost;

    /// Watches one directory.
    @FunctionalInterface
    interface Registration {
        void register(Path directory, WatchService watcher) throws IOException;
    }

    private PolicyWatch(Assembly assembly, List<Path> roots, WatchService watcher, Registration registration) {
        this.assembly = assembly;
        this.roots = roots;
        this.watcher = watcher;
        this.registration = registration;
        this.thread = Thread.ofVirtual().name("guardrail-policies").unstarted(this::watch);
    }

    static PolicyWatch start(Assembly assembly) throws IOException {
        return start(
                assembly,
                (directory, watcher) -> directory.register(
                        watcher,
                        StandardWatchEventKinds.ENTRY_CREATE,
                        StandardWatchEventKinds.ENTRY_MODIFY,
                        StandardWatchEventKinds.ENTRY_DELETE));
    }

    /// @throws IOException where the files cannot be watched at all: an operator who starts a guard is told at once
    static PolicyWatch start(Assembly assembly, Registration registration) throws IOException {
        var roots = assembly.configuration().policies();
        var watch = new PolicyWatch(assembly, roots, Path.of("").getFileSystem().newWatchService(), registration);
        watch.register();
        watch.thread.start();
        Signals.on("HUP", watch::reload);
        return watch;
    }

    private void register() throws IOException {
        for (Path root : roots) {
            Path parent = root.toAbsolutePath().getParent();
            if (!Files.isDirectory(root) && parent != null) register(parent);
            else if (Files.isDirectory(root))
                try (Stream<Path> all = Files.walk(root)) {
                    for (Path directory : all.filter(Files::isDirectory).toList()) register(directory);
                } catch (UncheckedIOException unreadable) {
                    throw unreadable.getCause();
                }
        }
    }

    private void register(Path directory) throws IOException {
        if (Files.isDirectory(directory)) registration.register(directory, watcher);
    }

    private void watch() {
        Duration pause = CALM;
        try {
            while (true) {
                settle(pause);
                boolean before = lost;
                lost = !registered();
                pause = !lost ? CALM : longer(before ? pause : CALM);
                reload();
            }
        } catch (InterruptedException | ClosedWatchServiceException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    /// Waits for a change and for what belongs to it; while something is not watched, no longer than the pause.
    private void settle(Duration pause) throws InterruptedException {
        WatchKey key = lost ? watcher.poll(pause.toMillis(), TimeUnit.MILLISECONDS) : watcher.take();
        while (key != null) {
            key.pollEvents();
            key.reset();
            key = watcher.poll(CALM.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private static Duration longer(Duration pause) {
        Duration twice = pause.multipliedBy(2);
        return twice.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : twice;
    }

    /// Watches whatever is there now.
    private boolean registered() {
        try {
            register();
            if (lost) LOG.info("changes of the policies are noticed at once again");
            return true;
        } catch (ClosedWatchServiceException closed) {
            throw closed;
        } catch (IOException | RuntimeException fault) {
            if (!lost)
                LOG.error(
                        "not every directory of the policies can be watched; they are read again every {} seconds: {}",
                        LONGEST_PAUSE.toSeconds(),
                        Printable.trace(fault));
            return false;
        }
    }

    /// True while a change is noticed late, because not every directory can be watched.
    boolean isLost() {
        return lost;
    }

    /// One reading, whatever comes of it.
    synchronized void reload() {
        try {
            switch (assembly.reload()) {
                case PolicyShelf.Reload.Activated() -> {
                    assembly.measured().reloaded("activated");
                    LOG.info(
                            "policies {} are in force",
                            assembly.policies().inForce().policies().version());
                }
                case PolicyShelf.Reload.Unchanged() -> assembly.measured().reloaded("unchanged");
                case PolicyShelf.Reload.Rejected(List<Diagnostic> findings) -> {
                    assembly.measured().reloaded("rejected");
                    for (Diagnostic finding : findings)
                        LOG.error("the policies stay as they were: {}", finding.render());
                }
            }
        } catch (RuntimeException fault) {
            assembly.measured().reloaded("failed");
            LOG.error("the policies stay as they were: {}", Printable.trace(fault));
        }
    }

    @Override
    public void close() throws IOException {
        Signals.on("HUP", () -> {});
        watcher.close();
        thread.interrupt();
    }
}
