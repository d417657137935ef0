package dev.guardrail.server.runner.git;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.call.PathFact;
import dev.guardrail.call.PathFacts;
import dev.guardrail.undo.Compensator.Look;
import dev.guardrail.undo.Compensator.Restored;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is put back of a git repository, what is not, and when nothing is.
final class RepositoriesSpec {
    @TempDir
    private Path directory;

    private RepositoryRig rig;

    @BeforeEach
    void begin() throws Exception {
        assumeTrue(RepositoryRig.hasGit(), "no git on this machine");
        rig = new RepositoryRig(directory);
        rig.commit("a.txt", "one\n");
    }

    private Path file(String path) {
        return rig.tree().resolve(path);
    }

    @Test
    void a_machine_without_git_says_so() throws Exception {
        var none = new Repositories(directory, "/nonexistent:relative", new Random(1));
        assertEquals(new Look.Unfit("this machine has no `git`"), none.look(rig.target(), rig.facts()));
        assertInstanceOf(Look.Seen.class, rig.repositories().look(rig.target(), rig.facts()));
    }

    @Test
    void looking_changes_nothing_and_what_git_remembers_of_files_is_no_part_of_it() throws Exception {
        byte[] index = Files.readAllBytes(file(".git/index"));
        var before = rig.look();
        assertEquals(index.length, Files.readAllBytes(file(".git/index")).length);
        assertEquals(List.of(rig.tree().toString()), before.touches());

        rig.git("update-index", "--index-version", "4");
        assertFalse(Arrays.equals(index, Files.readAllBytes(file(".git/index"))), "git remembers otherwise");
        assertEquals(before, rig.look());

        rig.write("a.txt", "two\n");
        assertNotEquals(before.version(), rig.look().version());
    }

    @Test
    void what_somebody_changed_since_is_left_alone() throws Exception {
        var before = rig.look();
        rig.commit("a.txt", "two\n");
        var after = rig.look();
        rig.write("other.txt", "somebody else's");
        var all = rig.all();

        assertEquals(new Restored.Changed(), rig.restore(before, after));
        assertEquals(all, rig.all());
        assertFalse(Files.exists(file(".git/index.lock")));

        Files.delete(file("other.txt"));
        assertEquals(new Restored.Done(), rig.restore(before, after));
        assertEquals("one\n", Files.readString(file("a.txt")));
    }

    @Test
    void putting_back_twice_is_harmless() throws Exception {
        var before = rig.look();
        rig.commit("a.txt", "two\n");
        var after = rig.look();
        assertEquals(new Restored.Done(), rig.restore(before, after));
        assertEquals(new Restored.Done(), rig.restore(before, after));
        assertEquals(before, rig.look());
    }

    @Test
    void nothing_is_put_back_beside_another_command_but_beside_a_crash_of_ours() throws Exception {
        var before = rig.look();
        rig.commit("a.txt", "two\n");
        var after = rig.look();
        Files.writeString(file(".git/index.lock"), "");
        assertEquals("another git command is at work in it", rig.unfit());
        assertEquals(new Restored.Refused("another git command is at work in it"), rig.restore(before, after));
        assertEquals("two\n", Files.readString(file("a.txt")));

        Files.write(file(".git/index.lock"), Repository.OURS);
        assertEquals(new Restored.Done(), rig.restore(before, after));
        assertEquals("one\n", Files.readString(file("a.txt")));
        assertFalse(Files.exists(file(".git/index.lock")));
    }

    @Test
    void what_was_neither_committed_nor_staged_comes_back_with_its_permissions() throws Exception {
        rig.write("note.txt", "not added");
        byte[] bytes = {0, (byte) 0xff, (byte) 0xfe, 1};
        Files.write(file("image.bin"), bytes);
        Files.setPosixFilePermissions(file("image.bin"), PosixFilePermissions.fromString("rw-r-----"));
        Files.createDirectories(file("empty/inner"));
        var before = rig.look();
        assertTrue(before.state().toString().contains("not added"), "secrets would be found");
        var all = rig.all();
        rig.git("clean", "-fdq");
        assertFalse(Files.exists(file("note.txt")));
        assertEquals(new Restored.Done(), rig.restore(before, rig.look()));
        assertEquals(all, rig.all());
        assertEquals(List.of("inner"), List.of(file("empty").toFile().list()));
    }

    @Test
    void files_were_changed_when_they_were() throws Exception {
        Files.setLastModifiedTime(file("a.txt"), FileTime.from(Instant.parse("2020-01-01T00:00:00.123456789Z")));
        var before = rig.look();
        rig.commit("a.txt", "two\n");
        assertEquals(new Restored.Done(), rig.restore(before, rig.look()));
        assertEquals(
                Instant.parse("2020-01-01T00:00:00.123456789Z"),
                Files.getLastModifiedTime(file("a.txt")).toInstant());
        Files.setLastModifiedTime(file("a.txt"), FileTime.from(Instant.EPOCH));
        assertEquals(new Restored.Done(), rig.restore(before, rig.look()));
        assertEquals(before, rig.look());
        assertEquals("", rig.git("status", "--porcelain"));
    }

