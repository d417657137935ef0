package dev.guardrail.server.bench;

import dev.guardrail.sandbox.Outcome;
import dev.guardrail.sandbox.Profile;
import dev.guardrail.sandbox.Sandbox;
import dev.guardrail.sandbox.Sandbox.Handle;
import dev.guardrail.sandbox.Sandbox.Prepared;
import dev.guardrail.sandbox.Streams;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// Many commands under `strict`, of every way to end, side by side: what they leave is counted before and after.
final class SpawnSoak {
    /// In the names of this run's sandboxes and in no others.
    static final String OWN = "_" + ProcessHandle.current().pid() + "x";

    private static final int SIDE_BY_SIDE = 4;
    private static final int BEFORE = 400;
    private static final int TOLD = 5_000;
    private static final long MOST_HEAP = 16L << 20;

    private final Sandbox sandbox;
    private final List<Way> ways;
    private final Path directory;
    private final Path state;
    private final AtomicInteger wrong = new AtomicInteger();

    /// A command and how it must end.
    ///
    /// @param each one of how many commands is this one
    /// @param killed true where it is ended from outside
    private record Way(int each, Profile profile, String script, boolean killed, Predicate<Outcome> expected) {}

    SpawnSoak(Sandbox sandbox, Profile strict, Path directory, Path state) {
        this.sandbox = sandbox;
        this.directory = directory;
        this.state = state;
        var limits = strict.limits();
        Profile hasty = with(strict, Duration.ofMillis(300), limits.memoryBytes());
        Profile small = with(strict, limits.wall(), 48L << 20);
        Predicate<Outcome> ended = Outcome.Failed.class::isInstance;
        Predicate<Outcome> well = Outcome.Succeeded.class::isInstance;
        ways = List.of(
                new Way(
                        1_000,
                        small,
                        "x=$(head -c 200000000 /dev/zero | tr '\\0' x)",
                        false,
                        over(Outcome.Bound.MEMORY)),
                new Way(500, hasty, "sleep 60", false, Outcome.TimedOut.class::isInstance),
                new Way(400, strict, "yes", false, over(Outcome.Bound.OUTPUT)),
                new Way(100, strict, "sleep 60", true, ended),
                new Way(50, strict, "ln -sf /etc/shadow out", false, well),
                new Way(10, strict, "setsid sleep 60 & setsid sh -c 'sleep 61 & sleep 62' & exit 0", false, well),
                new Way(5, strict, "echo text >file$$; mkdir -p .git/hooks; exit 3", false, ended),
                new Way(1, strict, ":", false, well));
    }

    private static Predicate<Outcome> over(Outcome.Bound bound) {
        return new Outcome.OverLimit(bound)::equals;
    }

    private static Profile with(Profile profile, Duration wall, long memory) {
        var old = profile.limits();
        var limits = new Profile.Limits(
                old.cpu(), wall, memory, old.pids(), old.fileBytes(), old.outputBytes(), old.openFiles());
        return new Profile(
                profile.name(), profile.files(), profile.network(), limits, profile.environment(), profile.require());
    }

