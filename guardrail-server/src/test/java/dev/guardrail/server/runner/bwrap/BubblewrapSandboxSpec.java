package dev.guardrail.server.runner.bwrap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.IdSource;
import dev.guardrail.sandbox.Outcome;
import dev.guardrail.sandbox.Outcome.Bound;
import dev.guardrail.sandbox.Profile;
import dev.guardrail.sandbox.Property;
import dev.guardrail.sandbox.Residue;
import dev.guardrail.sandbox.Sandbox.Handle;
import dev.guardrail.sandbox.Sandbox.Prepared;
import dev.guardrail.sandbox.Sandbox.Probe;
import dev.guardrail.sandbox.Streams;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Limits, what becomes of commands, what they leave, and what is refused.
@Timeout(300)
class BubblewrapSandboxSpec {
    private static final long MEBIBYTE = 1L << 20;

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    private Path directory;

    @SuppressWarnings("NullAway.Init") // set before each
    private SandboxRig rig;

    private final Profile build = SandboxRig.shipped("build");

    @BeforeEach
    void prepare() throws IOException {
        rig = new SandboxRig(directory);
    }

    private static Profile limited(
            Profile profile, String cpu, String wall, long memory, int pids, long file, long output) {
        return SandboxRig.with(
                profile,
                new Profile.Limits(
                        Duration.parse("PT" + cpu), Duration.parse("PT" + wall), memory, pids, file, output, 256));
    }

    @Test
    void a_command_ends_as_it_says() throws Exception {
        rig.assumeUsable();
        assertEquals(new Outcome.Succeeded(), rig.shell(build, "true").outcome());
        assertEquals(new Outcome.Failed(7), rig.shell(build, "exit 7").outcome());
        assertEquals(new Outcome.Failed(137), rig.shell(build, "kill -9 $$").outcome());
        assertEquals(
                new Outcome.Failed(127),
                rig.run(build, List.of("no-such-program")).outcome());
        var said = rig.shell(build, "echo out; echo err >&2; pwd");
        assertEquals("out\n" + rig.workspace + "\n", said.output());
        assertEquals("err\n", said.errors());
    }

    @Test
    void a_command_reads_its_input_to_the_end() throws Exception {
        rig.assumeUsable();
        Handle handle = rig.prepare(build);
        var output = new ByteArrayOutputStream();
        var text = "a\n".repeat(100_000);
        var input = new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
        rig.sandbox.spawn(handle, List.of("/bin/cat"), new Streams(input, output, OutputStream.nullOutputStream()));
        rig.sandbox.cleanup(handle.id());
        assertEquals(text, output.toString(StandardCharsets.UTF_8));
    }

    @Test
    void what_runs_too_long_is_ended_with_all_that_it_started() throws Exception {
        rig.assumeUsable();
        String mark = "98765." + new Random().nextInt(1_000_000);
        var quick = limited(build, "30S", "1S", 256 * MEBIBYTE, 32, MEBIBYTE, MEBIBYTE);
        assertEquals(
                new Outcome.TimedOut(),
                rig.shell(quick, "setsid sleep " + mark + " & sleep " + mark).outcome());
        assertFalse(lives(mark));
        // What is left behind by a command that ends by itself goes, too.
        assertEquals(
                new Outcome.Succeeded(),
                rig.shell(build, "setsid sleep " + mark + " & echo started").outcome());
        assertFalse(lives(mark));
    }

