package dev.guardrail.server.bench;

import dev.guardrail.base.IdSource;
import dev.guardrail.pack.PackReader;
import dev.guardrail.sandbox.Commit;
import dev.guardrail.sandbox.Impact;
import dev.guardrail.sandbox.Outcome;
import dev.guardrail.sandbox.Profile;
import dev.guardrail.sandbox.Sandbox.Handle;
import dev.guardrail.sandbox.Sandbox.Prepared;
import dev.guardrail.sandbox.Streams;
import dev.guardrail.server.runner.bwrap.BubblewrapSandbox;
import dev.guardrail.server.runner.bwrap.Previews;
import dev.guardrail.server.wiring.ShippedProfiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/// What a preview costs a command (docs/performance.md), in workspaces of several sizes: `true` under `build` directly,
/// `true` as a preview that is discarded, and one file written by a preview that is committed. Ends with 1 beyond a
/// gate.
///
/// Arguments: a directory that others may pass through.
final class PreviewBench {
    private static final double MOST_MILLIS = 25;
    private static final int PER_DIRECTORY = 100;

    private final BubblewrapSandbox sandbox;
    private final Previews previews;
    private final Profile build;
    private final Path workspace;
    private int written;

    private PreviewBench(BubblewrapSandbox sandbox, Previews previews, Profile build, Path workspace) {
        this.sandbox = sandbox;
        this.previews = previews;
        this.build = build;
        this.workspace = workspace;
    }

    public static void main(String[] arguments) throws Exception {
        Path directory = Files.createTempDirectory(Path.of(arguments.length > 0 ? arguments[0] : "target"), "view-")
                .toAbsolutePath();
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x--x"));
        var numbers = new AtomicLong();
        IdSource ids = prefix -> prefix + SpawnSoak.OWN + numbers.incrementAndGet();
        var sandbox = BubblewrapSandbox.open(directory.resolve("state"), Map.of("LANG", "C.UTF-8"), ids);
        var previews = Previews.open(sandbox, directory.resolve("views"), InstantSource.system(), new Random(), ids);
        Profile build = new PackReader()
                .readSources(ShippedProfiles.sources())
                .profiles()
                .get("build");
        SpawnBench.say("load " + Files.readString(Path.of("/proc/loadavg")).strip());
        boolean met = true;
        for (int files : new int[] {10, 100, 1_000, 10_000}) {
            var bench = new PreviewBench(sandbox, previews, build, filled(directory.resolve("work-" + files), files));
            met &= bench.run(files) || files > 100;
        }
        System.exit(met ? 0 : 1);
    }

    private static Path filled(Path workspace, int files) throws IOException {
        SpawnBench.owned(Files.createDirectory(workspace));
        for (int i = 0; i < files; i++) {
            Path below = workspace.resolve("directory-" + i / PER_DIRECTORY);
            if (i % PER_DIRECTORY == 0) SpawnBench.owned(Files.createDirectory(below));
            SpawnBench.owned(Files.writeString(below.resolve("file-" + i), "some text, ".repeat(100)));
        }
        return workspace;
    }

    private boolean run(int files) throws Exception {
        int times = Math.max(10, Math.min(200, 50_000 / files));
        var direct = new double[times];
        var tried = new double[times];
        var committed = new double[times];
        for (int i = -times / 4; i < times; i++) {
            double one = direct();
            double two = preview(false);
            double three = preview(true);
            if (i < 0) continue;
            direct[i] = one;
            tried[i] = two;
            committed[i] = three;
        }
        double more = (Disk.median(tried) - Disk.median(direct)) / 1e3;
        boolean fits = Disk.median(tried) / 1e3 <= MOST_MILLIS;
        SpawnBench.say(String.format(
                Locale.ROOT,
                "%,d files, ms p50: direct %.2f, preview %.2f (%.2f more; at most %.0f for 100 files: %s), with a commit %.2f",
                files,
                Disk.median(direct) / 1e3,
                Disk.median(tried) / 1e3,
                more,
                MOST_MILLIS,
                fits ? "met" : "not met",
                Disk.median(committed) / 1e3));
        return fits;
    }

    private double direct() throws IOException, InterruptedException {
        long start = System.nanoTime();
        if (!(sandbox.prepare(build, workspace) instanceof Prepared.Ready(Handle handle)))
            throw new IllegalStateException("not prepared: " + sandbox.prepare(build, workspace));
        spawn(handle, List.of("/usr/bin/true"));
        sandbox.residue(handle);
        sandbox.cleanup(handle.id());
        return (System.nanoTime() - start) / 1e3;
    }

    private double preview(boolean commits) throws IOException, InterruptedException {
        long start = System.nanoTime();
        if (!(previews.prepare(build, workspace) instanceof Prepared.Ready(Handle handle)))
            throw new IllegalStateException("not prepared: " + previews.prepare(build, workspace));
        spawn(
                handle,
                commits
                        ? List.of("/bin/sh", "-c", "echo " + written++ + " >directory-0/file-0")
                        : List.of("/usr/bin/true"));
        Impact impact = previews.impact(handle);
        if (commits && !(previews.commit(handle, impact, sandbox.residue(handle)) instanceof Commit.Done))
            throw new IllegalStateException("not committed");
        previews.cleanup(handle);
        return (System.nanoTime() - start) / 1e3;
    }

    private void spawn(Handle handle, List<String> command) throws IOException, InterruptedException {
        var none = OutputStream.nullOutputStream();
        var outcome = sandbox.spawn(handle, command, new Streams(InputStream.nullInputStream(), none, none));
        if (!(outcome instanceof Outcome.Succeeded)) throw new IllegalStateException("it went wrong: " + outcome);
    }
}