    /// What must not grow, and the heap that is used.
    private record Count(
            long files, long groups, long kernelGroups, long mounts, long kept, long processes, long heap) {
        boolean leaks(Count before) {
            return files > before.files
                    || groups > before.groups
                    || mounts > before.mounts
                    || kept > before.kept
                    || processes > before.processes
                    || heap > before.heap + MOST_HEAP;
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%d file descriptors, %d control groups (%d in the kernel), %d mounts, %d files and users, %d processes, %.1f MiB of heap",
                    files,
                    groups,
                    kernelGroups,
                    mounts,
                    kept,
                    processes,
                    heap / 1048576.0);
        }
    }

    boolean run(int commands) throws Exception {
        all(BEFORE);
        Count before = count();
        SpawnBench.say("before: " + before);
        long start = System.nanoTime();
        for (int done = 0; done < commands; done += TOLD) {
            all(Math.min(TOLD, commands - done));
            SpawnBench.say(String.format(
                    Locale.ROOT,
                    "%d commands, %.0f s: %s",
                    Math.min(commands, done + TOLD),
                    (System.nanoTime() - start) / 1e9,
                    count()));
        }
        boolean met = !count().leaks(before) && wrong.get() == 0;
        SpawnBench.say(commands + " commands, " + wrong + " that ended otherwise than they must, "
                + (met ? "nothing left: met" : "NOT MET"));
        return met;
    }

    private void all(int commands) throws Exception {
        var next = new AtomicInteger();
        List<Future<?>> workers = new ArrayList<>();
        try (var threads = Executors.newFixedThreadPool(SIDE_BY_SIDE)) {
            for (int i = 0; i < SIDE_BY_SIDE; i++) {
                Path workspace = SpawnBench.owned(Files.createTempDirectory(directory, "soak"));
                Callable<Void> work = () -> {
                    for (int number = next.incrementAndGet(); number <= commands; number = next.incrementAndGet())
                        one(number, workspace);
                    remove(workspace);
                    return null;
                };
                workers.add(threads.submit(work));
            }
            for (Future<?> worker : workers) worker.get();
        } catch (ExecutionException broken) {
            throw new IllegalStateException("the soak is over", broken.getCause());
        }
    }

    private void one(int number, Path workspace) throws IOException, InterruptedException {
        Way way = ways.stream()
                .filter(each -> number % each.each() == 0)
                .findFirst()
                .orElseThrow();
        if (!(sandbox.prepare(way.profile(), workspace) instanceof Prepared.Ready(Handle handle)))
            throw new IllegalStateException("not prepared: " + sandbox.prepare(way.profile(), workspace));
        try {
            var said = new Said(() -> sandbox.kill(handle));
            String script = way.killed() ? "echo here; " + way.script() : way.script();
            Outcome outcome = sandbox.spawn(
                    handle,
                    List.of("/bin/sh", "-c", script),
                    new Streams(
                            InputStream.nullInputStream(),
                            way.killed() ? said : OutputStream.nullOutputStream(),
                            OutputStream.nullOutputStream()));
            sandbox.residue(handle);
            if (!way.expected().test(outcome)) {
                wrong.incrementAndGet();
                SpawnBench.say("`" + way.script() + "` ended with " + outcome);
            }
        } finally {
            sandbox.cleanup(handle.id());
        }
    }

    /// Does something as soon as a command says anything.
    private static final class Said extends OutputStream {
        private final Runnable then;

        Said(Runnable then) {
            this.then = then;
        }

        @Override
        public void write(int one) {
            Thread.ofVirtual().start(then);
        }

        @Override
        public void write(byte[] bytes, int from, int length) {
            Thread.ofVirtual().start(then);
        }
    }

    private static void remove(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) Files.delete(file);
        }
    }

    private Count count() throws IOException {
        System.gc();
        var heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
        return new Count(
                list(Path.of("/proc/self/fd")),
                walked(Path.of("/sys/fs/cgroup"), "guardrail-box" + OWN),
                kernelGroups(),
                Files.readAllLines(Path.of("/proc/self/mountinfo")).size(),
                walked(state, ""),
                ProcessHandle.current().descendants().count() + strangers(),
                heap);
    }

    private static long list(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.count();
        }
    }

    private static long walked(Path directory, String prefix) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(file -> file.getFileName().toString().startsWith(prefix))
                    .count();
        }
    }

    /// Memory control groups that the kernel still knows, those that end among them.
    private static long kernelGroups() throws IOException {
        Path table = Path.of("/proc/cgroups");
        if (!Files.exists(table)) return 0;
        return Files.readAllLines(table).stream()
                .filter(line -> line.startsWith("memory"))
                .mapToLong(line -> Long.parseLong(line.split("\\s+")[2]))
                .sum();
    }

    /// Processes of the workspaces' owner that nobody started any more.
    private static long strangers() {
        return ProcessHandle.allProcesses()
                .filter(process -> process.info()
                        .user()
                        .filter(String.valueOf(SpawnBench.OWNER)::equals)
                        .isPresent())
                .count();
    }
}
