package dev.guardrail.server.store;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.Sha256;
import dev.guardrail.journal.Batch;
import dev.guardrail.journal.Body;
import dev.guardrail.journal.Change;
import dev.guardrail.journal.Document;
import dev.guardrail.journal.Kind;
import dev.guardrail.journal.LogId;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;

/// Durable appends per second, beside what a bare file does with the same group commit in the same run.
///
/// Arguments: a directory, and seconds of each measurement (default 4). Entries have 512 bytes. `call` is what one
/// call of the pipeline commits before it runs: an entry, its document, and a sealed body.
final class AppendBench {
    private static final int ENTRY_BYTES = 512;

    /// In order of time, as call ids are.
    private static final AtomicLong IDS = new AtomicLong();

    private AppendBench() {}

    public static void main(String[] arguments) throws Exception {
        Path root = Files.createTempDirectory(
                Path.of(arguments.length > 0 ? arguments[0] : "guardrail-server/target"), "append");
        double seconds = arguments.length > 1 ? Double.parseDouble(arguments[1]) : 4;
        System.out.println("what            writers   records/s   p50 µs   p99 µs   cpu µs");
        for (int writers : new int[] {1, 64}) {
            for (int round = 0; round < 3; round++) {
                try (var floor = new Floor(root.resolve("floor" + writers + round))) {
                    measure("file, grouped", writers, seconds, floor::append);
                }
                try (var store =
                        SqliteStore.open(root.resolve("entry" + writers + round), LogId.EMBEDDED, System::nanoTime)) {
                    measure("sqlite entry", writers, seconds, (name, session) -> store.commit(entry(name, session)));
                }
                try (var store =
                        SqliteStore.open(root.resolve("call" + writers + round), LogId.EMBEDDED, System::nanoTime)) {
                    measure("sqlite call", writers, seconds, (name, session) -> store.commit(call(name, session)));
                }
            }
        }
    }

    private interface Append {
        void append(String name, String session) throws Exception;
    }

    private static void measure(String what, int writers, double seconds, Append append) throws Exception {
        long start = System.nanoTime();
        long cpu = processor();
        long warm = start + (long) (seconds * 0.3e9);
        long end = warm + (long) (seconds * 1e9);
        List<Future<long[]>> running = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int writer = 0; writer < writers; writer++) {
                String session = "ses_%02d".formatted(writer);
                running.add(threads.submit(() -> {
                    var times = new long[1 << 12];
                    int count = 0;
                    for (long now = System.nanoTime(); now < end; ) {
                        append.append("call_%016d".formatted(IDS.getAndIncrement()), session);
                        long after = System.nanoTime();
                        if (count == times.length) times = Arrays.copyOf(times, 2 * count);
                        if (now >= warm) times[count++] = after - now;
                        now = after;
                    }
                    return Arrays.copyOf(times, count);
                }));
            }
        }
        var all = new ArrayList<long[]>();
        for (var each : running) all.add(each.get());
        long[] times = all.stream().flatMapToLong(Arrays::stream).sorted().toArray();
        System.out.printf(
                "%-15s %7d %11.0f %8.0f %8.0f %8.1f%n",
                what,
                writers,
                times.length / seconds,
                times[times.length / 2] / 1e3,
                times[(int) (times.length * 0.99)] / 1e3,
                (processor() - cpu) / 1e3 / times.length);
    }

    private static long processor() {
        return ((com.sun.management.OperatingSystemMXBean)
                        java.lang.management.ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }

    private static Batch.Line line(String name, String session) {
        var bytes = new byte[ENTRY_BYTES];
        name.chars().limit(ENTRY_BYTES).forEach(each -> bytes[each % ENTRY_BYTES] ^= (byte) each);
        return new Batch.Line(
                bytes,
                new Batch.Terms(System.currentTimeMillis(), "decided", name, session, "ann", "fs.read", "allow"));
    }

    private static Batch entry(String name, String session) {
        return new Batch(List.of(line(name, session)), List.of(), List.of());
    }

    private static Batch call(String name, String session) {
        var value = JsonObject.with("id", name).with("padding", "x".repeat(900)).build();
        var tags = new Document.Tags(
                session,
                "running",
                Sha256.of(name.getBytes(StandardCharsets.UTF_8)).toString());
        return new Batch(
                List.of(line(name, session)),
                List.of(new Change.Put(Kind.CALL, name, 0, tags, value)),
                List.of(new Body(name + "/arguments", new byte[300])));
    }

    /// A bare file with group commit: the floor under any durable log on this disk.
    private static final class Floor implements AutoCloseable {
        private static final int GROUP = 512;

        private final FileChannel channel;
        private final LinkedBlockingQueue<CompletableFuture<Long>> queue = new LinkedBlockingQueue<>();
        private final CompletableFuture<Long> last = new CompletableFuture<>();
        private final Thread thread;

        Floor(Path file) throws Exception {
            channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            thread = Thread.ofPlatform().start(this::run);
        }

        void append(String name, String session) throws Exception {
            var waiting = new CompletableFuture<Long>();
            queue.add(waiting);
            waiting.get();
        }

        private void run() {
            var bytes = ByteBuffer.allocateDirect(GROUP * ENTRY_BYTES);
            List<CompletableFuture<Long>> group = new ArrayList<>();
            try {
                while (!group.contains(last)) {
                    group.clear();
                    group.add(queue.take());
                    queue.drainTo(group, GROUP - 1);
                    bytes.clear().limit(group.size() * ENTRY_BYTES);
                    channel.write(bytes);
                    channel.force(false);
                    group.forEach(waiting -> waiting.complete(0L));
                }
            } catch (Exception broken) {
                throw new IllegalStateException(broken);
            }
        }

        @Override
        public void close() throws Exception {
            queue.add(last);
            thread.join();
            channel.close();
        }
    }
}