    @Test
    void too_much_that_is_neither_committed_nor_staged_is_not_kept() throws Exception {
        rig.write("large.txt", "x".repeat(601 * 1024));
        assertTrue(rig.unfit().contains("neither committed nor staged"));
        rig.git("add", "-A");
        rig.look();
    }

    @Test
    void all_of_the_stash_comes_back() throws Exception {
        for (String content : List.of("two\n", "three\n", "four\n")) {
            rig.write("a.txt", content);
            rig.git("stash", "push", "-q", "-m", content.strip());
        }
        var before = rig.look();
        String list = rig.git("stash", "list");
        assertEquals(3, list.lines().count());
        rig.git("stash", "drop", "-q", "stash@{1}");
        var dropped = rig.look();
        assertNotEquals(before.version(), dropped.version());
        rig.git("stash", "clear");
        assertEquals("", rig.git("stash", "list"));
        assertEquals(new Restored.Done(), rig.restore(dropped, rig.look()));
        assertEquals(new Restored.Done(), rig.restore(before, dropped));
        assertEquals(list, rig.git("stash", "list"));
        rig.git("stash", "pop", "-q", "stash@{1}");
        assertEquals("three\n", Files.readString(file("a.txt")));
    }

    @Test
    void a_merge_goes_on_where_it_was() throws Exception {
        rig.git("checkout", "-q", "-b", "other");
        rig.commit("a.txt", "theirs\n");
        rig.git("checkout", "-q", "main");
        rig.commit("a.txt", "ours\n");
        rig.git("merge", "other");
        var merging = rig.look();
        var all = rig.all();
        assertTrue(all.get("status").contains("UU a.txt"), all::toString);
        rig.git("merge", "--abort");
        assertEquals(new Restored.Done(), rig.restore(merging, rig.look()));
        assertEquals(all, rig.all());
        rig.write("a.txt", "both\n");
        rig.git("commit", "-qam", "merged");
        assertEquals(3, rig.git("rev-list", "--parents", "-1", "HEAD").split(" ").length);
    }

    @Test
    void names_that_were_directories_come_back() throws Exception {
        rig.git("branch", "topic");
        var before = rig.look();
        var all = rig.all();
        rig.git("branch", "-D", "topic");
        rig.git("branch", "topic/one");
        assertEquals(new Restored.Done(), rig.restore(before, rig.look()));
        assertEquals(all, rig.all());
    }

    @Test
    void what_the_repository_lost_is_not_put_back_in_part() throws Exception {
        rig.git("checkout", "-q", "-b", "other");
        rig.commit("a.txt", "other\n");
        rig.git("checkout", "-q", "main");
        var before = rig.look();
        rig.git("branch", "-D", "other");
        rig.git("reflog", "expire", "--expire=now", "--all");
        rig.git("gc", "-q", "--prune=now");
        var after = rig.look();
        assertEquals(
                new Restored.Refused("what was there is not in the repository any more"), rig.restore(before, after));
        assertEquals(after, rig.look());
    }

    @Test
    void ignored_files_stay_and_are_never_overwritten() throws Exception {
        rig.write("out.log", "first");
        var before = rig.look();
        rig.commit(".gitignore", "*.log\n");
        rig.git("rm", "-q", "--cached", "out.log");
        var after = rig.look();
        rig.write("out.log", "second");
        assertEquals(after, rig.look(), "an ignored file is no part of it");
        assertEquals(
                new Restored.Refused("`out.log` is ignored now and holds something else"), rig.restore(before, after));
        assertEquals("second", Files.readString(file("out.log")));

        rig.write("out.log", "first");
        rig.write("new.log", "built meanwhile");
        assertEquals(new Restored.Refused("`new.log` was not ignored before, but is now"), rig.restore(before, after));
        Files.delete(file("new.log"));
        assertEquals(new Restored.Done(), rig.restore(before, after));
    }

    @Test
    void ignored_files_belong_to_it_where_the_target_says_so() throws Exception {
        rig.commit(".gitignore", "*.log\n");
        rig.write("out.log", "built");
        JsonObject all =
                JsonObject.with("repository", "repo").with("ignored", true).build();
        var before = rig.look(all);
        var without = rig.look();
        rig.git("clean", "-fdxq");
        assertFalse(Files.exists(file("out.log")));
        assertEquals(without, rig.look());
        var restored =
                rig.repositories().restore(all, before.state(), rig.look(all).version(), RepositoryRig.BY, rig.facts());
        assertEquals(new Restored.Done(), restored);
        assertEquals("built", Files.readString(file("out.log")));
    }

