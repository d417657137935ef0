package dev.guardrail.server.crash;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/// A [CrashChild] in a process of its own, to be stopped and killed.
final class Victim implements AutoCloseable {
    private static final int CALLERS = 16;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Process process;
    private final Path told;
    private final Path errors;

    /// @param told takes its standard output: a file keeps what was written before a kill
    Victim(Path home, Path world, Plant plant, Path told) throws IOException {
        this.told = told;
        this.errors = told.resolveSibling(told.getFileName() + ".errors");
        process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        CrashChild.class.getName(),
                        home.toString(),
                        world.toString(),
                        plant.name(),
                        Integer.toString(CALLERS))
                .redirectOutput(told.toFile())
                .redirectError(errors.toFile())
                .start();
    }

    /// Waits until it has started and recovered.
    void awaitReady() throws IOException {
        awaitLines(line -> line.startsWith("ready"), 1);
    }

    private void awaitLines(Predicate<String> kind, long count) throws IOException {
        await(() -> {
            try {
                return lines(kind) >= count;
            } catch (IOException unreadable) {
                throw new UncheckedIOException(unreadable);
            }
        });
    }

    private long lines(Predicate<String> kind) throws IOException {
        return Told.wholeLines(told).stream().filter(kind).count();
    }

    private void await(BooleanSupplier condition) throws IOException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (!process.isAlive()) throw new IOException("it died by itself: " + complaints());
            if (System.nanoTime() > deadline) throw new IOException("it takes too long: " + complaints());
            LockSupport.parkNanos(1_000_000);
        }
    }

    /// Lets it go on until it has told of so many calls more.
    void tell(int calls) throws IOException {
        awaitLines(Victim::tellsOfACall, lines(Victim::tellsOfACall) + calls);
    }

    private static boolean tellsOfACall(String line) {
        return line.startsWith("ack");
    }

    /// Lets it go on for a while.
    void work(Duration time) throws IOException, InterruptedException {
        if (process.waitFor(time.toNanos(), TimeUnit.NANOSECONDS))
            throw new IOException("it died by itself: " + complaints());
    }

    private String complaints() throws IOException {
        return Files.readString(errors, StandardCharsets.UTF_8);
    }

    /// SIGKILL, whatever it does.
    void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }

    /// Holds all its threads, also those that the kernel works for.
    void pause() throws IOException, InterruptedException {
        signal("-STOP");
        await(this::stopped);
    }

    void resume() throws IOException, InterruptedException {
        signal("-CONT");
    }

    private boolean stopped() {
        File[] tasks = new File("/proc/" + process.pid() + "/task").listFiles();
        if (tasks == null) return false;
        for (File task : tasks) {
            try {
                String stat = Files.readString(task.toPath().resolve("stat"));
                if (stat.charAt(stat.lastIndexOf(')') + 2) != 'T') return false;
            } catch (IOException ended) {
                return false;
            }
        }
        return true;
    }

    private void signal(String signal) throws IOException, InterruptedException {
        int exit = new ProcessBuilder("kill", signal, Long.toString(process.pid()))
                .start()
                .waitFor();
        if (exit != 0) throw new IOException("kill " + signal + " gave " + exit);
    }

    @Override
    public void close() throws InterruptedException {
        kill();
    }
}
