package dev.guardrail.server.runner.git;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.guardrail.undo.Unfit;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/// The `git` program at work on one repository. Nothing that the repository says runs another program: there are no
/// hooks, no monitor and no transport, no configuration but its own is read, and only commands are asked that use no
/// filter, editor, pager or signature.
///
/// @param program absolute path
/// @param tree the work tree, which has `.git` as a directory
record Git(Path program, Path tree) {
    /// Most that one command may say.
    private static final int MOST = 64 * 1024 * 1024;

    private static final int COMPLAINT = 4_096;
    private static final long SECONDS = 20;

    private static final List<String> QUIET = List.of(
            "--no-pager",
            "-c",
            "core.hooksPath=/dev/null",
            "-c",
            "core.fsmonitor=false",
            "-c",
            "core.untrackedCache=false",
            "-c",
            "core.quotePath=false");

    /// What a command came to.
    ///
    /// @param complaint beginning of what it wrote to standard error
    record Answer(int code, byte[] bytes, String complaint) {}

    /// The program on a search path.
    ///
    /// @param path directories, as `PATH` has them
    static Optional<Path> find(String path) {
        for (String directory : path.split(File.pathSeparator, -1)) {
            try {
                Path program = Path.of(directory, "git");
                if (program.isAbsolute() && Files.isRegularFile(program) && Files.isExecutable(program))
                    return Optional.of(program);
            } catch (InvalidPathException next) {
                continue;
            }
        }
        return Optional.empty();
    }

    /// The same, with another directory for the work tree.
    Answer beside(Path other, byte[] input, String... arguments) throws IOException {
        return run(other, input, arguments);
    }

    /// @throws IOException where the command fails
    byte[] ask(byte[] input, String... arguments) throws IOException {
        Answer answer = run(tree, input, arguments);
        if (answer.code() != 0)
            throw new IOException("`git " + arguments[0] + "` ended with " + answer.code() + ": " + answer.complaint());
        return answer.bytes();
    }

    /// What stands between the zero bytes of an answer.
    ///
    /// @throws Unfit where something is no text
    static List<String> split(byte[] bytes) throws IOException {
        var texts = new ArrayList<String>();
        int start = 0;
        for (int at = 0; at < bytes.length; at++)
            if (bytes[at] == 0) {
                texts.add(text(bytes, start, at - start));
                start = at + 1;
            }
        return texts;
    }

    /// @throws Unfit where it is no text in UTF-8, or none that can be told from another
    static String text(byte[] bytes, int from, int length) throws IOException {
        try {
            return UTF_8.newDecoder()
                    .decode(ByteBuffer.wrap(bytes, from, length))
                    .toString();
        } catch (CharacterCodingException binary) {
            throw new Unfit("a name in it is no text in UTF-8");
        }
    }

    private Answer run(Path workTree, byte[] input, String... arguments) throws IOException {
        Process process = start(workTree, arguments);
        try {
            var said = reading(process, process.getInputStream(), MOST);
            var complained = reading(process, process.getErrorStream(), Integer.MAX_VALUE - 8);
            writing(process, input);
            if (!process.waitFor(SECONDS, TimeUnit.SECONDS))
                throw new IOException("`git " + arguments[0] + "` took too long");
            byte[] complaint = complained.get();
            return new Answer(
                    process.exitValue(),
                    said.get(),
                    new String(complaint, 0, Math.min(complaint.length, COMPLAINT), UTF_8).strip());
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("`git " + arguments[0] + "` was stopped");
        } catch (ExecutionException unread) {
            if (unread.getCause() instanceof Unfit unfit) throw unfit;
            throw new IOException("what `git " + arguments[0] + "` said could not be read", unread.getCause());
        } finally {
            process.destroyForcibly();
        }
    }

    private Process start(Path workTree, String... arguments) throws IOException {
        var command = new ArrayList<String>(List.of(program.toString()));
        command.addAll(QUIET);
        command.addAll(List.of(arguments));
        var builder = new ProcessBuilder(command).directory(workTree.toFile());
        var environment = builder.environment();
        environment.clear();
        environment.put("PATH", "/usr/bin:/bin");
        environment.put("HOME", "/nonexistent");
        environment.put("LC_ALL", "C");
        environment.put("GIT_DIR", tree.resolve(".git").toString());
        environment.put("GIT_WORK_TREE", workTree.toString());
        environment.put("GIT_CONFIG_NOSYSTEM", "1");
        environment.put("GIT_CONFIG_GLOBAL", "/dev/null");
        environment.put("GIT_ATTR_NOSYSTEM", "1");
        environment.put("GIT_OPTIONAL_LOCKS", "0");
        environment.put("GIT_TERMINAL_PROMPT", "0");
        environment.put("GIT_NO_REPLACE_OBJECTS", "1");
        environment.put("GIT_NO_LAZY_FETCH", "1");
        environment.put("GIT_ALLOW_PROTOCOL", "none");
        for (String who : List.of("AUTHOR", "COMMITTER")) {
            environment.put("GIT_" + who + "_NAME", "guardrail");
            environment.put("GIT_" + who + "_EMAIL", "guardrail@localhost");
        }
        return builder.start();
    }

    /// What says too much is ended.
    private static CompletableFuture<byte[]> reading(Process process, InputStream stream, int most) {
        var read = new CompletableFuture<byte[]>();
        Thread.ofVirtual().name("guardrail-git").start(() -> {
            try (stream) {
                var bytes = new ByteArrayOutputStream();
                byte[] part = new byte[16_384];
                for (int length = stream.read(part); length >= 0; length = stream.read(part)) {
                    if (bytes.size() + length > most) throw Unfit.large("it is too large");
                    bytes.write(part, 0, length);
                }
                read.complete(bytes.toByteArray());
            } catch (IOException | OutOfMemoryError failed) {
                process.destroyForcibly();
                read.completeExceptionally(failed);
            }
        });
        return read;
    }

    /// A command that ends without reading all of it says why by how it ends.
    private static void writing(Process process, byte[] input) {
        Thread.ofVirtual().name("guardrail-git").start(() -> {
            try (var stream = process.getOutputStream()) {
                stream.write(input);
            } catch (IOException ended) {
                process.destroy();
            }
        });
    }
}