    @Test
    void nothing_that_a_repository_says_runs_a_program() throws Exception {
        Path ran = directory.resolve("ran");
        Path program = Files.writeString(directory.resolve("program.sh"), "#!/bin/sh\ntouch '" + ran + "'\ncat\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        for (String hook : List.of("reference-transaction", "post-index-change", "post-checkout"))
            Files.copy(program, file(".git/hooks/" + hook));
        rig.git("config", "core.fsmonitor", program.toString());
        rig.git("config", "filter.odd.clean", program.toString());
        rig.git("config", "filter.odd.smudge", program.toString());
        rig.git("config", "core.pager", program.toString());
        rig.write(".gitattributes", "* filter=odd\n");
        var before = rig.look();
        rig.git("commit", "-q", "--allow-empty", "-m", "hooks of git itself run");
        assertTrue(Files.deleteIfExists(ran), "they can run");
        rig.write("a.txt", "two\n");
        assertEquals(new Restored.Done(), rig.restore(before, rig.look()));
        assertFalse(Files.exists(ran));
        assertEquals("one\n", Files.readString(file("a.txt")));
    }

    @Test
    void links_lead_nobody_out() throws Exception {
        Path outside = Files.createDirectory(directory.resolve("outside"));
        Files.writeString(outside.resolve("b.txt"), "outside");
        rig.commit("src/b.txt", "inside\n");
        var before = rig.look();
        Files.delete(file("src/b.txt"));
        Files.delete(file("src"));
        Files.createSymbolicLink(file("src"), outside);
        var after = rig.look();
        assertFalse(after.state().toString().contains("\"outside\"}"), after.state()::toString);
        assertEquals(new Restored.Done(), rig.restore(before, after));
        assertEquals("outside", Files.readString(outside.resolve("b.txt")));
        assertEquals("inside\n", Files.readString(file("src/b.txt")));
    }

    @Test
    void other_repositories_within_and_settings_not_understood_are_not_put_back() throws Exception {
        Files.createDirectories(file("vendor/.git"));
        assertEquals("another repository lies in it: `vendor/`", rig.unfit());
        Files.delete(file("vendor/.git"));
        Files.delete(file("vendor"));
        rig.git("config", "remote.origin.promisor", "true");
        assertEquals("its configuration has `remote.origin.promisor`", rig.unfit());
        rig.git("config", "--unset", "remote.origin.promisor");
        rig.git("update-index", "--add", "--cacheinfo", "160000," + "1".repeat(40) + ",sub");
        assertEquals("it has submodules", rig.unfit());
        rig.git("update-index", "--force-remove", "sub");
        rig.git("update-index", "--split-index");
        assertEquals("its index is split or sparse", rig.unfit());
        rig.git("update-index", "--no-split-index");
        rig.look();
    }

    @Test
    void a_directory_in_a_work_tree_stands_for_it_and_one_without_is_refused() throws Exception {
        Files.createDirectories(file("src/deep"));
        var fact = new PathFact(file("src/deep").toString(), rig.root().toString(), Optional.empty());
        var facts = new PathFacts(Map.of("repo", fact));
        assertEquals(rig.look(), rig.repositories().look(rig.target(), facts));
        assertEquals(
                new Look.Unfit("there is no repository below the root"),
                rig.repositories()
                        .look(
                                rig.target(),
                                new PathFacts(Map.of(
                                        "repo",
                                        new PathFact(
                                                rig.root().toString(),
                                                rig.root().toString(),
                                                Optional.empty())))));
        assertEquals(
                new Look.Unfit("the repository's path cannot be resolved"),
                rig.repositories().look(rig.target(), PathFacts.NONE));
    }

    @Test
    void a_state_that_is_none_is_refused() throws Exception {
        var now = rig.look();
        var state = JsonObject.with("format", "SHA1").with("head", "A").build();
        assertEquals(
                new Restored.Refused("what was kept of it cannot be read"),
                rig.repositories().restore(rig.target(), state, now.version(), RepositoryRig.BY, rig.facts()));
        assertEquals(now, rig.look());
    }

    @Test
    void objects_named_by_sha256_are_as_good() throws Exception {
        rig.git("init", "-q", "--object-format=sha256", "../new");
        var other = rig.root().resolve("new");
        Files.writeString(other.resolve("a.txt"), "one\n");
        rig.git("-C", other.toString(), "add", "-A");
        rig.git("-C", other.toString(), "commit", "-qm", "one");
        var fact = new PathFact(other.toString(), rig.root().toString(), Optional.empty());
        var facts = new PathFacts(Map.of("repo", fact));
        var before = assertInstanceOf(Look.Seen.class, rig.repositories().look(rig.target(), facts));
        rig.git("-C", other.toString(), "rm", "-q", "a.txt");
        rig.git("-C", other.toString(), "commit", "-qm", "two");
        var after = assertInstanceOf(Look.Seen.class, rig.repositories().look(rig.target(), facts));
        assertEquals(
                new Restored.Done(),
                rig.repositories().restore(rig.target(), before.state(), after.version(), RepositoryRig.BY, facts));
        assertEquals("one\n", Files.readString(other.resolve("a.txt")));
        assertEquals("", rig.git("-C", other.toString(), "status", "--porcelain"));
    }
}
