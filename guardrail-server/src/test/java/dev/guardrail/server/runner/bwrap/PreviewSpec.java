package dev.guardrail.server.runner.bwrap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.IdSource;
import dev.guardrail.base.Sha256;
import dev.guardrail.sandbox.Change;
import dev.guardrail.sandbox.Commit;
import dev.guardrail.sandbox.Impact;
import dev.guardrail.sandbox.Outcome;
import dev.guardrail.sandbox.Profile;
import dev.guardrail.sandbox.Sandbox.Handle;
import dev.guardrail.sandbox.Sandbox.Prepared;
import dev.guardrail.sandbox.Streams;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A committed preview leaves what a direct run leaves, a discarded one nothing, and nobody else's change is lost.
@Timeout(900)
class PreviewSpec {
    private static final int SCRIPTS = 200;

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    private Path directory;

    @SuppressWarnings("NullAway.Init") // set before each
    private SandboxRig rig;

    @SuppressWarnings("NullAway.Init") // set before each
    private Previews previews;

    @SuppressWarnings("NullAway.Init") // set before each
    private Profile build;

    @BeforeEach
    void prepare() throws Exception {
        rig = new SandboxRig(directory);
        rig.assumeUsable();
        build = rig.asProven(SandboxRig.shipped("build"));
        previews = open();
    }

    private Previews open() throws IOException {
        var ids = IdSource.of(InstantSource.system(), new Random());
        return Previews.open(rig.sandbox, views(), InstantSource.system(), new Random(), ids);
    }

    private Path views() {
        return rig.base.resolve("views");
    }

    @Test
    void two_hundred_scripts_leave_by_a_commit_what_they_leave_directly_and_nothing_when_discarded() throws Exception {
        int changed = 0;
        for (int seed = 0; seed < SCRIPTS; seed++) {
            Instant begin = Instant.now();
            String script = PreviewScripts.of(seed);
            Path direct = workspace("direct-" + seed);
            Path committed = workspace("committed-" + seed);
            Path discarded = workspace("discarded-" + seed);
            Map<String, String> before = listed(committed, Instant.MAX);
            assertEquals(before, listed(discarded, Instant.MAX));

            direct(direct, script);
            assertEquals(new Commit.Done(), commit(committed, script), script);
            assertEquals(lines(below(direct, begin)), lines(below(committed, begin)), script);

            discard(discarded, script);
            assertEquals(before, listed(discarded, Instant.MAX), script);
            if (!before.equals(listed(committed, Instant.MAX))) changed++;
            assertNothingIsLeft();
        }
        assertTrue(changed > SCRIPTS / 2, "scripts change something: " + changed);
    }

    @Test
    void an_impact_tells_files_bytes_modes_deletions_and_links() throws Exception {
        Path workspace = workspace("told");
        Handle handle = ran(workspace, "printf new >n; rm a/1; chmod 640 a/2; printf longer >b; mkdir d; ln -s b l");
        Impact impact = previews.impact(handle);
        previews.cleanup(handle);
        assertEquals(
                List.of("deleted a/1", "mode a/2", "overwritten b", "created d", "created l", "created n"),
                impact.changes().stream()
                        .map(change -> change.kind().word() + " " + change.place())
                        .toList());
        assertEquals(5, impact.files());
        assertEquals(9, impact.bytes());
        assertEquals(1, impact.deleted());
        assertEquals(new Change.Entry.Link("b"), impact.changes().get(4).after());
        assertEquals(
                new Change.Entry.Directory("rwxr-xr-x"), impact.changes().get(3).after());
    }

