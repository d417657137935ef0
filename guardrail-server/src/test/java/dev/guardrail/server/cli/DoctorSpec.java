package dev.guardrail.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.security.auth.module.UnixSystem;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
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

/// `doctor`: what holds, what would fail, and why.
@ResourceLock(Resources.SYSTEM_OUT)
@Timeout(120)
final class DoctorSpec {
    private static final int OWNER = 1_879_048_000;

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    private Path directory;

    @SuppressWarnings("NullAway.Init") // set before each
    private Path workspace;

    private final ByteArrayOutputStream said = new ByteArrayOutputStream();

    @BeforeEach
    void prepare() throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x--x"));
        workspace = Files.createDirectory(directory.resolve("work"));
        if (isRoot()) for (String owner : List.of("unix:uid", "unix:gid")) Files.setAttribute(workspace, owner, OWNER);
    }

    private static boolean isRoot() {
        return new UnixSystem().getUid() == 0;
    }

    private int doctor(String... arguments) {
        PrintStream out = System.out;
        said.reset();
        var words = new ArrayList<>(
                List.of("doctor", "--state", directory.resolve("state").toString()));
        words.addAll(List.of(arguments));
        System.setOut(new PrintStream(said, true, StandardCharsets.UTF_8));
        try {
            return new CommandLine(Guardrail.command()).execute(words.toArray(String[]::new));
        } finally {
            System.setOut(out);
        }
    }

    private String said() {
        return said.toString(StandardCharsets.UTF_8);
    }

    /// A configuration whose only rule has commands run under a profile of its own.
    private Path configured(String require) throws IOException {
        Path policies = Files.createDirectories(directory.resolve("policies"));
        Files.writeString(policies.resolve("rules.yaml"), """
                apiVersion: guardrail/v1
                kind: Policy
                metadata: {name: shell, owner: ops}
                rules:
                  - id: run-commands
                    match: {tools: [workspace.shell_exec]}
                    effect: allow
                    sandbox: own
                ---
                apiVersion: guardrail/v1
                kind: Sandbox
                metadata: {name: own}
                fs: {read: [/usr], write: [{path: .}]}
                require: %s
                """.formatted(require));
        Path file = directory.resolve("guardrail.yaml");
        Files.writeString(file, """
                listen: 127.0.0.1:0
                data: ./data
                policies: [./policies]
                servers:
                  workspace: {builtin: workspace, root: %s}
                agents:
                  - {name: coder, key: {file: key}}
                """.formatted(workspace));
        Files.writeString(directory.resolve("key"), "k".repeat(40));
        Files.setPosixFilePermissions(directory.resolve("key"), PosixFilePermissions.fromString("rw-------"));
        return file;
    }

    private void assumeConfined() {
        doctor();
        boolean confined = said().contains("✓ sandbox: bubblewrap, proven: files, ")
                || said().contains("✓ sandbox: bubblewrap, proven: pidns, ");
        if (System.getenv("CI") != null) assertTrue(confined, said());
        else assumeTrue(confined, said());
    }

    @Test
    void what_holds_is_told() throws IOException {
        assumeConfined();
        int code = doctor("--config", configured("[pidns]").toString());
        assertEquals(0, code, said());
        assertTrue(said().contains("✓ policies: read without an error"), said());
        assertTrue(said().contains("✓ workspace `" + workspace + "`: own"), said());
        assertFalse(said().contains("✗"), said());
    }

    @Test
    void a_workspace_that_nothing_may_run_in_would_fail() throws IOException {
        assumeConfined();
        assumeTrue(isRoot(), "whose workspaces may be root's");
        Path file = configured("[pidns]");
        Files.setAttribute(workspace, "unix:uid", 0);
        assertEquals(1, doctor("--config", file.toString()), said());
        assertTrue(said().contains("✗ workspace `" + workspace + "`: own: "), said());
        assertTrue(said().contains("chown"), said());
    }

    @Test
    void faults_of_configuration_and_policies_would_fail() throws IOException {
        Path file = configured("[telepathy]");
        assertEquals(1, doctor("--config", file.toString()), said());
        assertTrue(said().contains("✗ policies: "), said());
        Files.writeString(file, "listen: nowhere\n");
        assertEquals(1, doctor("--config", file.toString()), said());
        assertTrue(said().contains("✗ configuration: "), said());
    }

    @Test
    void every_profile_is_held_against_a_named_workspace() {
        assumeConfined();
        doctor("--workspace", workspace.toString(), "--json");
        assertTrue(said().lines().allMatch(line -> line.startsWith("{\"")), said());
        assertTrue(said().contains("build, git, node, python, stdio-server"), said());
    }
}
