package dev.guardrail.server.runner;

import static dev.guardrail.server.runner.FilesRig.move;
import static dev.guardrail.server.runner.FilesRig.path;
import static dev.guardrail.server.runner.FilesRig.paths;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.undo.Compensator.Restored;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class FilesUndoSpec {
    private static final FileTime LONG_AGO = FileTime.from(Instant.parse("2001-02-03T04:05:06.123456789Z"));
    private static final Restored DONE = new Restored.Done();
    private static final Restored CHANGED = new Restored.Changed();

    @TempDir
    private Path directory;

    private Path root;
    private Path out;
    private FilesRig rig;

    @BeforeEach
    void open() throws IOException {
        directory = directory.toRealPath();
        root = Files.createDirectories(directory.resolve("ws"));
        out = Files.createDirectories(directory.resolve("out"));
        Files.writeString(out.resolve("f"), "outside");
        rig = new FilesRig(root);
    }

    @AfterEach
    void close() throws IOException {
        rig.close();
    }

    private Path file(String name, String text, String mode) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
        Files.setLastModifiedTime(file, LONG_AGO);
        return file;
    }

    @Test
    void a_file_that_was_overwritten_gets_bytes_mode_and_time_back() throws IOException {
        Path file = file("a.txt", "grüße\n\0\u0001", "rwxr-x--x");

        rig.undoes(path("a.txt"), () -> {
            Files.writeString(file, "new");
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        });

        assertEquals(LONG_AGO, Files.getLastModifiedTime(file));
    }

    @Test
    void a_file_is_told_by_an_absolute_path_too() throws IOException {
        Path file = file("a.txt", "old", "rw-r--r--");

        rig.undoes(path(file.toString()), () -> Files.writeString(file, "new"));
    }

    @Test
    void bytes_that_are_no_text_come_back() throws IOException {
        Path file = file("a.bin", "", "rw-r--r--");
        Files.write(file, new byte[] {(byte) 0xC3, 0x28, 0, 1});
        rig.undoes(path("a.bin"), () -> Files.writeString(file, "new"));

        Files.writeString(file, "a mark \uFFFD of what was no text");
        rig.undoes(path("a.bin"), () -> Files.delete(file));
    }

    @Test
    void text_is_kept_as_text_so_that_secrets_in_it_are_found() throws IOException {
        file("a.txt", "token=grün", "rw-r--r--");

        assertTrue(rig.sees(path("a.txt")).state().toString().contains("token=grün"));
    }

    @Test
    void a_mode_alone_comes_back() throws IOException {
        Path file = file("run.sh", "true", "rwxr-xr-x");

        rig.undoes(
                path("run.sh"),
                () -> Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--")));
    }

    @Test
    void a_file_that_was_removed_comes_back_also_an_empty_one() throws IOException {
        Path file = file("a.txt", "old", "r--------");
        rig.undoes(path("a.txt"), () -> Files.delete(file));

        Path empty = file("empty", "", "rw-rw-rw-");
        rig.undoes(path("empty"), () -> Files.delete(empty));
    }

    @Test
    void a_file_that_was_made_goes_with_the_directories_that_were_made_for_it() throws IOException {
        Files.createDirectory(root.resolve("there"));

        rig.undoes(path("there/a/b/new.txt"), () -> file("there/a/b/new.txt", "new", "rw-r--r--"));

        assertEquals(0, root.resolve("there").toFile().list().length);
    }

    @Test
    void a_directory_that_was_made_for_it_stays_where_somebody_uses_it() throws IOException {
        var before = rig.sees(path("a/b/new.txt"));
        file("a/b/new.txt", "new", "rw-r--r--");
        file("a/other.txt", "kept", "rw-r--r--");

        assertEquals(DONE, rig.restore(path("a/b/new.txt"), before, version(path("a/b/new.txt"))));

        assertEquals(Set.of("", "a", "a/other.txt"), rig.tree().keySet());
    }

    private String version(JsonObject target) throws IOException {
        return rig.sees(target).version();
    }

    @Test
    void an_empty_directory_comes_back_and_goes_again() throws IOException {
        Path empty = Files.createDirectory(root.resolve("empty"));
        Files.setPosixFilePermissions(empty, PosixFilePermissions.fromString("r-x--x---"));

        rig.undoes(path("empty"), () -> Files.delete(empty));
        rig.undoes(path("fresh"), () -> Files.createDirectory(root.resolve("fresh")));
    }

    @Test
    void what_was_replaced_by_another_kind_comes_back() throws IOException {
        Path place = file("place", "old", "rw-r--r--");
        rig.undoes(path("place"), () -> {
            Files.delete(place);
            Files.createDirectory(place);
        });

        Path empty = Files.createDirectory(root.resolve("empty"));
        rig.undoes(path("empty"), () -> {
            Files.delete(empty);
            Files.writeString(empty, "a file");
        });
    }

    @Test
    void a_link_comes_back_with_its_text_and_what_it_leads_to_is_left_alone() throws IOException {
        file("f", "target", "rw-r--r--");
        Path link = Files.createSymbolicLink(root.resolve("link"), Path.of("./f"));

        rig.undoes(path("link"), () -> Files.delete(link));
        rig.undoes(path("link"), () -> {
            Files.delete(link);
            Files.writeString(link, "no link any more");
        });
    }

    @Test
    void a_link_that_was_made_goes_and_what_it_leads_to_stays() throws IOException {
        file("f", "target", "rw-r--r--");

        rig.undoes(path("link"), () -> Files.createSymbolicLink(root.resolve("link"), Path.of("f")));

        assertEquals("target", Files.readString(root.resolve("f")));
    }

    @Test
    void what_is_written_through_links_is_put_back_where_they_lead() throws IOException {
        Path file = file("d/f", "target", "rw-r--r--");
        Files.createSymbolicLink(root.resolve("one"), Path.of("d/two"));
        Files.createSymbolicLink(root.resolve("d/two"), file);

        rig.undoes(path("one"), () -> Files.writeString(file, "through"));

        Files.delete(file);
        rig.undoes(path("one"), () -> Files.writeString(file, "made through a link that led to nothing"));
    }

    @Test
    void what_a_link_no_longer_leads_to_has_to_be_as_it_was() throws IOException {
        Path file = file("f", "target", "rw-r--r--");
        Path link = Files.createSymbolicLink(root.resolve("link"), Path.of("f"));
        var before = rig.sees(path("link"));
        Files.delete(link);
        Files.writeString(file, "changed meanwhile");

        assertEquals(CHANGED, rig.restore(path("link"), before, version(path("link"))));

        assertFalse(Files.exists(link, java.nio.file.LinkOption.NOFOLLOW_LINKS));
        assertEquals("changed meanwhile", Files.readString(file));
    }

    @Test
    void a_file_that_was_moved_goes_back_as_it_is() throws IOException {
        Path file = file("a", "moved", "rw-r-----");
        Object key = key(file);

        rig.undoes(move("a", "deep/er/b"), () -> {
            Files.createDirectories(root.resolve("deep/er"));
            Files.move(file, root.resolve("deep/er/b"));
        });

        assertEquals(key, key(file));
        assertEquals(Set.of("", "a"), rig.tree().keySet());
    }

    private static Object key(Path path) throws IOException {
        return Files.getAttribute(path, "unix:fileKey");
    }

    @Test
    void a_file_that_was_moved_over_another_gives_that_back() throws IOException {
        Path file = file("a", "moved", "rw-r-----");
        file("b", "lost", "rwx------");

        rig.undoes(move("a", "b"), () -> Files.move(file, root.resolve("b"), StandardCopyOption.REPLACE_EXISTING));
    }

    @Test
    void of_what_is_moved_nothing_is_kept_and_it_may_be_large_or_linked() throws IOException {
        Path file = file("a", "x".repeat(StateReader.KEPT + 1), "rw-r--r--");
        Files.createLink(root.resolve("same"), file);

        rig.undoes(move("a", "b"), () -> Files.move(file, root.resolve("b")));

        assertTrue(rig.sees(move("a", "b")).state().toString().length() < 1_000);
        assertTrue(Files.isSameFile(root.resolve("same"), file));
    }

    @Test
    void a_directory_that_was_moved_goes_back_with_all_that_is_in_it() throws IOException {
        file("d/f", "one", "rw-r--r--");
        file("d/deep/g", "two", "r--------");
        Files.createDirectory(root.resolve("d/empty"));
        Files.createSymbolicLink(root.resolve("d/link"), Path.of("/nowhere"));

        rig.undoes(move("d", "to/e"), () -> {
            Files.createDirectory(root.resolve("to"));
            Files.move(root.resolve("d"), root.resolve("to/e"));
        });
        rig.undoes(move("d/empty", "e"), () -> Files.move(root.resolve("d/empty"), root.resolve("e")));
    }

    @Test
    void a_directory_in_which_something_changed_does_not_go_back() throws IOException {
        file("d/f", "one", "rw-r--r--");
        var before = rig.sees(move("d", "e"));
        Files.move(root.resolve("d"), root.resolve("e"));
        String left = version(move("d", "e"));

        List<FilesRig.Deed> others = List.of(
                () -> Files.writeString(root.resolve("e/f"), "two"),
                () -> file("e/f", "One", "rw-r--r--"),
                () -> file("e/f", "one", "rw-rw-r--"),
                () -> Files.setLastModifiedTime(
                        root.resolve("e/f"), FileTime.from(LONG_AGO.toInstant().plusNanos(1))),
                () -> file("e/g", "", "rw-r--r--"),
                () -> Files.createDirectory(root.resolve("e/g")),
                () -> Files.createSymbolicLink(root.resolve("e/g"), Path.of("f")));
        for (FilesRig.Deed other : others) {
            other.run();
            var now = rig.tree();
            assertEquals(CHANGED, rig.restore(move("d", "e"), before, left));
            assertEquals(now, rig.tree());
            Files.deleteIfExists(root.resolve("e/g"));
            file("e/f", "one", "rw-r--r--");
        }

        assertEquals(DONE, rig.restore(move("d", "e"), before, left));
        assertEquals(Set.of("", "d", "d/f"), rig.tree().keySet());
    }

    @Test
    void a_move_that_was_no_rename_is_not_taken_back() throws IOException {
        file("d/f", "one", "rw-r--r--");
        var before = rig.sees(move("d", "e"));
        Files.delete(root.resolve("d/f"));
        Files.delete(root.resolve("d"));
        file("e/f", "a copy", "rw-r--r--");

        var refused =
                assertInstanceOf(Restored.Refused.class, rig.restore(move("d", "e"), before, version(move("d", "e"))));
        assertTrue(refused.why().contains("not where it was moved to"));
        assertEquals(Set.of("", "e", "e/f"), rig.tree().keySet());
    }

    @Test
    void several_paths_are_one_state() throws IOException {
        Path file = file("a", "old", "rw-r--r--");
        file("gone/b", "b", "rw-r--r--");

        rig.undoes(paths("a", "gone/b", "c/d/new"), () -> {
            Files.writeString(file, "new");
            Files.delete(root.resolve("gone/b"));
            file("c/d/new", "new", "rw-r--r--");
        });
    }

    @Test
    void nothing_is_put_back_over_what_somebody_changed_since() throws IOException {
        Path file = file("a", "old", "rw-r--r--");
        var before = rig.sees(path("a"));
        Files.writeString(file, "left by the call");
        Files.setLastModifiedTime(file, LONG_AGO);
        String left = version(path("a"));

        List<FilesRig.Deed> others = List.of(
                () -> Files.writeString(file, "by somebody else"),
                () -> Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxrwxrwx")),
                () -> Files.setLastModifiedTime(
                        file, FileTime.from(LONG_AGO.toInstant().plusNanos(1))),
                () -> Files.delete(file),
                () -> {
                    Files.delete(file);
                    Files.createSymbolicLink(file, Path.of("elsewhere"));
                });
        for (FilesRig.Deed other : others) {
            other.run();
            var now = rig.tree();
            assertEquals(CHANGED, rig.restore(path("a"), before, left));
            assertEquals(now, rig.tree());
            Files.deleteIfExists(file);
            file("a", "left by the call", "rw-r--r--");
        }

        assertEquals(DONE, rig.restore(path("a"), before, left));
        assertEquals("old", Files.readString(file));
    }

    @Test
    void putting_back_twice_is_harmless() throws IOException {
        Path file = file("a", "old", "rw-r--r--");
        var before = rig.sees(path("a"));
        Files.writeString(file, "new");
        String left = version(path("a"));

        assertEquals(DONE, rig.restore(path("a"), before, left));
        Object key = key(file);
        assertEquals(DONE, rig.restore(path("a"), before, left));
        assertEquals(key, key(file));
    }

    @Test
    void equal_states_have_equal_bytes_and_other_states_other_versions() throws IOException {
        file("a", "old", "rw-r--r--");
        var one = rig.sees(path("a"));
        Files.delete(root.resolve("a"));
        var none = rig.sees(path("a"));
        file("a", "old", "rw-r--r--");

        assertEquals(one, rig.sees(path("a")));
        assertEquals(one.state().toString(), rig.sees(path("a")).state().toString());
        assertNotEquals(one.version(), none.version());
    }

    @Test
    void it_touches_real_paths_and_the_directories_that_go_with_it() throws IOException {
        file("f", "x", "rw-r--r--");
        Files.createSymbolicLink(root.resolve("link"), Path.of("f"));

        assertEquals(
                List.of(root + "/f", root + "/link"), rig.sees(path("link")).touches());
        assertEquals(List.of(root + "/new"), rig.sees(path("new/er/file")).touches());
        assertEquals(List.of(root + "/f", root + "/g"), rig.sees(move("f", "g")).touches());
    }

    @Test
    void what_could_not_be_put_back_exactly_is_unfit() throws Exception {
        file("large", "x".repeat(StateReader.KEPT + 1), "rw-r--r--");
        file("control", "\u0001".repeat(StateReader.KEPT / 2), "rw-r--r--");
        file("full/f", "x", "rw-r--r--");
        Files.createLink(root.resolve("second"), file("first", "x", "rw-r--r--"));
        assertEquals(
                0,
                new ProcessBuilder("mkfifo", root.resolve("pipe").toString())
                        .start()
                        .waitFor());
        Files.setAttribute(file("setuid", "x", "rwxr-xr-x"), "unix:mode", 04755);

        assertTrue(rig.unfit(path("large")).contains("larger than 700 KiB"));
        assertTrue(rig.look(path("large")).toString().contains("TOO_LARGE"));
        assertTrue(rig.look(path("pipe")).toString().contains("UNFIT"));
        assertTrue(rig.unfit(path("control")).contains("larger than 700 KiB"));
        assertTrue(rig.unfit(path("full")).contains("not empty"));
        assertTrue(rig.unfit(path("first")).contains("more than one name"));
        assertTrue(rig.unfit(path("pipe")).contains("neither a file nor a directory"));
        assertTrue(rig.unfit(path("setuid")).contains("mode beyond"));
        assertTrue(rig.unfit(path("pipe/x")).contains("no directory"));
        assertTrue(rig.unfit(move("first", "full")).contains("not empty"));
        assertTrue(rig.unfit(path(".")).contains("root itself"));
        assertTrue(rig.unfit(path("a\0b")).contains("cannot be resolved"));
        assertTrue(rig.unfit(JsonObject.EMPTY).contains("names no path"));
    }

    @Test
    void what_cannot_be_read_is_unfit() throws IOException {
        assumeFalse("root".equals(System.getProperty("user.name")), "root reads everything");
        file("closed", "x", "---------");
        file("open", "x", "r--------");

        assertTrue(rig.unfit(path("closed")).contains("cannot be read"));
        assertFalse(rig.sees(path("open")).version().isEmpty());
    }

    @Test
    void who_it_belongs_to_comes_back_where_that_is_permitted() throws IOException {
        assumeTrue("root".equals(System.getProperty("user.name")), "only root gives files away");
        Path file = file("a", "x", "rw-r-----");
        Files.setAttribute(file, "unix:uid", 12_345);
        Files.setAttribute(file, "unix:gid", 54_321);

        rig.undoes(path("a"), () -> {
            Files.delete(file);
            Files.writeString(file, "of somebody else");
        });
    }

    @Test
    void nothing_leads_out() throws IOException {
        Files.createSymbolicLink(root.resolve("link"), out);
        Files.createSymbolicLink(root.resolve("file-link"), out.resolve("f"));

        for (String path : List.of("../out/f", out + "/f", "link/f", "file-link", "x/../../out/f", "/etc/passwd")) {
            assertTrue(rig.unfit(path(path)).contains("leads out"), path);
            assertTrue(rig.unfit(move(path, "a")).contains("leads out"), path);
            assertTrue(rig.unfit(move("a", path)).contains("leads out"), path);
        }
    }

    @Test
    void a_directory_that_became_a_link_after_the_decision_is_not_followed() throws IOException {
        file("d/f", "harmless", "rw-r--r--");
        var before = rig.sees(path("d/f"));
        Files.writeString(root.resolve("d/f"), "new");
        var judged = rig.facts(path("d/f"));
        String left = version(path("d/f"));
        Files.move(root.resolve("d"), root.resolve("aside"));
        Files.createSymbolicLink(root.resolve("d"), out);

        assertEquals(CHANGED, rig.restore(path("d/f"), before.state(), left, judged));

        assertEquals("outside", Files.readString(out.resolve("f")));
        Files.delete(root.resolve("d"));
        Files.move(root.resolve("aside"), root.resolve("d"));
        assertEquals(DONE, rig.restore(path("d/f"), before.state(), left, judged));
    }

    @Test
    void a_state_that_is_not_one_of_files_is_refused() throws IOException {
        Path file = file("a", "x", "rw-r--r--");
        String now = version(path("a"));

        for (JsonObject state : List.of(
                JsonObject.EMPTY,
                rig.sees(path("a")).state().set("places", new dev.guardrail.base.JsonArray(List.of(path("a")))),
                new FileStates(new java.util.TreeMap<>(java.util.Map.of("../out/f", new FileState.Absent(List.of()))))
                        .json()))
            assertInstanceOf(Restored.Refused.class, rig.restore(path("a"), state, now, rig.facts(path("a"))));
        assertEquals("x", Files.readString(file));
    }

    @Test
    void its_schema_takes_one_kind_of_target() {
        var schemas = new JsonSchemas();
        var tool = dev.guardrail.testing.Calls.tool("workspace.undo:look");
        var pinned = new dev.guardrail.call.ToolDefinition(
                tool.name(),
                JsonObject.EMPTY,
                Optional.of(rig.schema()),
                tool.effect(),
                tool.labels(),
                tool.taints(),
                false,
                false,
                tool.digest());

        for (JsonObject target : List.of(path("a"), paths("a", "b"), move("a", "b")))
            assertEquals(Optional.empty(), schemas.violation(pinned, target), target.toString());
        for (JsonObject target : List.of(
                JsonObject.EMPTY,
                JsonObject.with("from", "a").build(),
                move("a", "b").set("path", new dev.guardrail.base.JsonText("c")),
                JsonObject.with("file", "a").build()))
            assertTrue(schemas.violation(pinned, target).isPresent(), target.toString());
    }

    @Test
    void where_one_of_them_cannot_be_made_nothing_is_done_and_nothing_temporary_is_left() throws IOException {
        file("a", "new", "rw-r--r--");
        file("z", "new", "rw-r--r--");
        var target = paths("a", "d", "l", "z");
        var seen = rig.sees(target);
        var ours =
                ((FileState.Regular) FileStates.of(seen.state()).orElseThrow().at("a")).access();
        var nobodys = new FileState.Access("rw-r--r--", "nobody-of-this-name", ours.group());
        var before = rig.tree();

        assertInstanceOf(
                Restored.Refused.class, rig.restore(target, wanted(ours, nobodys), seen.version(), rig.facts(target)));
        assertEquals(before, rig.tree());
        assertEquals(DONE, rig.restore(target, wanted(ours, ours), seen.version(), rig.facts(target)));
        assertEquals(Set.of("", "a", "d", "l", "z"), rig.tree().keySet());
    }

    private static JsonObject wanted(FileState.Access ours, FileState.Access last) {
        var old = new FileState.Content.Text("old");
        var states = new java.util.TreeMap<String, FileState>();
        states.put("a", new FileState.Regular(ours, LONG_AGO.toInstant(), 3, old));
        states.put("d", new FileState.Directory(ours));
        states.put("l", new FileState.Link("a"));
        states.put("z", new FileState.Regular(last, LONG_AGO.toInstant(), 3, old));
        return new FileStates(states).json();
    }

    @Test
    void what_is_no_longer_fit_was_changed() throws IOException {
        Path place = Files.createDirectory(root.resolve("d"));
        var before = rig.sees(path("d"));
        Files.delete(place);
        String left = version(path("d"));
        file("d/f", "somebody's", "rw-r--r--");

        assertEquals(CHANGED, rig.restore(path("d"), before, left));
        assertEquals(Set.of("", "d", "d/f"), rig.tree().keySet());
    }
}
