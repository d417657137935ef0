package dev.guardrail.server.runner.bwrap;

import dev.guardrail.sandbox.Outcome;
import dev.guardrail.sandbox.Profile;
import dev.guardrail.sandbox.Property;
import dev.guardrail.sandbox.Sandbox.Handle;
import dev.guardrail.sandbox.Sandbox.Prepared;
import dev.guardrail.sandbox.Sandbox.Probe;
import dev.guardrail.sandbox.Sandbox.Refusal;
import dev.guardrail.sandbox.Streams;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/// Tries on this machine what sandboxes are relied on for, by attempts from inside. Beside each attempt that has to
/// fail stands one that has to succeed: where nothing works, nothing is proven.
///
/// @param bounds what the control groups may bound
record SelfTest(Preparing preparing, Spawning spawning, Cleaning cleaning, Set<Property> bounds) {
    /// What no sandbox goes without: whoever lacks one of them confines nothing.
    private static final Set<Property> ALWAYS =
            EnumSet.of(Property.FILES, Property.NETNS, Property.PIDNS, Property.SECCOMP, Property.UNPRIVILEGED);

    private static final long MEBIBYTE = 1L << 20;

    /// Each line that it says is a property that held.
    private static final String ATTEMPTS = """
            both() { [ "$(readlink "/proc/self/ns/$1")" != "$2" ] && [ -n "$2" ]; }
            both pid "$1" && [ "$(ls -d /proc/[0-9]* | wc -l)" -lt 8 ] && kill -0 "$$" && echo pidns
            both net "$2" && grep -q '^ *lo:' /proc/net/dev && [ "$(wc -l </proc/net/dev)" = 3 ] && echo netns
            grep -q '^Seccomp:[[:blank:]]*2$' /proc/self/status && setarch "$(uname -m)" true &&
                ! setarch "$(uname -m)" -R true 2>/dev/null && echo seccomp
            [ ! -e /root ] && [ ! -e /home ] && [ ! -e /etc/shadow ] && touch here /tmp/here && ls /usr/bin/env >/dev/null &&
                ! touch /here 2>/dev/null && ! touch /usr/here 2>/dev/null && ! touch kept/here 2>/dev/null &&
                ! mv kept moved 2>/dev/null && ! rm -f absent 2>/dev/null && ! mkdir absent 2>/dev/null && echo files
            [ "$(id -u)" != 0 ] && [ -w /tmp ] && [ ! -w /proc/sys/kernel/core_pattern ] &&
                grep -q '^NoNewPrivs:[[:blank:]]*1$' /proc/self/status &&
                grep -q '^CapBnd:[[:blank:]]*0000000000000000$' /proc/self/status && echo unprivileged
            """;

    /// More processes at once than are allowed; those that began end with the sandbox.
    private static final String PROCESSES = """
            sleep 0 & wait && echo some
            (i=0; while [ $i -lt 40 ]; do sleep 600 & i=$((i+1)); done) 2>/dev/null || echo treePids
            """;

    /// A reader that has to keep all it reads until it has written it. A second one that reads from the first is too
    /// many: no process has more than the limit, and both together have.
    private static final String KEPT = "16777216";

    private static final String READER = " | tail -c " + KEPT;
    private static final String SOURCE = "head -c " + KEPT + " /dev/zero";

    /// Makes a sandbox ready without asking what is proven.
    interface Preparing {
        Prepared prepare(Profile profile, Path workspace, boolean memory) throws IOException, InterruptedException;
    }

    interface Spawning {
        Outcome spawn(Handle handle, List<String> command, Streams streams) throws IOException, InterruptedException;
    }

    interface Cleaning {
        void cleanup(String id) throws IOException;
    }

    private record Said(Outcome outcome, Set<String> lines) {}

    Probe run() throws InterruptedException {
        try {
            Path workspace = workspace();
            try {
                return run(workspace);
            } finally {
                remove(workspace);
            }
        } catch (IOException failed) {
            return unusable(String.valueOf(failed.getMessage()));
        }
    }

