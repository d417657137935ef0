package dev.guardrail.server.runner.git;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.guardrail.undo.Compensator.Look;
import dev.guardrail.undo.Compensator.Restored;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.io.TempDir;

/// Whatever is done with git in a repository, putting back in reverse leads through every state it was in. The
/// repetition is the seed.
final class RepositoriesLaws {
    private static final int OPERATIONS = 20;
    private static final List<String> NAMES =
            List.of("a.txt", "b.txt", "src/a.txt", "src/deep/b.txt", "src", "lib/ü c.txt", "run.sh", "build/out.log");
    private static final List<String> MODES = List.of("rw-r--r--", "rwxr-xr-x", "rw-------", "rwx------", "rw-rw-r--");

    @TempDir
    private Path directory;

    private record Moment(Look.Seen seen, Map<String, String> all) {}

    @BeforeEach
    void needsGit() {
        assumeTrue(RepositoryRig.hasGit(), "no git on this machine");
    }

    @RepeatedTest(50)
    void every_state_of_a_session_comes_back_in_reverse(RepetitionInfo repetition) throws Exception {
        int seed = repetition.getCurrentRepetition();
        var rig = new RepositoryRig(directory);
        var session = new Session(rig, new Random(seed));
        if (seed % 5 != 0) session.prepare();
        var moments = new ArrayDeque<Moment>();
        moments.push(new Moment(rig.look(), rig.all()));
        while (moments.size() <= OPERATIONS) {
            assertTrue(session.done.size() < 600, () -> "seed " + seed + " changes nothing: " + session.done);
            session.step();
            Look.Seen seen = rig.look();
            if (seen.version().equals(moments.element().seen().version())) continue;
            session.done.add("= state " + moments.size());
            moments.push(new Moment(seen, rig.all()));
        }
        Moment now = moments.pop();
        while (!moments.isEmpty()) {
            Moment then = moments.pop();
            var done = rig.restore(then.seen(), now.seen());
            String where = "seed " + seed + ", back to state " + moments.size() + ": ";
            assertEquals(new Restored.Done(), done, () -> where + session.done);
            Map<String, String> all = rig.all();
            then.all()
                    .forEach((what, was) -> assertEquals(was, all.get(what), () -> where + what + " " + session.done));
            now = then;
        }
    }

    /// What agents and people do.
    private static final class Session {
        private final RepositoryRig rig;
        private final Random random;
        private final List<String> done = new ArrayList<>();

        private Session(RepositoryRig rig, Random random) {
            this.rig = rig;
            this.random = random;
        }

        /// Two branches that differ, and one that merges with neither.
        private void prepare() throws IOException, InterruptedException {
            rig.commit("a.txt", "begin\n");
            rig.commit("src/deep/b.txt", "deep\n");
            for (int branch = 0; branch < 2; branch++) {
                git("checkout", "-q", "-b", "branch" + branch, "main");
                rig.commit("a.txt", "begin\nbranch " + branch + "\n");
                rig.commit("lib/ü c.txt", "branch\n");
            }
            git("checkout", "-q", "main");
            done.clear();
        }

        private void step() throws IOException, InterruptedException {
            switch (random.nextInt(24)) {
                case 0, 1, 2, 3 -> edit();
                case 4, 5 -> git("add", "-A");
                case 6 -> git("add", "-f", "--", name());
                case 7, 8, 9 -> {
                    edit();
                    git("add", "-A");
                    git("commit", "-qm", "commit " + done.size());
                }
                case 10 -> git("branch", "branch" + random.nextInt(4));
                case 11 -> git("checkout", "-q", "-b", "topic/" + done.size());
                case 12 -> git("checkout", "-q", pick("main", "branch0", "branch1", "HEAD~1", "HEAD"));
                case 13 -> git("reset", "-q", pick("--hard", "--mixed", "--soft"), pick("HEAD", "HEAD~1", "ORIG_HEAD"));
                case 14 -> git("merge", "-q", "-m", "merge", pick("main", "branch0", "branch1", "branch2"));
                case 15 -> git(pick("tag", "tag", "update-ref"), "v" + random.nextInt(5));
                case 16 -> git("rm", "-rqf", "--", name());
                case 17 -> git("mv", "-f", name(), name());
                case 18 -> git("stash", pick("push", "push", "pop", "drop", "apply"), pick("-q", "--quiet"));
                case 19 -> git("stash", "push", "-q", "--include-untracked");
                case 20 -> git("clean", "-fdq");
                case 21 -> git(pick("cherry-pick", "revert", "rebase"), pick("branch0", "branch1", "HEAD", "HEAD~1"));
                case 22 -> git("branch", "-D", "branch" + random.nextInt(4));
                case 23 -> odd();
                default -> throw new AssertionError();
            }
        }

        /// Things that are rarer.
        private void odd() throws IOException, InterruptedException {
            switch (random.nextInt(8)) {
                case 0 -> rig.write(".gitignore", pick("*.log\n", "build/\n", "src/\n", ""));
                case 1 -> git("add", "-N", "--", name());
                case 2 -> git("update-index", pick("--assume-unchanged", "--skip-worktree"), name());
                case 3 -> Files.createDirectories(rig.tree().resolve("empty/" + random.nextInt(2)));
                case 4 -> git("commit", "-q", "--amend", "--allow-empty", "-m", "amended");
                case 5 -> git("update-index", "--index-version", pick("2", "3", "4"));
                case 6 -> git("merge", "--abort");
                case 7 -> git("checkout", "-q", "--orphan", "orphan" + done.size());
                default -> throw new AssertionError();
            }
        }

        /// Nothing that is ignored, which is not put back.
        private void edit() throws IOException, InterruptedException {
            String name = name();
            if (!rig.git("check-ignore", name).isEmpty()) return;
            Path file = rig.tree().resolve(name);
            done.add("edit " + file.getFileName());
            for (Path up = file.getParent(); !up.equals(rig.tree()); up = up.getParent())
                if (Files.isRegularFile(up, LinkOption.NOFOLLOW_LINKS)) Files.delete(up);
            if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) file = file.resolve("inner.txt");
            Files.createDirectories(file.getParent());
            int kind = random.nextInt(10);
            if (kind < 2 || Files.isSymbolicLink(file)) Files.deleteIfExists(file);
            if (kind == 2) {
                Files.deleteIfExists(file);
                Files.createSymbolicLink(file, Path.of(name()));
            } else if (kind > 2 && !Files.isDirectory(file)) {
                byte[] bytes = new byte[random.nextInt(200)];
                random.nextBytes(bytes);
                if (kind > 4)
                    bytes = ("line " + random.nextInt(5) + "\nü\n").getBytes(java.nio.charset.StandardCharsets.UTF_8);
                Files.write(file, bytes);
                if (random.nextInt(3) == 0)
                    Files.setPosixFilePermissions(
                            file, PosixFilePermissions.fromString(pick(MODES.toArray(String[]::new))));
            }
        }

        private void git(String... arguments) throws IOException, InterruptedException {
            String said = rig.git(arguments);
            done.add("git " + String.join(" ", arguments)
                    + (said.contains("fatal") || said.contains("error") ? " (failed)" : ""));
        }

        private String name() {
            return NAMES.get(random.nextInt(NAMES.size()));
        }

        private String pick(String... from) {
            return from[random.nextInt(from.length)];
        }
    }
}