    @Test
    void what_somebody_else_did_meanwhile_is_a_conflict_and_stays() throws Exception {
        String script = "printf mine >b; rm -r a; printf mine >lib/new; chmod 600 src/lib/1";
        var races = new TreeMap<String, Race>();
        races.put("b", place -> Files.writeString(place.resolve("b"), "yours"));
        races.put("b as before", place -> {
            FileTime time = Files.getLastModifiedTime(place.resolve("b"));
            Files.writeString(place.resolve("b"), "eno");
            Files.setLastModifiedTime(place.resolve("b"), time);
        });
        races.put("lib/new", place -> Files.writeString(place.resolve("lib/new"), "yours"));
        races.put("a/yours", place -> Files.writeString(place.resolve("a/yours"), "yours"));
        races.put("a/1", place -> Files.delete(place.resolve("a/1")));
        races.put(
                "src/lib/1",
                place -> Files.setPosixFilePermissions(
                        place.resolve("src/lib/1"), PosixFilePermissions.fromString("rw-rw-rw-")));
        races.put("lib", place -> {
            Files.move(place.resolve("lib"), place.resolve("lib-moved"));
            Files.createSymbolicLink(place.resolve("lib"), Path.of("lib-moved"));
        });
        for (var race : races.entrySet()) {
            Path workspace = workspace("race-" + race.getKey().replace('/', '-').replace(' ', '-'));
            Handle handle = ran(workspace, script);
            Impact impact = previews.impact(handle);
            race.getValue().change(workspace);
            Map<String, String> theirs = listed(workspace, Instant.MAX);
            var commit = previews.commit(handle, impact, rig.sandbox.residue(handle));
            previews.cleanup(handle);
            assertInstanceOf(Commit.Conflict.class, commit, race.getKey());
            assertEquals(theirs, listed(workspace, Instant.MAX), race.getKey());
        }
        Path workspace = workspace("race-elsewhere");
        Handle handle = ran(workspace, script);
        Impact impact = previews.impact(handle);
        Files.writeString(workspace.resolve("src/yours"), "yours");
        assertEquals(new Commit.Done(), previews.commit(handle, impact, rig.sandbox.residue(handle)));
        assertEquals("yours", Files.readString(workspace.resolve("src/yours")));
        assertEquals("mine", Files.readString(workspace.resolve("b")));
        previews.cleanup(handle);
    }

    private interface Race {
        void change(Path workspace) throws IOException;
    }

    @Test
    void a_commit_is_taken_back_exactly_unless_somebody_changed_it_since() throws Exception {
        for (int seed = 0; seed < 20; seed++) {
            Path workspace = workspace("undone-" + seed);
            Map<String, String> before = listed(workspace, Instant.MAX);
            String script = PreviewScripts.of(seed);
            Handle handle = ran(workspace, script);
            Impact impact = previews.impact(handle);
            assertEquals(new Commit.Done(), previews.commit(handle, impact, rig.sandbox.residue(handle)));
            String id = previews.id(handle);
            previews.cleanup(handle);
            if (impact.changes().isEmpty()) continue;
            assertEquals(new Commit.Done(), open().undo(id), script);
            assertEquals(before, listed(workspace, Instant.MAX), script);
            assertInstanceOf(Commit.Refused.class, previews.undo(id));
        }
        Path workspace = workspace("changed-since");
        Handle handle = ran(workspace, "mkdir made; printf mine >made/it; printf mine >b");
        previews.commit(handle, previews.impact(handle), rig.sandbox.residue(handle));
        String id = previews.id(handle);
        previews.cleanup(handle);
        Path theirs = SandboxRig.file(workspace.resolve("made/theirs"), "yours");
        assertEquals(new Commit.Conflict(List.of("made/theirs")), previews.undo(id));
        assertEquals("mine", Files.readString(workspace.resolve("b")));
        Files.delete(theirs);
        assertEquals(new Commit.Done(), previews.undo(id));
        assertEquals("one", Files.readString(workspace.resolve("b")));
    }

    @Test
    void what_is_never_committed_refuses_and_the_rest_is_not_written_either() throws Exception {
        var scripts = Map.of(
                "mkdir -p deep/.git; printf x >deep/.git/config", "protected name",
                "printf x >p; chmod 4755 p", "set-id",
                "mkfifo p", "no file, directory or link",
                "mkdir p; chmod 1777 p", "mode beyond",
                "chmod 700 .", "workspace itself");
        int number = 0;
        for (var script : scripts.entrySet()) {
            Path workspace = workspace("never-" + number++);
            Map<String, String> before = listed(workspace, Instant.MAX);
            var refused = assertInstanceOf(
                    Commit.Refused.class, commit(workspace, "printf x >b; " + script.getKey()), script.getKey());
            assertTrue(
                    refused.why().stream().anyMatch(why -> why.contains(script.getValue())),
                    script.getKey() + ": " + refused.why());
            assertEquals(before, listed(workspace, Instant.MAX), script.getKey());
        }
        assertEquals(new Commit.Done(), commit(workspace("always"), "printf x >b; chmod 755 b; mkdir -p deep/git"));
    }

