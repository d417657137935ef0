package dev.guardrail.server.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/// What the disk below a benchmark takes for what everything durable needs.
final class Disk {
    private static final int TIMES = 500;

    private Disk() {}

    /// Median of an append of 512 bytes and an fdatasync in a directory, in nanoseconds.
    static double nanos(Path directory) throws IOException {
        double[] times = new double[TIMES];
        try (var file = FileChannel.open(
                directory.resolve("floor"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE,
                StandardOpenOption.APPEND)) {
            for (int i = 0; i < times.length; i++) {
                long start = System.nanoTime();
                file.write(ByteBuffer.allocate(512));
                file.force(false);
                times[i] = System.nanoTime() - start;
            }
        }
        return median(times);
    }

    /// The same in microseconds.
    static double micros(Path directory) throws IOException {
        return nanos(directory) / 1e3;
    }

    static double median(double[] figures) {
        double[] sorted = figures.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