    private static boolean lives(String mark) throws IOException {
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            return processes
                    .filter(process -> process.getFileName().toString().matches("\\d+"))
                    .anyMatch(process -> {
                        try {
                            return Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1)
                                    .contains("sleep\0" + mark);
                        } catch (IOException gone) {
                            return false;
                        }
                    });
        }
    }

    @Test
    void output_is_counted_to_the_byte_and_cut_there() throws Exception {
        rig.assumeUsable();
        var few = limited(build, "30S", "60S", 256 * MEBIBYTE, 32, MEBIBYTE, 10_000);
        var exact = rig.shell(few, "head -c 10000 /dev/zero");
        assertEquals(new Outcome.Succeeded(), exact.outcome());
        assertEquals(10_000, exact.output().length());
        var more = rig.shell(few, "yes & yes >&2");
        assertEquals(new Outcome.OverLimit(Bound.OUTPUT), more.outcome());
        assertEquals(10_000, more.output().length() + more.errors().length());
    }

    @Test
    void large_files_and_long_computations_are_ended() throws Exception {
        rig.assumeUsable();
        var few = limited(build, "1S", "60S", 256 * MEBIBYTE, 32, MEBIBYTE, MEBIBYTE);
        assertEquals(
                new Outcome.Succeeded(),
                rig.shell(few, "head -c 1000000 /dev/zero >f").outcome());
        assertEquals(
                new Outcome.OverLimit(Bound.FILE),
                rig.shell(few, "exec head -c 2000000 /dev/zero >f").outcome());
        assertEquals(
                new Outcome.OverLimit(Bound.CPU),
                rig.shell(few, "while :; do :; done").outcome());
    }

    @Test
    void memory_of_all_processes_together_is_bounded_where_that_is_proven() throws Exception {
        rig.assumeUsable();
        var proven = ((Probe.Proven) rig.sandbox.probe()).properties();
        var profile = limited(build, "30S", "60S", 48 * MEBIBYTE, 32, 64 * MEBIBYTE, MEBIBYTE);
        String reader = " | tail -c 33554432";
        var one = rig.shell(profile, "head -c 33554432 /dev/zero" + reader + " | wc -c");
        assertEquals("33554432", one.output().strip());
        var two = rig.shell(profile, "head -c 33554432 /dev/zero" + reader + reader + " | wc -c");
        assertEquals(
                proven.contains(Property.TREE_MEMORY),
                two.outcome().equals(new Outcome.OverLimit(Bound.MEMORY)),
                two.toString());
    }

    @Test
    void a_command_is_killed_from_outside() throws Exception {
        rig.assumeUsable();
        Handle handle = rig.prepare(build);
        var began = new CountDownLatch(1);
        var told = new OutputStream() {
            @Override
            public void write(int character) {
                began.countDown();
            }
        };
        var killer = Thread.ofPlatform().start(() -> {
            try {
                began.await();
                rig.sandbox.kill(handle);
            } catch (InterruptedException ended) {
                Thread.currentThread().interrupt();
            }
        });
        var outcome = rig.sandbox.spawn(
                handle,
                List.of("/bin/sh", "-c", "echo x; exec sleep 600"),
                new Streams(InputStream.nullInputStream(), told, OutputStream.nullOutputStream()));
        killer.join();
        rig.sandbox.cleanup(handle.id());
        assertEquals(new Outcome.Failed(137), outcome);
    }

    @Test
    void nothing_is_left_of_a_sandbox_but_what_it_wrote() throws Exception {
        rig.assumeUsable();
        rig.shell(build, "echo x >result");
        assertEquals(Set.of("result"), names(rig.workspace));
        try (Stream<Path> files = rig.sandbox.files()) {
            assertEquals(
                    Set.of("dens", "users", "lock"),
                    Set.copyOf(files.skip(1)
                            .map(path -> path.getFileName().toString())
                            .toList()));
        }
        assertTrue(ControlGroups.here().of("none").stream()
                .map(Path::getParent)
                .allMatch(BubblewrapSandboxSpec::holdsNoGroupOfOurs));
    }

    private static boolean holdsNoGroupOfOurs(Path parent) {
        try (Stream<Path> groups = Files.list(parent)) {
            return groups.noneMatch(group -> group.getFileName().toString().startsWith("guardrail-box"));
        } catch (IOException unlisted) {
            return false;
        }
    }

    private static Set<String> names(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return Set.copyOf(files.map(path -> path.getFileName().toString()).toList());
        }
    }

    @Test
    void what_a_process_left_that_is_gone_is_taken_away_by_the_next() throws Exception {
        rig.assumeUsable();
        Handle handle = rig.prepare(build);
        Handle other = rig.prepare(build);
        assertTrue(Files.exists(rig.workspace.resolve(".env")));
        // As a process that has crashed leaves it: its number is another's by now.
        Files.writeString(rig.state.resolve("dens").resolve(handle.id()).resolve("owner"), "1 long ago");
        rig.open();
        assertFalse(Files.exists(rig.state.resolve("dens").resolve(handle.id())));
        assertTrue(Files.exists(rig.workspace.resolve(".env")), "another sandbox needs it still");
        rig.sandbox.cleanup(other.id());
        assertFalse(Files.exists(rig.workspace.resolve(".env")));
        rig.sandbox.cleanup(other.id());
        rig.sandbox.cleanup(handle.id());
    }

    @Test
    void what_others_may_trip_over_is_found_and_what_was_there_before_is_not() throws Exception {
        rig.assumeUsable();
        Files.createSymbolicLink(rig.workspace.resolve("old"), Path.of("/etc"));
        var profile = limited(build, "30S", "60S", 256 * MEBIBYTE, 32, MEBIBYTE, MEBIBYTE);
        assertTrue(rig.shell(profile, "mkdir d; ln -s ../inside d/in; ln -s /usr/bin/env e; touch plain")
                .residue()
                .isClean());
        var ran = rig.shell(profile, """
                mkdir -p sub/.git; ln -s /etc/passwd out; ln -s ../../x up; touch "$(printf 'a\\033b')"
                cp /usr/bin/env set; chmod u+s set; mkfifo pipe
                """);
        var kinds = new java.util.TreeMap<String, Residue.Kind>();
        ran.residue()
                .findings()
                .forEach(found ->
                        kinds.put(rig.workspace.relativize(found.path()).toString(), found.kind()));
        assertEquals(
                Map.of(
                        "sub/.git", Residue.Kind.PROTECTED_NAME,
                        "out", Residue.Kind.OUTWARD_LINK,
                        "up", Residue.Kind.OUTWARD_LINK,
                        "a\033b", Residue.Kind.CONTROL_NAME,
                        "set", Residue.Kind.SET_ID,
                        "pipe", Residue.Kind.SPECIAL),
                kinds);
    }

    @Test
    void what_is_required_and_not_proven_refuses_by_name() throws Exception {
        rig.assumeUsable();
        var none = new BubblewrapSandbox(
                Dens.open(rig.base.resolve("other")),
                Programs.OF_THE_SYSTEM,
                Architecture.of(System.getProperty("os.arch")),
                ControlGroups.find(rig.base, ""),
                Map.of(),
                IdSource.of(InstantSource.system(), new Random()));
        var refused =
                assertInstanceOf(Prepared.Refused.class, none.prepare(SandboxRig.shipped("strict"), rig.workspace));
        assertTrue(refused.refusal().why().contains("`treeMemory`"), refused.toString());
        // The same machine runs what does not require it.
        var ready = assertInstanceOf(Prepared.Ready.class, none.prepare(build, rig.workspace));
        none.cleanup(ready.handle().id());
    }

    @Test
    void a_machine_without_bubblewrap_refuses_and_says_how_to_get_it() throws Exception {
        var refusal = refusal(new Programs(List.of(rig.base)), Architecture.of("amd64"));
        assertTrue(refusal.contains("`sh` is not installed"), refusal);
        for (String program : List.of("sh", "prlimit", "setpriv"))
            Files.createSymbolicLink(rig.base.resolve(program), Path.of("/bin/true"));
        refusal = refusal(new Programs(List.of(rig.base)), Architecture.of("amd64"));
        assertTrue(refusal.contains("apt-get install bubblewrap"), refusal);
    }

    @Test
    void a_machine_without_a_filter_refuses() throws Exception {
        rig.assumeUsable();
        String refusal = refusal(Programs.OF_THE_SYSTEM, Optional.empty());
        assertTrue(refusal.contains("no filter of system calls"), refusal);
    }

    @Test
    void a_machine_without_user_namespaces_refuses() throws Exception {
        rig.assumeUsable();
        // What bubblewrap says where it may not make one.
        Path program = Files.writeString(
                rig.base.resolve("bwrap"),
                "#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n");
        Files.setPosixFilePermissions(program, java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-xr-x"));
        var programs = new Programs(List.of(rig.base, Path.of("/usr/bin"), Path.of("/bin")));
        String refusal = refusal(programs, Architecture.of(System.getProperty("os.arch")));
        assertTrue(refusal.contains("No permissions to create new namespace"), refusal);
        assertTrue(refusal.contains("user namespaces"), refusal);
    }

    private String refusal(Programs programs, Optional<Architecture> architecture) throws Exception {
        var sandbox = new BubblewrapSandbox(
                Dens.open(rig.base.resolve("other")),
                programs,
                architecture,
                ControlGroups.here(),
                Map.of(),
                IdSource.of(InstantSource.system(), new Random()));
        return assertInstanceOf(Prepared.Refused.class, sandbox.prepare(build, rig.workspace))
                .refusal()
                .sentence();
    }

    @Test
    void places_that_cannot_be_kept_refuse() throws Exception {
        rig.assumeUsable();
        rig.sandbox.cleanup(rig.prepare(build).id());
        Files.createSymbolicLink(rig.workspace.resolve(".vscode"), Path.of("plain"));
        assertTrue(why(rig.workspace).contains("is protected and a link"), why(rig.workspace));
        assertTrue(why(rig.base.resolve("none")).contains("is no directory"));
        assertTrue(why(Path.of("/usr")).contains("the machine's own"));
        assertTrue(why(rig.state).contains("what sandboxes are made of"));
        if (Account.isRoot()) {
            Path roots = Files.createDirectory(rig.base.resolve("roots"));
            assertTrue(why(roots).contains("belongs to root"), why(roots));
        }
    }

    @Test
    void where_variables_of_other_sandboxes_lie_is_not_read() throws Exception {
        rig.assumeUsable();
        Path beside = SandboxRig.directory(rig.base.resolve("beside"));
        Path link = Files.createSymbolicLink(rig.base.resolve("way"), rig.state);
        rig.sandbox.cleanup(rig.prepare(reading(beside)).id());
        for (Path place : List.of(rig.state, rig.state.resolve("dens"), rig.base, link))
            assertTrue(
                    why(reading(place), rig.workspace).contains("holds what sandboxes are made of"), place::toString);
    }

    private Profile reading(Path place) {
        return new Profile(
                build.name(),
                new Profile.Reach(
                        List.of("/usr", place.toString()),
                        build.files().write(),
                        build.files().tmpBytes()),
                build.network(),
                build.limits(),
                build.environment(),
                build.require());
    }

    private String why(Path workspace) throws Exception {
        return why(build, workspace);
    }

    private String why(Profile profile, Path workspace) throws Exception {
        return assertInstanceOf(Prepared.Refused.class, rig.sandbox.prepare(profile, workspace))
                .refusal()
                .sentence();
    }

    @Test
    void a_state_that_others_can_write_is_not_used() throws Exception {
        Path open = Files.createDirectory(rig.base.resolve("open"));
        Files.setPosixFilePermissions(open, java.nio.file.attribute.PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThrows(IOException.class, () -> Dens.open(open));
        Path link = Files.createSymbolicLink(rig.base.resolve("link"), rig.state);
        assertTrue(Files.isDirectory(Dens.open(link).state(), LinkOption.NOFOLLOW_LINKS));
    }
}
