package dev.guardrail.server.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.call.ToolDefinition;
import dev.guardrail.pipeline.Attendance;
import dev.guardrail.pipeline.Outcome;
import dev.guardrail.testing.Calls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkspaceSpec {
    @TempDir
    private Path directory;

    private WorkspaceRig rig;
    private Path root;
    private Path out;

    @BeforeEach
    void open() throws IOException {
        directory = directory.toRealPath();
        root = Files.createDirectories(directory.resolve("ws"));
        out = Files.createDirectories(directory.resolve("out"));
        Files.writeString(out.resolve("secret"), "secret");
        rig = new WorkspaceRig(root);
    }

    @AfterEach
    void close() throws IOException {
        rig.close();
    }

    @Test
    void a_file_is_written_and_read_again() throws IOException {
        assertEquals("Created, 7 bytes.", rig.does("fs_write", "path", "notes.txt", "content", "grüße"));
        assertEquals("grüße", rig.does("fs_read", "path", "notes.txt"));
        assertEquals("grüße", rig.does("fs_read", "path", root + "/notes.txt"));
        assertEquals("Replaced, 3 bytes.", rig.does("fs_write", "path", "notes.txt", "content", "new"));
        assertEquals("new", Files.readString(root.resolve("notes.txt")));
        assertEquals(List.of("notes.txt"), names(root));
    }

    private static List<String> names(Path directory) throws IOException {
        try (var entries = Files.list(directory)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void directories_on_the_way_are_made() throws IOException {
        rig.does("fs_write", "path", "a/b/c.txt", "content", "x");

        assertEquals("x", Files.readString(root.resolve("a/b/c.txt")));
        assertEquals(List.of("a"), names(root));
    }

    @Test
    void permissions_outlive_a_replacement() throws IOException {
        Files.writeString(root.resolve("run.sh"), "#!/bin/sh\n");
        var permissions = PosixFilePermissions.fromString("rwxr-x--x");
        Files.setPosixFilePermissions(root.resolve("run.sh"), permissions);

        rig.does("fs_write", "path", "run.sh", "content", "#!/bin/sh\ntrue\n");

        assertEquals(permissions, Files.getPosixFilePermissions(root.resolve("run.sh")));
    }

    @Test
    void a_directory_is_listed() throws IOException {
        Files.createDirectory(root.resolve("dir"));
        Files.writeString(root.resolve("file"), "12345");
        Files.createSymbolicLink(root.resolve("link"), out);

        assertEquals("dir/\nfile\nlink@\n", rig.does("fs_list", "path", "."));
        var answered = assertInstanceOf(Outcome.Answered.class, rig.run("fs_list", "path", "."));
        assertTrue(answered.result().toString().contains("{\"name\":\"file\",\"kind\":\"file\",\"bytes\":5}"));
        assertEquals("", rig.does("fs_list", "path", "dir"));
    }

    @Test
    void files_and_empty_directories_are_removed() throws IOException {
        Files.createDirectories(root.resolve("full/empty"));
        Files.writeString(root.resolve("file"), "x");

        rig.does("fs_delete", "path", "file");
        assertTrue(rig.refuses("fs_delete", "path", "full").contains("not empty"));
        rig.does("fs_delete", "path", "full/empty");
        rig.does("fs_delete", "path", "full");

        assertEquals(List.of(), names(root));
        assertTrue(rig.refuses("fs_delete", "path", ".").contains("root"));
    }

    @Test
    void files_are_moved_but_never_over_another() throws IOException {
        Files.writeString(root.resolve("a"), "a");
        Files.writeString(root.resolve("b"), "b");

        assertTrue(rig.refuses("fs_move", "from", "a", "to", "b").contains("exists"));
        assertEquals("b", Files.readString(root.resolve("b")));
        rig.does("fs_move", "from", "a", "to", "deep/er/c");
        assertEquals("a", Files.readString(root.resolve("deep/er/c")));
        assertTrue(rig.refuses("fs_move", "from", "a", "to", "z").contains("does not exist"));
    }

    @Test
    void nothing_leads_out() throws IOException {
        Files.createSymbolicLink(root.resolve("link"), out);
        Files.createSymbolicLink(root.resolve("file-link"), out.resolve("secret"));

        for (String path : List.of(
                "../out/secret", out + "/secret", "link/secret", "file-link", "x/../../out/secret", "/etc/passwd")) {
            assertTrue(rig.refuses("fs_read", "path", path).contains("leads out"), path);
            assertTrue(rig.refuses("fs_write", "path", path, "content", "x").contains("leads out"), path);
            assertTrue(rig.refuses("fs_delete", "path", path).contains("leads out"), path);
            assertTrue(rig.refuses("fs_move", "from", path, "to", "y").contains("leads out"), path);
            assertTrue(rig.refuses("fs_move", "from", "link", "to", path).contains("leads out"), path);
        }
        assertTrue(rig.refuses("fs_list", "path", "link").contains("leads out"));
        assertTrue(rig.refuses("fs_list", "path", "..").contains("leads out"));
        assertEquals("secret", Files.readString(out.resolve("secret")));
        assertEquals(List.of("secret"), names(out));
    }

    @Test
    void a_link_that_stays_inside_is_its_target() throws IOException {
        Files.createDirectory(root.resolve("src"));
        Files.createSymbolicLink(root.resolve("alias"), Path.of("src"));

        rig.does("fs_write", "path", "alias/a", "content", "x");

        assertEquals("x", Files.readString(root.resolve("src/a")));
    }

    @Test
    void a_directory_that_became_a_link_after_the_decision_is_not_followed() throws IOException {
        Files.createDirectory(root.resolve("d"));
        Files.writeString(root.resolve("d/secret"), "harmless");
        var judged = rig.request("fs_read", "path", "d/secret");
        assertEquals("harmless", rig.text(rig.run(judged)));

        Files.delete(root.resolve("d/secret"));
        Files.delete(root.resolve("d"));
        Files.createSymbolicLink(root.resolve("d"), out);

        assertTrue(rig.text(rig.run(judged)).contains("no directory"));
    }

    @Test
    void a_file_that_became_a_link_after_the_decision_is_not_followed() throws IOException {
        Files.writeString(root.resolve("f"), "harmless");
        var read = rig.request("fs_read", "path", "f");
        var write = rig.request("fs_write", "path", "f", "content", "x");
        Files.delete(root.resolve("f"));
        Files.createSymbolicLink(root.resolve("f"), out.resolve("secret"));

        assertTrue(rig.text(rig.run(read)).contains("no regular file"));
        assertTrue(rig.text(rig.run(write)).contains("no regular file"));
        assertEquals("secret", Files.readString(out.resolve("secret")));
    }

    @Test
    void only_texts_of_bounded_size_are_read() throws IOException {
        Files.write(root.resolve("binary"), new byte[] {(byte) 0xC3, 0x28});
        Files.writeString(root.resolve("large"), "x".repeat(WorkspaceRig.FILE_BYTES + 1));
        Files.writeString(root.resolve("full"), "x".repeat(WorkspaceRig.FILE_BYTES));

        assertTrue(rig.refuses("fs_read", "path", "binary").contains("UTF-8"));
        assertTrue(rig.refuses("fs_read", "path", "large").contains("bytes"));
        assertEquals(
                WorkspaceRig.FILE_BYTES, rig.does("fs_read", "path", "full").length());
        assertTrue(rig.refuses("fs_read", "path", "none").contains("does not exist"));
        assertTrue(rig.refuses("fs_read", "path", ".").contains("root"));
        assertTrue(rig.refuses("fs_read", "path", "a\0b").contains("cannot be resolved"));
        assertTrue(rig.refuses("fs_read", "path", "b".repeat(300)).contains("cannot be resolved"));
    }

    @Test
    void a_pipe_is_not_waited_for() throws Exception {
        assertEquals(
                0,
                new ProcessBuilder("mkfifo", root.resolve("pipe").toString())
                        .start()
                        .waitFor());

        assertTrue(rig.refuses("fs_read", "path", "pipe").contains("no regular file"));
        assertTrue(rig.refuses("fs_read", "path", "pipe/x").contains("no directory"));
        assertTrue(rig.refuses("fs_list", "path", "pipe").contains("no directory"));
    }

    @Test
    void a_client_that_left_before_changes_nothing() throws IOException {
        var left = new Attendance(Optional.empty(), Duration.ofSeconds(5), CompletableFuture.completedFuture("closed"));

        var outcome = rig.run(rig.request("fs_write", "path", "x", "content", "x"), left);

        assertInstanceOf(Outcome.NotRun.class, outcome);
        assertEquals(List.of(), names(root));
    }

    @Test
    void the_tools_are_those_of_the_contract_and_no_more() {
        var names = WorkspaceTools.definitions().stream()
                .map(definition -> definition.text("name").orElseThrow())
                .toList();

        assertEquals(List.of("fs_read", "fs_write", "fs_list", "fs_delete", "fs_move", "shell_exec"), names);
        assertTrue(WorkspaceTools.NOT_BUILT.contains("http_fetch"));
        assertTrue(rig.refuses("shell_exec", "command", "id").contains("no such tool"));
    }

    @Test
    void their_schemas_hold() {
        var schemas = new JsonSchemas();
        var write = WorkspaceTools.definitions().get(1);
        var tool = Calls.tool("workspace.fs_write");
        var pinned = new ToolDefinition(
                tool.name(),
                write,
                write.object("inputSchema"),
                tool.effect(),
                tool.labels(),
                tool.taints(),
                false,
                false,
                tool.digest());

        assertEquals(
                Optional.empty(),
                schemas.violation(
                        pinned,
                        JsonObject.with("path", "a").with("content", "b").build()));
        assertTrue(
                schemas.violation(pinned, JsonObject.with("path", "a").build()).isPresent());
        assertFalse(schemas.violation(
                        pinned,
                        JsonObject.with("path", "a")
                                .with("content", "b")
                                .with("mode", "x")
                                .build())
                .isEmpty());
    }

    @Test
    void a_root_that_does_not_exist_is_no_workspace() {
        assertThrows(IOException.class, () -> new WorkspaceRig(directory.resolve("none")));
    }
}
