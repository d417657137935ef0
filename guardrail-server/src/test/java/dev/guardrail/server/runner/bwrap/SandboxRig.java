package dev.guardrail.server.runner.bwrap;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.guardrail.base.IdSource;
import dev.guardrail.pack.PackReader;
import dev.guardrail.sandbox.Outcome;
import dev.guardrail.sandbox.Profile;
import dev.guardrail.sandbox.Property;
import dev.guardrail.sandbox.Residue;
import dev.guardrail.sandbox.Sandbox.Handle;
import dev.guardrail.sandbox.Sandbox.Prepared;
import dev.guardrail.sandbox.Sandbox.Probe;
import dev.guardrail.sandbox.Streams;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/// A sandbox on this machine, and a workspace that its processes may write in.
final class SandboxRig {
    /// Owns workspaces where the tests run as root.
    static final int OWNER = UidPool.FIRST - 7;

    static final Map<String, String> ENVIRONMENT = Map.of("LANG", "C.UTF-8", "API_KEY", "a-secret-of-the-host");

    final Path base;
    final Path state;
    final Path workspace;
    final BubblewrapSandbox sandbox;

    record Ran(Outcome outcome, String output, String errors, Residue residue) {}

    SandboxRig(Path directory) throws IOException {
        base = Files.createDirectory(directory.resolve("rig"));
        for (Path above = base; above != null && above.getNameCount() > 1; above = above.getParent())
            if (Files.getOwner(above).equals(Files.getOwner(base)))
                Files.setPosixFilePermissions(above, PosixFilePermissions.fromString("rwx--x--x"));
        state = base.resolve("state");
        workspace = directory(base.resolve("work"));
        sandbox = open();
    }

    BubblewrapSandbox open() throws IOException {
        return BubblewrapSandbox.open(state, ENVIRONMENT, IdSource.of(InstantSource.system(), new Random()));
    }

    /// A directory that the sandbox's account owns.
    static Path directory(Path path) throws IOException {
        return own(Files.createDirectories(path));
    }

    static Path file(Path path, String text) throws IOException {
        return own(Files.writeString(path, text));
    }

    private static Path own(Path path) throws IOException {
        if (Account.isRoot())
            for (String owner : List.of("unix:uid", "unix:gid")) Files.setAttribute(path, owner, OWNER);
        return path;
    }

    /// Sandboxes have to work where tests have to be whole; elsewhere a machine may have none.
    void assumeUsable() throws InterruptedException {
        Probe probe = sandbox.probe();
        if (System.getenv("CI") != null) assertTrue(probe instanceof Probe.Proven, probe.toString());
        else assumeTrue(probe instanceof Probe.Proven, probe.toString());
    }

    static void assumeProgram(String path) {
        boolean there = Files.isExecutable(Path.of(path));
        if (System.getenv("CI") != null) assertTrue(there, path);
        else assumeTrue(there, path);
    }

    static Profile shipped(String name) {
        return new PackReader()
                .read(List.of(Path.of("..", "policies", "sandbox")))
                .profiles()
                .get(name);
    }

    static Profile with(Profile profile, Profile.Limits limits) {
        return new Profile(
                profile.name(), profile.files(), profile.network(), limits, profile.environment(), profile.require());
    }

    /// The profile without a bound of all memory where the machine has none; no attempt is stopped by it.
    Profile asProven(Profile profile) throws InterruptedException {
        var required = EnumSet.copyOf(profile.require());
        if (sandbox.probe() instanceof Probe.Proven(Set<Property> proven) && !proven.contains(Property.TREE_MEMORY))
            required.remove(Property.TREE_MEMORY);
        return new Profile(
                profile.name(), profile.files(), profile.network(), profile.limits(), profile.environment(), required);
    }

    Handle prepare(Profile profile) throws IOException, InterruptedException {
        return switch (sandbox.prepare(profile, workspace)) {
            case Prepared.Ready(Handle handle) -> handle;
            case Prepared.Refused refused -> throw new AssertionError(refused.toString());
        };
    }

    Ran shell(Profile profile, String script) throws IOException, InterruptedException {
        return run(profile, List.of("/bin/sh", "-c", script));
    }

    Ran run(Profile profile, List<String> command) throws IOException, InterruptedException {
        Handle handle = prepare(profile);
        try {
            var output = new ByteArrayOutputStream();
            var errors = new ByteArrayOutputStream();
            Outcome outcome =
                    sandbox.spawn(handle, command, new Streams(InputStream.nullInputStream(), output, errors));
            return new Ran(
                    outcome,
                    output.toString(StandardCharsets.UTF_8),
                    errors.toString(StandardCharsets.UTF_8),
                    sandbox.residue(handle));
        } finally {
            sandbox.cleanup(handle.id());
        }
    }
}
