package dev.guardrail.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.sun.security.auth.module.UnixSystem;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import picocli.CommandLine;

/// `run`: the command's own exit code, and words where it is not that.
@ResourceLock(Resources.SYSTEM_OUT)
@Timeout(120)
final class RunCommandSpec {
    private static final int OWNER = 1_879_048_000;

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    private Path directory;

    @SuppressWarnings("NullAway.Init") // set before each
    private Path workspace;

    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private final ByteArrayOutputStream complained = new ByteArrayOutputStream();

    @BeforeEach
    void prepare() throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x--x"));
        workspace = Files.createDirectory(directory.resolve("work"));
        if (new UnixSystem().getUid() == 0)
            for (String owner : List.of("unix:uid", "unix:gid")) Files.setAttribute(workspace, owner, OWNER);
    }

    private int run(String... arguments) {
        PrintStream out = System.out;
        PrintStream err = System.err;
        InputStream in = System.in;
        said.reset();
        complained.reset();
        var words = new ArrayList<>(
                List.of("run", "--state", directory.resolve("state").toString(), "--workspace", workspace.toString()));
        words.addAll(List.of(arguments));
        System.setOut(new PrintStream(said, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(complained, true, StandardCharsets.UTF_8));
        System.setIn(new ByteArrayInputStream("from outside\n".getBytes(StandardCharsets.UTF_8)));
        try {
            return new CommandLine(Guardrail.command()).execute(words.toArray(String[]::new));
        } finally {
            System.setOut(out);
            System.setErr(err);
            System.setIn(in);
        }
    }

    private String output() {
        return said.toString(StandardCharsets.UTF_8);
    }

    private String errors() {
        return complained.toString(StandardCharsets.UTF_8);
    }

    private void assumeUsable() {
        int code = run("--profile", "build", "--", "/bin/true");
        if (System.getenv("CI") != null) assertEquals(0, code, errors());
        else assumeFalse(code == 125, errors());
    }

    @Test
    void a_command_runs_in_the_workspace_with_its_streams_and_its_code() {
        assumeUsable();
        assertEquals(7, run("--profile", "build", "--", "/bin/sh", "-c", "cat; echo x >here; pwd; exit 7"));
        assertEquals("from outside\n" + workspace + "\n", output());
        assertEquals("", errors());
        assertTrue(Files.exists(workspace.resolve("here")));
        assertFalse(Files.exists(workspace.resolve(".git")));
    }

    @Test
    void what_a_limit_ended_and_what_was_left_behind_is_told() throws Exception {
        assumeUsable();
        Path profiles = Files.writeString(directory.resolve("mine.yaml"), """
                apiVersion: guardrail/v1
                kind: Sandbox
                metadata: {name: mine}
                fs: {read: [/usr], write: [{path: .}]}
                limits: {output: 1KiB}
                ---
                apiVersion: guardrail/v1
                kind: Sandbox
                metadata: {name: short}
                fs: {read: [/usr]}
                limits: {wall: 500ms}
                """);
        String[] mine = {"--policies", profiles.toString(), "--profile", "mine", "--"};
        assertEquals(124, run("--policies", profiles.toString(), "--profile", "short", "--", "sleep", "600"));
        assertTrue(errors().contains("longer than `wall` of `short`"), errors());
        assertEquals(124, run(with(mine, "yes")));
        assertTrue(errors().contains("more than `output` of `mine`; its output is cut there"), errors());
        assertEquals(1024, output().length());
        assertEquals(123, run(with(mine, "ln", "-s", "/etc/passwd", "out")));
        assertTrue(errors().contains("is a link that leads out"), errors());
        assertEquals(0, run(with(mine, "ln", "-s", "here", "in")), errors());
    }

    private static String[] with(String[] options, String... command) {
        var words = new ArrayList<>(List.of(options));
        words.addAll(List.of(command));
        return words.toArray(String[]::new);
    }

    @Test
    void what_is_not_there_is_refused_with_words() throws Exception {
        assertEquals(125, run("--profile", "biuld", "--", "true"));
        assertTrue(errors().contains("there is no profile `biuld`; there are build, git, node"), errors());
        Path broken = Files.writeString(
                directory.resolve("proxy.yaml"),
                "apiVersion: guardrail/v1\nkind: Sandbox\nmetadata: {name: far}\nnet: {mode: proxy}\n");
        assertEquals(125, run("--policies", broken.toString(), "--profile", "far", "--", "true"));
        assertTrue(errors().contains("the profiles have errors"), errors());
        assertEquals(2, run("--", "true"));
        assertEquals(2, run("--profile", "strict"));
    }

    @Test
    void a_profile_that_the_command_could_write_is_refused() throws Exception {
        Path own = Files.writeString(
                workspace.resolve("mine.yaml"),
                "apiVersion: guardrail/v1\nkind: Sandbox\nmetadata: {name: mine}\nfs: {read: [/usr], write: [{path: .}]}\n");
        assertEquals(125, run("--policies", own.toString(), "--profile", "mine", "--", "true"));
        assertTrue(errors().contains("lies where the command may write"), errors());
    }
}
