package dev.guardrail.server.runner.git;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.guardrail.base.JsonObject;
import dev.guardrail.call.CallId;
import dev.guardrail.call.PathFact;
import dev.guardrail.call.PathFacts;
import dev.guardrail.undo.Compensator.Look;
import dev.guardrail.undo.Compensator.Restored;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/// A real repository, changed by the real `git`, and what reads it and puts it back.
final class RepositoryRig {
    static final CallId BY = new CallId("call_undo");
    private static final String PATH =
            Optional.ofNullable(System.getenv("PATH")).orElse("/usr/bin");

    private final Path root;
    private final Path tree;
    private final Repositories repositories;

    /// @param root an empty directory
    RepositoryRig(Path root) throws IOException, InterruptedException {
        this.root = root.toRealPath();
        this.tree = this.root.resolve("repo");
        this.repositories = new Repositories(root, PATH, new Random(1));
        Files.createDirectory(tree);
        git("init", "-q", "-b", "main");
    }

    static boolean hasGit() {
        return Git.find(PATH).isPresent();
    }

    Path tree() {
        return tree;
    }

    Path root() {
        return root;
    }

    Repositories repositories() {
        return repositories;
    }

    /// What a command said, whatever it ended with.
    String git(String... arguments) throws IOException, InterruptedException {
        var command = new ArrayList<String>(List.of("git"));
        command.addAll(List.of(arguments));
        var builder = new ProcessBuilder(command).directory(tree.toFile()).redirectErrorStream(true);
        builder.environment()
                .putAll(Map.of(
                        "GIT_CONFIG_NOSYSTEM", "1",
                        "GIT_CONFIG_GLOBAL", "/dev/null",
                        "GIT_AUTHOR_NAME", "somebody",
                        "GIT_AUTHOR_EMAIL", "somebody@localhost",
                        "GIT_COMMITTER_NAME", "somebody",
                        "GIT_COMMITTER_EMAIL", "somebody@localhost",
                        "GIT_EDITOR", "true",
                        "LC_ALL", "C.UTF-8"));
        Process process = builder.start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        if (!process.waitFor(60, TimeUnit.SECONDS)) throw new IOException("git hangs");
        return said;
    }

    Path write(String path, String content) throws IOException {
        Path file = tree.resolve(path);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, content);
    }

    void commit(String path, String content) throws IOException, InterruptedException {
        write(path, content);
        git("add", "-A");
        git("commit", "-qm", "write " + path);
    }

    JsonObject target() {
        return JsonObject.with("repository", "repo").build();
    }

    PathFacts facts() {
        return new PathFacts(Map.of("repo", new PathFact(tree.toString(), root.toString(), Optional.empty())));
    }

    Look.Seen look() throws IOException {
        return look(target());
    }

    Look.Seen look(JsonObject target) throws IOException {
        return assertInstanceOf(Look.Seen.class, repositories.look(target, facts()));
    }

    String unfit() throws IOException {
        return assertInstanceOf(Look.Unfit.class, repositories.look(target(), facts()))
                .why();
    }

    Restored restore(Look.Seen seen, Look.Seen expected) throws IOException {
        return repositories.restore(target(), seen.state(), expected.version(), BY, facts());
    }

    /// All that is to be the same again, told by git and by the file system.
    Map<String, String> all() throws IOException, InterruptedException {
        var all = new TreeMap<String, String>();
        all.put("HEAD", Files.readString(tree.resolve(".git/HEAD")));
        all.put("refs", git("for-each-ref"));
        all.put("index", git("ls-files", "--stage", "-v"));
        all.put("status", git("--no-optional-locks", "status", "--porcelain", "--branch"));
        all.put("files", String.join("\n", files()));
        for (String name :
                List.of("MERGE_HEAD", "MERGE_MSG", "CHERRY_PICK_HEAD", "REVERT_HEAD", "ORIG_HEAD", "logs/refs/stash")) {
            Path file = tree.resolve(".git").resolve(name);
            all.put(name, Files.exists(file) ? Files.readString(file) : "none");
        }
        return all;
    }

    /// Without what is ignored now.
    private List<String> files() throws IOException, InterruptedException {
        var lines = new ArrayList<String>();
        var ignored = List.of(git("ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory")
                .split("\0"));
        Files.walkFileTree(tree, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path at, BasicFileAttributes is) throws IOException {
                if (at.equals(tree.resolve(".git")) || ignored.contains(tree.relativize(at) + "/"))
                    return FileVisitResult.SKIP_SUBTREE;
                if (!at.equals(tree)) lines.add(told(at) + "/");
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path at, BasicFileAttributes is) throws IOException {
                if (ignored.contains(tree.relativize(at).toString())) return FileVisitResult.CONTINUE;
                lines.add(
                        is.isSymbolicLink()
                                ? tree.relativize(at) + " -> " + Files.readSymbolicLink(at)
                                : told(at) + " " + Base64.getEncoder().encodeToString(Files.readAllBytes(at)));
                return FileVisitResult.CONTINUE;
            }
        });
        lines.sort(null);
        return lines;
    }

    private String told(Path at) throws IOException {
        return tree.relativize(at) + " "
                + PosixFilePermissions.toString(Files.getPosixFilePermissions(at, LinkOption.NOFOLLOW_LINKS));
    }
}
