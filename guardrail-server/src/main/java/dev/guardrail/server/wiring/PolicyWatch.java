package dev.guardrail.server.wiring;

import dev.guardrail.base.Printable;
import dev.guardrail.pack.Diagnostic;
import java.io.IOException;
import java.io.UncheckedIOException;
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

/// Reads the policies again when their files change, or on SIGHUP. What is broken changes nothing but a counter.
final class PolicyWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PolicyWatch.class);

    /// An editor's save is several events; they are one change.
    private static final Duration CALM = Duration.ofMillis(200);

    private final Assembly assembly;
    private final List<Path> roots;
    private final WatchService watcher;
    private final Thread thread;

    private PolicyWatch(Assembly assembly, List<Path> roots, WatchService watcher) {
        this.assembly = assembly;
        this.roots = roots;
        this.watcher = watcher;
        this.thread = Thread.ofVirtual().name("guardrail-policies").unstarted(this::watch);
    }

    static PolicyWatch start(Assembly assembly) throws IOException {
        var roots = assembly.configuration().policies();
        var watch = new PolicyWatch(assembly, roots, Path.of("").getFileSystem().newWatchService());
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
        if (Files.isDirectory(directory))
            directory.register(
                    watcher,
                    StandardWatchEventKinds.ENTRY_CREATE,
                    StandardWatchEventKinds.ENTRY_MODIFY,
                    StandardWatchEventKinds.ENTRY_DELETE);
    }

    private void watch() {
        try {
            while (true) {
                WatchKey key = watcher.take();
                while (key != null) {
                    key.pollEvents();
                    key.reset();
                    key = watcher.poll(CALM.toMillis(), TimeUnit.MILLISECONDS);
                }
                register();
                reload();
            }
        } catch (InterruptedException | java.nio.file.ClosedWatchServiceException stopped) {
            Thread.currentThread().interrupt();
        } catch (IOException lost) {
            LOG.error(
                    "changes of the policies are not noticed any more; send SIGHUP after one: {}",
                    Printable.trace(lost));
        }
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
