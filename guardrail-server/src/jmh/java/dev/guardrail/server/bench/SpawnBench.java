package dev.guardrail.server.bench;

import com.sun.security.auth.module.UnixSystem;
import dev.guardrail.base.IdSource;
import dev.guardrail.pack.PackReader;
import dev.guardrail.sandbox.Outcome;
import dev.guardrail.sandbox.Profile;
import dev.guardrail.sandbox.Sandbox;
import dev.guardrail.sandbox.Sandbox.Handle;
import dev.guardrail.sandbox.Sandbox.Prepared;
import dev.guardrail.sandbox.Spawner;
import dev.guardrail.sandbox.Streams;
import dev.guardrail.server.runner.bwrap.BubblewrapSandbox;
import dev.guardrail.server.wiring.ShippedProfiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToDoubleFunction;

/// What a sandbox costs a command (docs/performance.md): `true` under `strict`, from preparing to cleaning up, beside
/// `true` without one, in turn. Then as many more commands as are asked for, of every way to end ([SpawnSoak]). Ends
/// with 1 beyond a gate.
///
/// Arguments: a directory that others may pass through, and how many commands to soak with (default none).
final class SpawnBench {
    /// Owns the workspace where this runs as root.
    static final int OWNER = 54_321;

    private static final String TRUE = "/usr/bin/true";
    private static final int WARM = 100;
    private static final int TIMES = 400;
    private static final double MOST_MILLIS = 12;

    private final Sandbox sandbox;
    private final Profile strict;
    private final Path workspace;

    private SpawnBench(Sandbox sandbox, Profile strict, Path workspace) {
        this.sandbox = sandbox;
        this.strict = strict;
        this.workspace = workspace;
    }

    public static void main(String[] arguments) throws Exception {
        Path directory = Files.createTempDirectory(Path.of(arguments.length > 0 ? arguments[0] : "target"), "spawn-");
        int soaked = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 0;
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x--x"));
        Path state = directory.toAbsolutePath().resolve("state");
        var numbers = new AtomicLong();
        IdSource ids = prefix -> prefix + SpawnSoak.OWN + numbers.incrementAndGet();
        var sandbox = BubblewrapSandbox.open(state, Map.of("LANG", "C.UTF-8"), ids);
        Profile strict = new PackReader()
                .readSources(ShippedProfiles.sources())
                .profiles()
                .get("strict");
        Path workspace = owned(Files.createDirectory(directory.toAbsolutePath().resolve("work")));
        say("load " + Files.readString(Path.of("/proc/loadavg")).strip());
        var bench = new SpawnBench(sandbox, strict, workspace);
        boolean met = bench.overhead("an empty workspace");
        Path many = Files.createDirectory(workspace.resolve("many"));
        for (int i = 0; i < 1_000; i++) owned(Files.writeString(many.resolve("file-" + i), "text"));
        bench.overhead("1,000 files in it");
        if (soaked > 0) met &= new SpawnSoak(sandbox, strict, directory.toAbsolutePath(), state).run(soaked);
        System.exit(met ? 0 : 1);
    }

    static Path owned(Path path) throws IOException {
        if (new UnixSystem().getUid() == 0)
            for (String owner : List.of("unix:uid", "unix:gid")) Files.setAttribute(path, owner, OWNER);
        return path;
    }

    /// Microseconds of each part of one command.
    private record Parts(double prepare, double spawn, double after) {
        double whole() {
            return prepare + spawn + after;
        }
    }

    private boolean overhead(String where) throws Exception {
        for (int i = 0; i < WARM; i++) {
            plain();
            confined();
        }
        var plain = new double[TIMES];
        var parts = new Parts[TIMES];
        for (int i = 0; i < TIMES; i++) {
            plain[i] = plain();
            parts[i] = confined();
        }
        double[] whole = Arrays.stream(parts).mapToDouble(Parts::whole).sorted().toArray();
        double more = Disk.median(whole) - Disk.median(plain);
        say(String.format(
                Locale.ROOT,
                "%s, ms p50: without %.2f, under strict %.2f (prepare %.2f, run %.2f, look and clean up %.2f), p99 %.2f",
                where,
                Disk.median(plain) / 1e3,
                Disk.median(whole) / 1e3,
                median(parts, Parts::prepare),
                median(parts, Parts::spawn),
                median(parts, Parts::after),
                whole[TIMES * 99 / 100] / 1e3));
        boolean fits = more / 1e3 <= MOST_MILLIS;
        say(String.format(
                Locale.ROOT,
                "%s, overhead of strict: %.2f ms p50 (gate at most %.0f) %s",
                where,
                more / 1e3,
                MOST_MILLIS,
                fits ? "met" : "NOT MET"));
        return fits;
    }

    private static double median(Parts[] parts, ToDoubleFunction<Parts> part) {
        return Disk.median(Arrays.stream(parts).mapToDouble(part).toArray()) / 1e3;
    }

    private static double plain() throws IOException, InterruptedException {
        long start = System.nanoTime();
        var builder = new ProcessBuilder(TRUE);
        builder.environment().clear();
        if (Spawner.only().start(builder).waitFor() != 0) throw new IllegalStateException("true is not true");
        return (System.nanoTime() - start) / 1e3;
    }

    private Parts confined() throws IOException, InterruptedException {
        long start = System.nanoTime();
        if (!(sandbox.prepare(strict, workspace) instanceof Prepared.Ready(Handle handle)))
            throw new IllegalStateException("not prepared: " + sandbox.prepare(strict, workspace));
        long ready = System.nanoTime();
        var outcome = sandbox.spawn(
                handle,
                List.of(TRUE),
                new Streams(
                        InputStream.nullInputStream(),
                        OutputStream.nullOutputStream(),
                        OutputStream.nullOutputStream()));
        long ran = System.nanoTime();
        boolean clean = sandbox.residue(handle).isClean();
        sandbox.cleanup(handle.id());
        long over = System.nanoTime();
        if (!(outcome instanceof Outcome.Succeeded) || !clean)
            throw new IllegalStateException("true went wrong: " + outcome);
        return new Parts((ready - start) / 1e3, (ran - ready) / 1e3, (over - ran) / 1e3);
    }

    static void say(String line) {
        System.out.println(line);
    }
}