    private Probe run(Path workspace) throws IOException, InterruptedException {
        var said = attempt(workspace, profile(64, 256 * MEBIBYTE), ATTEMPTS, namespace("pid"), namespace("net"));
        var proven = EnumSet.noneOf(Property.class);
        for (Property property : ALWAYS) if (said.lines().contains(property.text())) proven.add(property);
        if (!proven.containsAll(ALWAYS)) {
            var missing = EnumSet.copyOf(ALWAYS);
            missing.removeAll(proven);
            return unusable("an attempt to get out was not stopped: "
                    + String.join(", ", missing.stream().map(Property::text).toList()));
        }
        var processes = attempt(workspace, profile(16, 256 * MEBIBYTE), PROCESSES);
        if (processes.lines().containsAll(Set.of("some", Property.TREE_PIDS.text()))) proven.add(Property.TREE_PIDS);
        if (bounds.contains(Property.TREE_MEMORY)) {
            var bounded = profile(16, 24 * MEBIBYTE);
            var one = attempt(workspace, bounded, SOURCE + READER + " | wc -c");
            var two = attempt(workspace, bounded, SOURCE + READER + READER + " | wc -c");
            if (one.outcome() instanceof Outcome.Succeeded
                    && one.lines().contains(KEPT)
                    && two.outcome().equals(new Outcome.OverLimit(Outcome.Bound.MEMORY)))
                proven.add(Property.TREE_MEMORY);
        }
        return new Probe.Proven(proven);
    }

    private static Probe unusable(String why) {
        return new Probe.Unusable(new Refusal(
                "bubblewrap confines nothing here (" + why + ")",
                "let it make user namespaces: on Ubuntu an AppArmor profile for bwrap or"
                        + " `sysctl kernel.apparmor_restrict_unprivileged_userns=0`, elsewhere"
                        + " `sysctl user.max_user_namespaces`, in a container its seccomp profile"));
    }

    private Said attempt(Path workspace, Profile profile, String script, String... arguments)
            throws IOException, InterruptedException {
        switch (preparing.prepare(profile, workspace, false)) {
            case Prepared.Refused(Refusal refusal) -> throw new IOException(refusal.why());
            case Prepared.Ready(Handle handle) -> {
                try {
                    var command = new java.util.ArrayList<>(List.of("/bin/sh", "-c", script, "sh"));
                    command.addAll(List.of(arguments));
                    return said(handle, command);
                } finally {
                    cleaning.cleanup(handle.id());
                }
            }
        }
    }

    private Said said(Handle handle, List<String> command) throws IOException, InterruptedException {
        var output = new ByteArrayOutputStream();
        var errors = new ByteArrayOutputStream();
        try {
            Outcome outcome =
                    spawning.spawn(handle, command, new Streams(InputStream.nullInputStream(), output, errors));
            return new Said(
                    outcome,
                    new HashSet<>(output.toString(StandardCharsets.UTF_8)
                            .lines()
                            .map(String::strip)
                            .toList()));
        } catch (IOException failed) {
            String words = errors.toString(StandardCharsets.UTF_8).strip();
            throw words.isEmpty() ? failed : new IOException(words, failed);
        }
    }

    private static Profile profile(int pids, long memory) {
        var second = Duration.ofSeconds(30);
        return new Profile(
                "self-test",
                new Profile.Reach(
                        List.of("/usr"),
                        List.of(new Profile.Write(Profile.WORKSPACE, List.of("kept", "absent"))),
                        8 * MEBIBYTE),
                new Profile.Network(false),
                new Profile.Limits(second, second, memory, pids, 64 * MEBIBYTE, MEBIBYTE, 256),
                new Profile.Environment(Set.of(), Map.of()),
                Set.of());
    }

    private static String namespace(String kind) throws IOException {
        return Files.readSymbolicLink(Path.of("/proc/self/ns", kind)).toString();
    }

    private static Path workspace() throws IOException {
        Path workspace = Files.createTempDirectory("guardrail-self-test").toRealPath();
        Path kept = Files.createDirectory(workspace.resolve("kept"));
        for (Path path : List.of(workspace, kept)) {
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx------"));
            if (Account.isRoot())
                for (String owner : List.of("unix:uid", "unix:gid")) Files.setAttribute(path, owner, UidPool.FIRST - 1);
        }
        return workspace;
    }

    private static void remove(Path workspace) throws IOException {
        try (Stream<Path> files = Files.walk(workspace)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) Files.deleteIfExists(file);
        }
    }
}