    @Test
    void nothing_but_what_was_shown_is_committed() throws Exception {
        Path workspace = workspace("shown");
        Handle handle = ran(workspace, "printf shown >b");
        Impact shown = previews.impact(handle);
        Path copy = copies().getFirst().resolve("b");
        Files.writeString(copy, "other");
        var commit = previews.commit(handle, shown, rig.sandbox.residue(handle));
        previews.cleanup(handle);
        assertInstanceOf(Commit.Refused.class, commit);
        assertEquals("one", Files.readString(workspace.resolve("b")));
    }

    @Test
    void a_workspace_that_cannot_be_copied_refuses() throws Exception {
        Path workspace = workspace("unread");
        Path secret = Files.writeString(workspace.resolve("secret"), "x");
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("---------"));
        if (!Account.isRoot()) return;
        assertInstanceOf(Prepared.Refused.class, previews.prepare(build, workspace));
        assertNothingIsLeft();
        Files.delete(secret);
        assertEquals(new Commit.Done(), commit(workspace, "printf x >b"));
    }

    /// As many files as a commit has time to be killed in.
    private static final String MANY = """
            mkdir made; i=0; while [ $i -lt 120 ]; do printf '%s' $i >made/$i; i=$((i+1)); done
            printf mine >b; rm -r a; ln -s made l; chmod 700 lib; mkdir a; printf again >a/1
            """;

    @Test
    void a_commit_that_is_killed_anywhere_is_there_whole_or_not_at_all_after_the_next_start() throws Exception {
        Path whole = workspace("whole");
        assertEquals(new Commit.Done(), commit(whole, MANY));
        Map<String, String> after = listed(whole, Instant.parse("2021-01-01T00:00:00Z"));
        int halves = 0;
        for (int round = 0; round < 12; round++) {
            Path workspace = workspace("killed-" + round);
            Map<String, String> before = listed(workspace, Instant.parse("2021-01-01T00:00:00Z"));
            kill(workspace, round);
            Map<String, String> left = listed(workspace, Instant.parse("2021-01-01T00:00:00Z"));
            if (!left.equals(before) && !left.equals(after)) halves++;
            var next = open();
            assertEquals(List.of(), next.stuck());
            var now = listed(workspace, Instant.parse("2021-01-01T00:00:00Z"));
            assertTrue(now.equals(before) || now.equals(after), () -> lines(now));
            if (!left.equals(before)) assertEquals(lines(after), lines(now));
            assertNothingIsLeft();
        }
        assertTrue(halves > 0, "some are killed on their way");
    }

    @Test
    void what_was_cut_short_and_changed_by_somebody_else_stays_and_is_told() throws Exception {
        Path workspace = workspace("stuck");
        kill(workspace, 6);
        Path both = workspace.resolve("b");
        FileTime time = Files.getLastModifiedTime(both);
        String ours = Files.readString(both);
        Files.writeString(both, "yours");
        var next = open();
        assertEquals(1, next.stuck().size());
        assertTrue(
                next.stuck().getFirst().contains("somebody else changed `b`"),
                next.stuck().getFirst());
        assertEquals("yours", Files.readString(both));
        Path elsewhere = workspace("elsewhere");
        assertEquals(new Commit.Done(), commit(elsewhere, "printf mine >b"));
        Files.writeString(both, ours);
        Files.setLastModifiedTime(both, time);
        assertEquals(List.of(), open().stuck());
        assertEquals("mine", Files.readString(both));
    }

    /// Kills a process when its commit has come so far, the further the higher the round.
    private void kill(Path workspace, int round) throws Exception {
        var words = List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-cp",
                System.getProperty("java.class.path"),
                PreviewVictim.class.getName(),
                rig.base.resolve("victims").toString(),
                views().toString(),
                workspace.toString(),
                MANY);
        var process = new ProcessBuilder(words)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (var said = process.inputReader()) {
            for (String line = said.readLine(); !"committing".equals(line); line = said.readLine())
                assertNotEquals(null, line, "the process ended");
            while (process.isAlive() && !isReached(workspace, round)) Thread.onSpinWait();
            process.destroyForcibly().waitFor();
        }
        BubblewrapSandbox.open(
                rig.base.resolve("victims"), SandboxRig.ENVIRONMENT, IdSource.of(InstantSource.system(), new Random()));
    }

    /// Files are made in the workspace first, since the directory where they belong is not there.
    private static boolean isReached(Path workspace, int round) throws IOException {
        return round < 4 ? entries(workspace) > 8 + 30 * round : entries(workspace.resolve("made")) > 15 * (round - 4);
    }

    private static long entries(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) return 0;
        try (Stream<Path> below = Files.list(directory)) {
            return below.count();
        }
    }

    private List<Path> copies() throws IOException {
        try (Stream<Path> views = Files.list(views().resolve("views"))) {
            return views.map(view -> view.resolve("hull/copy"))
                    .filter(Files::isDirectory)
                    .toList();
        }
    }

    private void assertNothingIsLeft() throws IOException {
        assertEquals(List.of(), copies());
    }

    private Path workspace(String name) throws Exception {
        Path workspace = SandboxRig.directory(rig.base.resolve(name));
        direct(workspace, PreviewScripts.template());
        Files.setLastModifiedTime(workspace, FileTime.from(Instant.parse("2020-02-02T02:02:02Z")));
        return workspace;
    }

    private void direct(Path workspace, String script) throws Exception {
        switch (rig.sandbox.prepare(build, workspace)) {
            case Prepared.Refused refused -> throw new AssertionError(refused.toString());
            case Prepared.Ready(Handle handle) -> {
                try {
                    spawn(handle, script);
                } finally {
                    rig.sandbox.cleanup(handle.id());
                }
            }
        }
    }

    private Handle ran(Path workspace, String script) throws Exception {
        return switch (previews.prepare(build, workspace)) {
            case Prepared.Refused refused -> throw new AssertionError(refused.toString());
            case Prepared.Ready(Handle handle) -> {
                spawn(handle, script);
                yield handle;
            }
        };
    }

    private void spawn(Handle handle, String script) throws Exception {
        var output = new ByteArrayOutputStream();
        var streams = new Streams(InputStream.nullInputStream(), output, output);
        Outcome outcome = rig.sandbox.spawn(handle, List.of("/bin/sh", "-c", script), streams);
        assertEquals(new Outcome.Succeeded(), outcome, script + output);
    }

    private Commit commit(Path workspace, String script) throws Exception {
        Handle handle = ran(workspace, script);
        try {
            return previews.commit(handle, previews.impact(handle), rig.sandbox.residue(handle));
        } finally {
            previews.cleanup(handle);
        }
    }

    private void discard(Path workspace, String script) throws Exception {
        Handle handle = ran(workspace, script);
        previews.impact(handle);
        previews.cleanup(handle);
    }

    /// A direct run touches the workspace itself, by what stands for protected names meanwhile.
    private static Map<String, String> below(Path root, Instant before) throws IOException {
        var listed = listed(root, before);
        listed.put("", String.valueOf(listed.get("")).replaceAll(" [^ ]*Z$", ""));
        return listed;
    }

    private static String lines(Map<String, String> listed) {
        return String.join(
                "\n",
                listed.entrySet().stream()
                        .map(entry -> entry.getKey() + " " + entry.getValue())
                        .toList());
    }

    /// All that can be told of a directory: names, kinds, modes, owners, bytes, links, and times of files that are
    /// older than something.
    private static Map<String, String> listed(Path root, Instant before) throws IOException {
        var listed = new TreeMap<String, String>();
        try (Stream<Path> all = Files.walk(root)) {
            for (Path path : new ArrayList<>(all.toList())) {
                var said = Files.readAttributes(path, "unix:mode,uid,gid,lastModifiedTime", LinkOption.NOFOLLOW_LINKS);
                var time = ((FileTime) said.get("lastModifiedTime")).toInstant();
                String line = Integer.toOctalString((int) said.get("mode"));
                if (Files.isSymbolicLink(path)) line += " " + Files.readSymbolicLink(path);
                else line += " " + said.get("uid") + " " + said.get("gid");
                if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS))
                    line += " " + Sha256.of(Files.readAllBytes(path));
                if (time.isBefore(before) && !Files.isSymbolicLink(path)) line += " " + time;
                listed.put(root.relativize(path).toString(), line);
            }
        }
        assertNotEquals(Map.of(), listed);
        return listed;
    }
}
