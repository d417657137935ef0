package dev.guardrail.server.runner;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/// Swaps the directory `d` of a root for its link `link`, and back, as fast as the file system can, until it is
/// stopped.
final class Swapper implements Runnable {
    private final Path place;
    private final Path link;
    private final Path aside;
    private final AtomicBoolean stop;
    private final AtomicLong swaps = new AtomicLong();

    Swapper(Path root, AtomicBoolean stop) {
        this.place = root.resolve("d");
        this.link = root.resolve("link");
        this.aside = root.resolve("aside");
        this.stop = stop;
    }

    /// How often it did.
    long swaps() {
        return swaps.get();
    }

    @Override
    public void run() {
        while (!stop.get()) {
            try {
                Files.move(place, aside, StandardCopyOption.ATOMIC_MOVE);
                Files.move(link, place, StandardCopyOption.ATOMIC_MOVE);
                Files.move(place, link, StandardCopyOption.ATOMIC_MOVE);
                Files.move(aside, place, StandardCopyOption.ATOMIC_MOVE);
                swaps.incrementAndGet();
            } catch (IOException stirred) {
                repair();
            }
        }
    }

    /// Somebody came between, and made a directory where there was none.
    private void repair() {
        try {
            if (Files.isSymbolicLink(place)) Files.move(place, link, StandardCopyOption.ATOMIC_MOVE);
            else if (Files.isDirectory(aside)) {
                try (var stray = Files.walk(place)) {
                    for (Path made : stray.sorted(Comparator.reverseOrder()).toList()) Files.delete(made);
                }
                Files.move(aside, place, StandardCopyOption.ATOMIC_MOVE);
            }
        } catch (IOException | UncheckedIOException again) {
            Thread.onSpinWait();
        }
    }
}
