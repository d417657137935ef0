package dev.guardrail.server.crash;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;

/// An ext4 file system in a file, mounted. The file holds what the file system has written back, and nothing of what
/// still waits in memory: a copy of it is what a power cut leaves.
final class LoopDisk implements AutoCloseable {
    private static final int MEGABYTES = 96;

    private final Path image;
    private final Path mount;
    private final String device;

    private LoopDisk(Path image, Path mount, String device) {
        this.image = image;
        this.mount = mount;
        this.device = device;
    }

    /// True where this process may mount a file.
    static boolean possible(Path directory) throws Exception {
        if (!Files.isWritable(Path.of("/dev/loop-control"))) return false;
        Path trial = directory.resolve("trial.img");
        try (var disk = fresh(trial, directory.resolve("trial"))) {
            return Files.isDirectory(disk.path());
        } catch (IOException refused) {
            return false;
        } finally {
            Files.deleteIfExists(trial);
        }
    }

    /// Makes a file system and mounts it. Its journal is committed only when asked to: nothing is written back by the
    /// clock.
    static LoopDisk fresh(Path image, Path mount) throws IOException, InterruptedException {
        run("truncate", "-s", MEGABYTES + "M", image.toString());
        run("mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0", image.toString());
        return mounted(image, mount);
    }

    static LoopDisk mounted(Path image, Path mount) throws IOException, InterruptedException {
        Files.createDirectories(mount);
        String device = run("losetup", "--find", "--show", image.toString());
        try {
            run("mount", "-o", "noatime,commit=300", device, mount.toString());
        } catch (IOException refused) {
            run("losetup", "--detach", device);
            throw refused;
        }
        return new LoopDisk(image, mount, device);
    }

    Path path() {
        return mount;
    }

    /// What a power cut would leave now. Whoever writes must be held meanwhile.
    void copy(Path target) throws IOException, InterruptedException {
        awaitIdle();
        run("cp", "--sparse=always", image.toString(), target.toString());
    }

    /// Waits until the device has nothing in flight.
    private void awaitIdle() throws IOException {
        Path inflight = Path.of("/sys/block", Path.of(device).getFileName().toString(), "inflight");
        while (!Files.readString(inflight).strip().matches("0\\s+0")) LockSupport.parkNanos(100_000);
    }

    private static String run(String... command) throws IOException, InterruptedException {
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said =
                new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8).strip();
        if (process.waitFor() != 0) throw new IOException(String.join(" ", command) + ": " + said);
        return said;
    }

    @Override
    public void close() throws IOException, InterruptedException {
        run("umount", mount.toString());
        run("losetup", "--detach", device);
    }
}
